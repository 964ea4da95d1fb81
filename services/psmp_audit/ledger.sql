-- name: heads
SELECT wanted.tenant, wanted.project, head.position, head.sequence, head.leaf
FROM unnest($1::text[], $2::text[]) AS wanted (tenant, project)
CROSS JOIN LATERAL (
    SELECT position, sequence, leaf FROM psmp.ledger
    WHERE (ledger.tenant, ledger.project) = (wanted.tenant, wanted.project)
    ORDER BY sequence DESC
    LIMIT 1
) AS head;

-- name: leaf
SELECT leaf FROM psmp.ledger WHERE tenant = $1 AND project = $2 AND sequence = $3;
