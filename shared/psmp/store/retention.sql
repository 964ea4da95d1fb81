-- name: archived
SELECT project.tenant, project.project, project.since, head.sequence, kept.bodies + copied.bodies AS bodies
FROM psmp.project
CROSS JOIN LATERAL (
    SELECT max(sequence) AS sequence FROM psmp.ledger
    WHERE ledger.tenant = project.tenant AND ledger.project = project.project
) AS head
CROSS JOIN LATERAL (
    SELECT count(*) AS bodies FROM psmp.ledger
    WHERE ledger.tenant = project.tenant AND ledger.project = project.project AND body IS NOT NULL
) AS kept
CROSS JOIN LATERAL (
    SELECT count(*) AS bodies FROM psmp.event
    WHERE event.tenant = project.tenant AND event.project = project.project
) AS copied
WHERE project.phase = 'ARCHIVED' AND ($1::text IS NULL OR project.tenant = $1) AND head.sequence IS NOT NULL
ORDER BY project.tenant, project.project;

-- name: prune
SELECT psmp.prune($1, $2, $3, $4, $5);

-- name: vacuum
VACUUM psmp.ledger;
