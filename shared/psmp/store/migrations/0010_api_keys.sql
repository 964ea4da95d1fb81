-- migrate:up

DO $$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['psmp_gateway', 'psmp_keys']::name[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
END $$;

-- The keys of the HTTP API, by name; of each only the SHA-256 of its token is kept. Nothing is deleted: a key that is
-- revoked stays, so that it can be said what it was. The gateway reads them, who has psmp_keys makes and revokes them.
CREATE TABLE psmp.api_key (
    name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[0-9a-z]{8}$'),
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    tenant text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'agent', 'resolver', 'operator', 'auditor', 'admin')),
    projects text [] CHECK (cardinality(projects) > 0),
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL CHECK (expires > created),
    revoked timestamptz,
    note text NOT NULL DEFAULT ''
);

GRANT USAGE ON SCHEMA psmp TO psmp_gateway, psmp_keys;
GRANT SELECT ON psmp.schema_migrations TO psmp_gateway, psmp_keys;
GRANT SELECT ON psmp.api_key TO psmp_gateway, psmp_keys;
GRANT INSERT, UPDATE (revoked) ON psmp.api_key TO psmp_keys;

-- migrate:down

DROP TABLE psmp.api_key;
REVOKE SELECT ON psmp.schema_migrations FROM psmp_gateway, psmp_keys;
REVOKE USAGE ON SCHEMA psmp FROM psmp_gateway, psmp_keys;
