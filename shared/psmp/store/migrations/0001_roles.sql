-- migrate:up

-- Group roles without login: an operator grants them to the users that services log in as. They belong to the whole
-- cluster, so they may be there already, and another database may be making them at this moment.
DO $$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['psmp_keeper', 'psmp_audit', 'psmp_reader']::name[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA psmp TO psmp_keeper, psmp_audit, psmp_reader;
-- Whoever reads may know which migrations it reads the work of.
GRANT SELECT ON psmp.schema_migrations TO psmp_keeper, psmp_audit, psmp_reader;

-- Who follows the log, and how far its tables have taken it in. Written in the same transaction as what it speaks of.
CREATE TABLE psmp.follower (
    name text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    leaf bytea,
    written_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO psmp.follower (name) VALUES ('projector'), ('audit');

-- Projects that a follower has stopped at: what it met there, and why it went no further with them.
CREATE TABLE psmp.damage (
    follower text NOT NULL REFERENCES psmp.follower,
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    why text NOT NULL,
    body bytea NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (follower, tenant, project)
);

GRANT SELECT ON psmp.follower, psmp.damage TO psmp_keeper, psmp_audit, psmp_reader;
GRANT UPDATE (position, leaf, written_at) ON psmp.follower TO psmp_keeper, psmp_audit;
GRANT INSERT ON psmp.damage TO psmp_keeper, psmp_audit;

-- Each follower writes its own rows alone.
ALTER TABLE psmp.follower ENABLE ROW LEVEL SECURITY;
ALTER TABLE psmp.damage ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON psmp.follower FOR SELECT USING (true);
CREATE POLICY seen ON psmp.damage FOR SELECT USING (true);
CREATE POLICY projector ON psmp.follower FOR UPDATE TO psmp_keeper USING (name = 'projector');
CREATE POLICY projector ON psmp.damage FOR INSERT TO psmp_keeper WITH CHECK (follower = 'projector');
CREATE POLICY audit ON psmp.follower FOR UPDATE TO psmp_audit USING (name = 'audit');
CREATE POLICY audit ON psmp.damage FOR INSERT TO psmp_audit WITH CHECK (follower = 'audit');

-- migrate:down

DROP TABLE psmp.damage;
DROP TABLE psmp.follower;
REVOKE SELECT ON psmp.schema_migrations FROM psmp_keeper, psmp_audit, psmp_reader;
REVOKE USAGE ON SCHEMA psmp FROM psmp_keeper, psmp_audit, psmp_reader;
