-- migrate:up

-- Every event of the log, for questions in SQL. recorded_at is the time in the event itself, so that an event which is
-- delivered again belongs to the same partition and is the same row.
CREATE TABLE psmp.event (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    causation uuid NOT NULL,
    correlation uuid NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tenant, project, sequence, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE INDEX event_recorded_at ON psmp.event USING brin (recorded_at) WITH (autosummarize = on);
CREATE INDEX event_position ON psmp.event USING brin (position) WITH (autosummarize = on);

-- Takes what no month is there for: a clock that is far off must stop nobody.
CREATE TABLE psmp.event_default PARTITION OF psmp.event DEFAULT;

-- Makes the partition of a month and of the months after it where they are missing; how many it made. The writer calls it
-- ahead of need and may do no more than this, so it runs with the rights of whoever migrated. A month that has rows in
-- event_default already stays there.
CREATE FUNCTION psmp.make_event_partitions(first timestamptz, more integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    start timestamptz;
    stop timestamptz;
    partition name;
    made integer := 0;
BEGIN
    FOR ahead IN 0..least(more, 12) LOOP
        start := date_trunc('month', first) + make_interval(months => ahead);
        stop := start + make_interval(months => 1);
        partition := 'event_' || to_char(start, 'YYYY_MM');
        CONTINUE WHEN to_regclass(format('psmp.%I', partition)) IS NOT NULL;
        CONTINUE WHEN EXISTS (
            SELECT FROM psmp.event_default WHERE recorded_at >= start AND recorded_at < stop
        );
        EXECUTE format(
            'CREATE TABLE psmp.%I PARTITION OF psmp.event FOR VALUES FROM (%L) TO (%L)', partition, start, stop
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

REVOKE EXECUTE ON FUNCTION psmp.make_event_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psmp.make_event_partitions TO psmp_keeper;

-- The rest is the state of every project, row by row: see psmp/store/projection.py, which says what each row is.
CREATE TABLE psmp.project (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    state text NOT NULL,
    targets jsonb NOT NULL,
    policy jsonb NOT NULL,
    created timestamptz NOT NULL,
    since timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    sequence bigint NOT NULL,
    stalled boolean NOT NULL,
    detected bigint NOT NULL,
    artifacts bigint NOT NULL,
    conflicts bigint NOT NULL,
    silent jsonb NOT NULL,
    PRIMARY KEY (tenant, project)
) WITH (fillfactor = 70);

CREATE TABLE psmp.artifact (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    artifact text COLLATE "C" NOT NULL,
    agent text NOT NULL,
    type text NOT NULL,
    version bigint NOT NULL,
    status text NOT NULL,
    summary text NOT NULL,
    packages jsonb NOT NULL,
    dependencies jsonb NOT NULL,
    paths jsonb NOT NULL,
    metadata jsonb NOT NULL,
    sequence bigint NOT NULL,
    declared timestamptz NOT NULL,
    PRIMARY KEY (tenant, project, artifact)
) WITH (fillfactor = 60);

-- Who needs a package: WHERE packages @> '["pypi/numpy"]'.
CREATE INDEX artifact_packages ON psmp.artifact USING gin (packages jsonb_path_ops);

CREATE TABLE psmp.conflict (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    conflict text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    ecosystem text NOT NULL,
    subject text NOT NULL,
    scope text NOT NULL,
    severity text NOT NULL,
    blocking boolean NOT NULL,
    text text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (tenant, project, conflict)
);

CREATE TABLE psmp.slot (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    fence bigint NOT NULL,
    since timestamptz NOT NULL,
    lease_seconds bigint NOT NULL,
    declared boolean NOT NULL,
    PRIMARY KEY (tenant, project, agent)
) WITH (fillfactor = 70);

-- What every artifact needs, one row each.
CREATE VIEW psmp.dependency AS
SELECT
    artifact.tenant, artifact.project, artifact.artifact, artifact.agent, artifact.status, need.ordinal,
    need.value ->> 'ecosystem' AS ecosystem, need.value ->> 'name' AS name, need.value ->> 'constraint' AS requirement,
    need.value ->> 'scope' AS scope, need.value -> 'extras' AS extras, need.value ->> 'marker' AS marker,
    need.value ->> 'purpose' AS purpose
FROM psmp.artifact
CROSS JOIN LATERAL jsonb_array_elements(artifact.dependencies) WITH ORDINALITY AS need (value, ordinal);

-- Events with their data opened, for people and dashboards.
CREATE VIEW psmp.event_data AS
SELECT
    tenant, project, sequence, position, recorded_at, id, kind, source, actor, causation, correlation,
    convert_from(body, 'UTF8')::jsonb -> 'data' AS data
FROM psmp.event;

GRANT SELECT, INSERT ON psmp.event TO psmp_keeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON psmp.project, psmp.artifact, psmp.conflict, psmp.slot TO psmp_keeper;
GRANT SELECT ON psmp.event, psmp.event_data, psmp.project, psmp.artifact, psmp.dependency, psmp.conflict, psmp.slot
TO psmp_reader;

-- migrate:down

DROP VIEW psmp.event_data, psmp.dependency;
DROP TABLE psmp.slot, psmp.conflict, psmp.artifact, psmp.project, psmp.event;
DROP FUNCTION psmp.make_event_partitions;
