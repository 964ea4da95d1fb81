-- migrate:up

-- What was pruned from the ledger: the bodies of a project's events up to a number, by whose word, when and why.
CREATE TABLE psmp.pruned (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    upto bigint NOT NULL CHECK (upto > 0),
    approver text NOT NULL,
    reason text NOT NULL,
    pruned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, project, upto)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.pruned
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
ALTER TABLE psmp.pruned ENABLE ALWAYS TRIGGER append_only;
GRANT SELECT ON psmp.pruned TO psmp_keeper, psmp_audit, psmp_reader;

ALTER TABLE psmp.ledger ALTER COLUMN body DROP NOT NULL;

-- A row of the ledger may lose its body, once that is recorded, and nothing else of it ever changes.
CREATE FUNCTION psmp.refuse_all_but_pruning() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.body IS NULL
        AND (NEW.tenant, NEW.project, NEW.sequence, NEW.position, NEW.leaf)
            = (OLD.tenant, OLD.project, OLD.sequence, OLD.position, OLD.leaf)
        AND EXISTS (
            SELECT FROM psmp.pruned
            WHERE pruned.tenant = OLD.tenant AND pruned.project = OLD.project AND pruned.upto >= OLD.sequence
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

DROP TRIGGER append_only ON psmp.ledger;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON psmp.ledger
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
CREATE TRIGGER only_pruned BEFORE UPDATE ON psmp.ledger
FOR EACH ROW EXECUTE FUNCTION psmp.refuse_all_but_pruning();
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER only_pruned;

-- Prunes the bodies of a project's events up to a number, in the ledger and in the projection; how many there were.
-- Leaf hashes stay, and everything that is proved by them. For the owner of the tables, unless somebody else is let.
CREATE FUNCTION psmp.prune(of_tenant text, of_project text, up_to bigint, by_approver text, for_reason text)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bodies bigint;
BEGIN
    PERFORM FROM psmp.ledger WHERE tenant = of_tenant AND project = of_project AND sequence = up_to;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the ledger has no event % of %/%', up_to, of_tenant, of_project USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO psmp.pruned (tenant, project, upto, approver, reason)
    VALUES (of_tenant, of_project, up_to, by_approver, for_reason)
    ON CONFLICT DO NOTHING;
    UPDATE psmp.ledger SET body = NULL
    WHERE tenant = of_tenant AND project = of_project AND sequence <= up_to AND body IS NOT NULL;
    GET DIAGNOSTICS bodies = ROW_COUNT;
    DELETE FROM psmp.event WHERE tenant = of_tenant AND project = of_project AND sequence <= up_to;
    RETURN bodies;
END $$;
REVOKE ALL ON FUNCTION psmp.prune FROM PUBLIC;

-- migrate:down

DROP FUNCTION psmp.prune;
DROP TRIGGER only_pruned ON psmp.ledger;
DROP TRIGGER append_only ON psmp.ledger;
DROP FUNCTION psmp.refuse_all_but_pruning;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON psmp.ledger
FOR EACH STATEMENT EXECUTE FUNCTION psmp.refuse_change();
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE psmp.ledger ALTER COLUMN body SET NOT NULL;
DROP TABLE psmp.pruned;
