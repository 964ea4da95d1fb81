-- name: end
SELECT max(position) FROM psmp.ledger WHERE body IS NOT NULL;

-- name: position
SELECT position FROM psmp.ledger WHERE (tenant, project, sequence) = ($1, $2, $3) AND body IS NOT NULL;

-- name: leaf
SELECT leaf FROM psmp.ledger WHERE (tenant, project, sequence) = ($1, $2, $3);
