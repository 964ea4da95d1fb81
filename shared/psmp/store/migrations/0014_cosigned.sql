-- migrate:up

-- Checkpoints that witnesses cosigned after they were stored: the whole note once more, with more signatures under it.
CREATE TABLE psmp.cosigned (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    witnesses smallint NOT NULL CHECK (witnesses > 0),
    note text NOT NULL,
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, project, size, witnesses),
    FOREIGN KEY (tenant, project, size) REFERENCES psmp.checkpoint (tenant, project, size)
);
COMMENT ON COLUMN psmp.cosigned.witnesses IS 'how many have cosigned it: of one checkpoint the row with most counts';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.cosigned
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
ALTER TABLE psmp.cosigned ENABLE ALWAYS TRIGGER append_only;

-- What is stored of each checkpoint, with the note that most witnesses have cosigned.
CREATE VIEW psmp.noted AS
SELECT
    checkpoint.number,
    checkpoint.tenant,
    checkpoint.project,
    checkpoint.size,
    checkpoint.root,
    checkpoint.position,
    checkpoint.leaf,
    coalesce(later.note, checkpoint.note) AS note,
    checkpoint.signed_at
FROM psmp.checkpoint
LEFT JOIN LATERAL (
    SELECT note FROM psmp.cosigned
    WHERE (cosigned.tenant, cosigned.project, cosigned.size) = (checkpoint.tenant, checkpoint.project, checkpoint.size)
    ORDER BY witnesses DESC
    LIMIT 1
) AS later ON true;

GRANT SELECT, INSERT ON psmp.cosigned TO psmp_audit;
GRANT SELECT ON psmp.cosigned TO psmp_reader;
GRANT SELECT ON psmp.noted TO psmp_audit, psmp_reader;

-- migrate:down

DROP VIEW psmp.noted;
DROP TABLE psmp.cosigned;
