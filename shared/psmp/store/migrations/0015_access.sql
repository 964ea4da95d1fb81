-- migrate:up

-- A key is an identity at both doors: ``nkey`` is the public key of its NATS user, none for keys that have no such user.
-- ``privileged``: what its holder says counts as a privileged client's, by this key alone.
ALTER TABLE psmp.api_key
ADD COLUMN privileged boolean NOT NULL DEFAULT false,
ADD COLUMN nkey text COLLATE "C" UNIQUE CHECK (nkey ~ '^U[A-Z2-7]{55}$');

-- Who is signed in to the dashboard. Of the cookie only the SHA-256 is kept. ``api_key`` is the key that was shown: the
-- session ends with it. The gateway makes sessions and ends them; those that are over are deleted.
CREATE TABLE psmp.session (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    tenant text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'agent', 'resolver', 'operator', 'auditor', 'admin')),
    projects text [] CHECK (cardinality(projects) > 0),
    api_key text COLLATE "C" REFERENCES psmp.api_key (name),
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL CHECK (expires > created)
);

CREATE INDEX session_expires ON psmp.session (expires);

GRANT SELECT, INSERT, DELETE ON psmp.session TO psmp_gateway;

-- migrate:down

DROP TABLE psmp.session;
ALTER TABLE psmp.api_key DROP COLUMN privileged, DROP COLUMN nkey;
