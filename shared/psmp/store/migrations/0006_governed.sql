-- migrate:up

-- An agent may hold several slots, each with its fence.
ALTER TABLE psmp.slot DROP CONSTRAINT slot_pkey;
ALTER TABLE psmp.slot ADD PRIMARY KEY (tenant, project, fence);
ALTER TABLE psmp.slot
ADD COLUMN renewed timestamptz,
ADD COLUMN term_seconds bigint,
ADD COLUMN limits jsonb;
UPDATE psmp.slot SET renewed = since;
ALTER TABLE psmp.slot ALTER COLUMN renewed SET NOT NULL;

-- Who waits for a slot, in the order of the requests.
CREATE TABLE psmp.waiting (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    wait_seconds bigint NOT NULL,
    limits jsonb,
    PRIMARY KEY (tenant, project, request)
);

-- Resolutions under way.
CREATE TABLE psmp.resolution (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    resolution text COLLATE "C" NOT NULL,
    conflict text COLLATE "C" NOT NULL,
    stage text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (tenant, project, resolution)
);

-- Open alerts; those of a person that nobody has taken are the inbox.
CREATE TABLE psmp.alert (
    tenant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    alert text COLLATE "C" NOT NULL,
    severity text NOT NULL,
    text text NOT NULL,
    hint text NOT NULL,
    person boolean NOT NULL,
    conflict text,
    since timestamptz NOT NULL,
    taken text,
    PRIMARY KEY (tenant, project, alert)
);

ALTER TABLE psmp.conflict
ADD COLUMN waiver jsonb;

GRANT SELECT, INSERT, UPDATE, DELETE ON psmp.waiting, psmp.resolution, psmp.alert TO psmp_keeper;
GRANT SELECT ON psmp.waiting, psmp.resolution, psmp.alert TO psmp_reader;

-- migrate:down

ALTER TABLE psmp.conflict
DROP COLUMN waiver;
DROP TABLE psmp.alert, psmp.resolution, psmp.waiting;
ALTER TABLE psmp.slot DROP CONSTRAINT slot_pkey;
ALTER TABLE psmp.slot
DROP COLUMN renewed,
DROP COLUMN term_seconds,
DROP COLUMN limits;
DELETE FROM psmp.slot AS older USING psmp.slot AS newer
WHERE
    (older.tenant, older.project, older.agent) = (newer.tenant, newer.project, newer.agent)
    AND older.fence < newer.fence;
ALTER TABLE psmp.slot ADD PRIMARY KEY (tenant, project, agent);
