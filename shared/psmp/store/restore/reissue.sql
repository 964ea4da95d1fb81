-- name: numbers
SELECT coalesce(max(number), 0) FROM psmp.checkpoint;

-- name: anchored
SELECT coalesce(max(size), 0) FROM psmp.anchor;

-- name: add_checkpoint
INSERT INTO psmp.checkpoint (number, tenant, project, size, root, position, leaf, note, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: add_anchor
INSERT INTO psmp.anchor (size, root, note, signed_at) VALUES ($1, $2, $3, $4);
