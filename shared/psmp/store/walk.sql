-- name: end
SELECT max(position) FROM psmp.ledger;

-- name: between
SELECT tenant, project, sequence, position, body, leaf
FROM psmp.ledger
WHERE position BETWEEN $1 AND $2
ORDER BY position, tenant, project, sequence;
