-- migrate:up

-- Every message of the log again, byte for byte, with its RFC 6962 leaf hash. Rows are added and never touched again.
CREATE TABLE psmp.ledger (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    position bigint NOT NULL CHECK (position > 0),
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    body bytea NOT NULL,
    PRIMARY KEY (tenant, project, sequence)
);

CREATE INDEX ledger_position ON psmp.ledger USING brin (position) WITH (autosummarize = on);

CREATE FUNCTION psmp.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.ledger
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
-- Also for sessions that replay as a replica, where plain triggers do not fire.
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON psmp.ledger TO psmp_audit;
GRANT SELECT ON psmp.ledger TO psmp_reader;

-- migrate:down

DROP TABLE psmp.ledger;
DROP FUNCTION psmp.refuse_change;
