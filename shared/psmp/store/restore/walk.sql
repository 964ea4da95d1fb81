-- name: end
SELECT max(position) FROM psmp.ledger;

-- name: behind
SELECT tenant, project, sequence, position, body, leaf
FROM psmp.ledger
WHERE position > $1
ORDER BY position, tenant, project, sequence;
