-- name: taken
SELECT position FROM psmp.follower WHERE name = 'audit';

-- name: pruned
SELECT tenant, project, max(upto) FROM psmp.pruned GROUP BY tenant, project;

-- name: walk
SELECT tenant, project, sequence, position, leaf, body
FROM psmp.ledger
ORDER BY tenant, project, sequence;

-- name: walk_one
SELECT tenant, project, sequence, position, leaf, body
FROM psmp.ledger
WHERE tenant = $1 AND project = $2
ORDER BY sequence;
