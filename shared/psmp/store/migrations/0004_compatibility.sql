-- migrate:up

-- A conflict on a path belongs to no ecosystem and no scope; one of artifacts that share an environment of their own
-- names that environment.
ALTER TABLE psmp.conflict
ALTER COLUMN ecosystem DROP NOT NULL,
ALTER COLUMN scope DROP NOT NULL,
ADD COLUMN environment text;

ALTER TABLE psmp.artifact
ADD COLUMN requires_python text,
ADD COLUMN environment text;

CREATE OR REPLACE VIEW psmp.dependency AS
SELECT
    artifact.tenant, artifact.project, artifact.artifact, artifact.agent, artifact.status, need.ordinal,
    need.value ->> 'ecosystem' AS ecosystem, need.value ->> 'name' AS name, need.value ->> 'constraint' AS requirement,
    need.value ->> 'scope' AS scope, need.value -> 'extras' AS extras, need.value ->> 'marker' AS marker,
    need.value ->> 'purpose' AS purpose, need.value ->> 'reference' AS reference, need.value ->> 'location' AS location,
    artifact.environment
FROM psmp.artifact
CROSS JOIN LATERAL jsonb_array_elements(artifact.dependencies) WITH ORDINALITY AS need (value, ordinal);

-- migrate:down

DROP VIEW psmp.dependency;

ALTER TABLE psmp.artifact
DROP COLUMN environment,
DROP COLUMN requires_python;

ALTER TABLE psmp.conflict
DROP COLUMN environment,
ALTER COLUMN scope SET NOT NULL,
ALTER COLUMN ecosystem SET NOT NULL;

CREATE VIEW psmp.dependency AS
SELECT
    artifact.tenant, artifact.project, artifact.artifact, artifact.agent, artifact.status, need.ordinal,
    need.value ->> 'ecosystem' AS ecosystem, need.value ->> 'name' AS name, need.value ->> 'constraint' AS requirement,
    need.value ->> 'scope' AS scope, need.value -> 'extras' AS extras, need.value ->> 'marker' AS marker,
    need.value ->> 'purpose' AS purpose
FROM psmp.artifact
CROSS JOIN LATERAL jsonb_array_elements(artifact.dependencies) WITH ORDINALITY AS need (value, ordinal);

GRANT SELECT ON psmp.dependency TO psmp_reader;
