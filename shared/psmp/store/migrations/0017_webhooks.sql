-- migrate:up

-- The webhooks of a tenant as the log tells; what they are signed with is nowhere in here.
CREATE TABLE psmp.webhook (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    url text NOT NULL,
    kinds jsonb NOT NULL,
    agent text NOT NULL,
    since timestamptz NOT NULL,
    sequence bigint NOT NULL,
    ended timestamptz,
    reason text NOT NULL,
    PRIMARY KEY (tenant, project, webhook)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON psmp.webhook TO psmp_keeper;
GRANT SELECT ON psmp.webhook TO psmp_reader;

-- migrate:down

DROP TABLE psmp.webhook;
