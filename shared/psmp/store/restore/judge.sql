-- name: bodies
SELECT body, leaf FROM psmp.ledger WHERE (tenant, project) = ($1, $2) ORDER BY sequence;

-- name: pruned
SELECT leaf FROM psmp.ledger
WHERE (tenant, project) = ($1, $2) AND sequence > $3 AND sequence <= $4 AND body IS NULL
ORDER BY sequence;
