-- name: newest
WITH RECURSIVE known AS (
    (
        SELECT tenant, project FROM psmp.checkpoint
        WHERE (tenant, project) > ($1, $2)
        ORDER BY tenant, project
        LIMIT 1
    )
    UNION ALL
    SELECT following.tenant, following.project
    FROM known
    CROSS JOIN LATERAL (
        SELECT tenant, project FROM psmp.checkpoint
        WHERE (tenant, project) > (known.tenant, known.project)
        ORDER BY tenant, project
        LIMIT 1
    ) AS following
)
SELECT known.tenant, known.project, newest.note
FROM known
CROSS JOIN LATERAL (
    SELECT note FROM psmp.noted
    WHERE (noted.tenant, noted.project) = (known.tenant, known.project)
    ORDER BY size DESC
    LIMIT 1
) AS newest
LIMIT $3;

-- name: keep
INSERT INTO psmp.cosigned (tenant, project, size, witnesses, note, cosigned_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING;
