-- name: bodies
SELECT body FROM psmp.ledger
WHERE (tenant, project) = ($1, $2) AND sequence > $3 AND sequence <= $4
ORDER BY sequence;

-- name: anchored
SELECT note FROM psmp.checkpoint
WHERE number > $1 AND number <= $2
ORDER BY number;
