-- name: records
SELECT tenant, project, leaf, body
FROM psmp.ledger
WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR project = $2)
ORDER BY tenant, project, sequence;

-- name: checkpoints
SELECT tenant, project, note
FROM psmp.noted
WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR project = $2)
ORDER BY tenant, project, size;

-- name: anchored
SELECT note FROM psmp.checkpoint ORDER BY number;

-- name: anchors
SELECT note FROM psmp.anchor ORDER BY size;
