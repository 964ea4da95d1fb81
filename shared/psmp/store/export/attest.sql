-- name: entries
SELECT sequence, position, leaf, body
FROM psmp.ledger
WHERE tenant = $1 AND project = $2
ORDER BY sequence;

-- name: checkpoint
SELECT size, root, position, note
FROM psmp.checkpoint
WHERE tenant = $1 AND project = $2
ORDER BY size DESC
LIMIT 1;

-- name: keys
SELECT DISTINCT tenant, project
FROM psmp.ledger
WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR project = $2)
ORDER BY tenant, project;
