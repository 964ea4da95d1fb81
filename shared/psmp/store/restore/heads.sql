-- name: taken
SELECT position, coalesce(encode(leaf, 'hex'), '') AS leaf FROM psmp.follower WHERE name = 'audit';

-- name: heads
WITH RECURSIVE known AS (
    (SELECT tenant, project FROM psmp.ledger ORDER BY tenant, project LIMIT 1)
    UNION ALL
    SELECT following.tenant, following.project
    FROM known
    CROSS JOIN LATERAL (
        SELECT tenant, project FROM psmp.ledger
        WHERE (tenant, project) > (known.tenant, known.project)
        ORDER BY tenant, project
        LIMIT 1
    ) AS following
)
SELECT known.tenant, known.project, head.position, head.sequence, encode(head.leaf, 'hex') AS leaf
FROM known
CROSS JOIN LATERAL (
    SELECT position, sequence, leaf FROM psmp.ledger
    WHERE (tenant, project) = (known.tenant, known.project)
    ORDER BY sequence DESC
    LIMIT 1
) AS head;

-- name: at_position
SELECT tenant, project, sequence, encode(leaf, 'hex') AS leaf FROM psmp.ledger WHERE position = $1;

-- name: leaves
SELECT asked.tenant, asked.project, encode(ledger.leaf, 'hex') AS leaf
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (tenant, project, sequence)
JOIN psmp.ledger AS ledger USING (tenant, project, sequence);

-- name: held
SELECT tenant, project, min(sequence), max(sequence), min(position), max(position)
FROM psmp.ledger
WHERE position BETWEEN $1 AND $2 AND body IS NOT NULL
GROUP BY tenant, project
ORDER BY tenant, project;

-- name: promises
WITH RECURSIVE known AS (
    (SELECT tenant, project FROM psmp.checkpoint ORDER BY tenant, project LIMIT 1)
    UNION ALL
    SELECT following.tenant, following.project
    FROM known
    CROSS JOIN LATERAL (
        SELECT tenant, project FROM psmp.checkpoint
        WHERE (tenant, project) > (known.tenant, known.project)
        ORDER BY tenant, project
        LIMIT 1
    ) AS following
)
SELECT known.tenant, known.project, newest.position, newest.note
FROM known
CROSS JOIN LATERAL (
    SELECT position, note FROM psmp.checkpoint
    WHERE (tenant, project) = (known.tenant, known.project)
    ORDER BY size DESC
    LIMIT 1
) AS newest;
