-- name: covered
WITH RECURSIVE known AS (
    (
        SELECT tenant, project FROM psmp.ledger
        WHERE $1::text IS NULL OR (tenant, project) = ($1, $2::text)
        ORDER BY tenant, project
        LIMIT 1
    )
    UNION ALL
    SELECT following.tenant, following.project
    FROM known
    CROSS JOIN LATERAL (
        SELECT ledger.tenant, ledger.project FROM psmp.ledger
        WHERE $1::text IS NULL AND (ledger.tenant, ledger.project) > (known.tenant, known.project)
        ORDER BY ledger.tenant, ledger.project
        LIMIT 1
    ) AS following
)
SELECT known.tenant, known.project, head.sequence, last.size, last.note, last.signed_at
FROM known
CROSS JOIN LATERAL (
    SELECT max(sequence) AS sequence FROM psmp.ledger
    WHERE (ledger.tenant, ledger.project) = (known.tenant, known.project)
) AS head
LEFT JOIN LATERAL (
    SELECT size, note, signed_at FROM psmp.noted
    WHERE (noted.tenant, noted.project) = (known.tenant, known.project)
    ORDER BY size DESC
    LIMIT 1
) AS last ON true
ORDER BY 1, 2;

-- name: anchored
SELECT made.number, last.size, last.note, last.signed_at
FROM (SELECT max(number) AS number FROM psmp.checkpoint) AS made
LEFT JOIN (SELECT size, note, signed_at FROM psmp.anchor ORDER BY size DESC LIMIT 1) AS last ON true
WHERE made.number IS NOT NULL;

-- name: newest
SELECT size, note, signed_at FROM psmp.noted
WHERE (tenant, project) = ($1, $2) AND size >= $3
ORDER BY size DESC
LIMIT 1;

-- name: of_size
SELECT size, note, signed_at FROM psmp.noted
WHERE (tenant, project) = ($1, $2) AND size = $3;

-- name: newest_anchored
SELECT size, note, signed_at FROM psmp.anchor
WHERE size >= $1
ORDER BY size DESC
LIMIT 1;
