-- migrate:up

-- The planned tasks of a project, with those that are archived.
CREATE TABLE psmp.task (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    status text NOT NULL,
    title text NOT NULL,
    details text NOT NULL,
    agent text,
    artifacts jsonb NOT NULL,
    author text NOT NULL,
    since timestamptz NOT NULL,
    sequence bigint NOT NULL,
    changed timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (tenant, project, task)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON psmp.task TO psmp_keeper;
GRANT SELECT ON psmp.task TO psmp_reader;

-- migrate:down

DROP TABLE psmp.task;
