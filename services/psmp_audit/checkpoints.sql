-- name: committed
SELECT position FROM psmp.follower WHERE name = 'audit';

-- name: uncovered
WITH RECURSIVE project AS (
    (SELECT tenant, project FROM psmp.ledger ORDER BY tenant, project LIMIT 1)
    UNION ALL
    SELECT following.tenant, following.project
    FROM project
    CROSS JOIN LATERAL (
        SELECT ledger.tenant, ledger.project FROM psmp.ledger
        WHERE (ledger.tenant, ledger.project) > (project.tenant, project.project)
        ORDER BY ledger.tenant, ledger.project
        LIMIT 1
    ) AS following
)
SELECT project.tenant, project.project, head.sequence, head.position, coalesce(last.size, 0)
FROM project
CROSS JOIN LATERAL (
    SELECT sequence, position FROM psmp.ledger
    WHERE (ledger.tenant, ledger.project) = (project.tenant, project.project)
    ORDER BY sequence DESC
    LIMIT 1
) AS head
LEFT JOIN LATERAL (
    SELECT size FROM psmp.checkpoint
    WHERE (checkpoint.tenant, checkpoint.project) = (project.tenant, project.project)
    ORDER BY size DESC
    LIMIT 1
) AS last ON true
WHERE head.sequence > coalesce(last.size, 0);

-- name: last
SELECT wanted.tenant, wanted.project, last.size, last.note
FROM unnest($1::text[], $2::text[]) AS wanted (tenant, project)
CROSS JOIN LATERAL (
    SELECT size, note FROM psmp.checkpoint
    WHERE (checkpoint.tenant, checkpoint.project) = (wanted.tenant, wanted.project)
    ORDER BY size DESC
    LIMIT 1
) AS last;

-- name: head
SELECT max(sequence) FROM psmp.ledger WHERE (tenant, project) = ($1, $2);

-- name: count
SELECT coalesce(max(number), 0) FROM psmp.checkpoint;

-- name: anchored
SELECT size, note FROM psmp.anchor ORDER BY size DESC LIMIT 1;
