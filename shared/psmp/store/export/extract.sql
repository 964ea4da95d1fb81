-- name: sources
SELECT head.tenant, head.project, last.sequence, last.position, last.leaf, signed.note
FROM (
    SELECT tenant, project, max(sequence) AS sequence
    FROM psmp.ledger
    WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR project = $2)
    GROUP BY tenant, project
) AS head
INNER JOIN psmp.ledger AS last USING (tenant, project, sequence)
LEFT JOIN LATERAL (
    SELECT note FROM psmp.checkpoint
    WHERE (checkpoint.tenant, checkpoint.project) = (head.tenant, head.project) AND checkpoint.size <= head.sequence
    ORDER BY checkpoint.size DESC
    LIMIT 1
) AS signed ON true
ORDER BY head.tenant, head.project;

-- name: entries
SELECT tenant, project, sequence, position, leaf, body
FROM psmp.ledger
WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR project = $2)
ORDER BY tenant, project, sequence;
