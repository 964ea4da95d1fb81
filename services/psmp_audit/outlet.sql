-- name: stored
(
    SELECT
        number, 0 AS anchored, checkpoint.tenant, checkpoint.project, checkpoint.position, ledger.leaf, note
    FROM psmp.checkpoint
    LEFT JOIN psmp.ledger
        ON (ledger.tenant, ledger.project, ledger.sequence) = (checkpoint.tenant, checkpoint.project, checkpoint.size)
    WHERE number > $1
    ORDER BY number
    LIMIT $3
)
UNION ALL
(
    SELECT anchor.size, 1, '_', 'anchor', checkpoint.position, checkpoint.leaf, anchor.note
    FROM psmp.anchor
    JOIN psmp.checkpoint ON checkpoint.number = anchor.size
    WHERE anchor.size > $1 OR (anchor.size = $1 AND $2::int = 0)
    ORDER BY anchor.size
    LIMIT $3
)
ORDER BY 1, 2
LIMIT $3;

-- name: number
SELECT number FROM psmp.checkpoint WHERE (tenant, project, size) = ($1, $2, $3);

-- name: note
SELECT note FROM psmp.checkpoint WHERE number = $1 AND $2::int = 0
UNION ALL
SELECT note FROM psmp.anchor WHERE size = $1 AND $2::int = 1;
