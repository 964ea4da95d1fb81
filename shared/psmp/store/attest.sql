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
