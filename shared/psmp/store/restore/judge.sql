-- name: bodies
SELECT body, leaf FROM psmp.ledger WHERE (tenant, project) = ($1, $2) ORDER BY sequence;
