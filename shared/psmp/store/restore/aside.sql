-- name: aside
CREATE TABLE IF NOT EXISTS psmp.ledger_aside (
    LIKE psmp.ledger,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    why text NOT NULL
);

-- name: unlock
ALTER TABLE psmp.ledger DISABLE TRIGGER append_only;
ALTER TABLE psmp.tile DISABLE TRIGGER append_only;

-- name: lock
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE psmp.tile ENABLE ALWAYS TRIGGER append_only;

-- name: move
WITH moved AS (
    DELETE FROM psmp.ledger WHERE (tenant, project) = ($1, $2) AND sequence >= $3 RETURNING *
), kept AS (
    INSERT INTO psmp.ledger_aside SELECT moved.*, now(), $4 FROM moved RETURNING position
)
SELECT count(*) AS moved, min(position) AS begin FROM kept;

-- name: forget_tiles
DELETE FROM psmp.tile WHERE (tenant, project) = ($1, $2);

-- name: forget_damage
DELETE FROM psmp.damage WHERE follower = 'audit' AND (tenant, project) = ($1, $2);

-- name: set_back
UPDATE psmp.follower
SET position = $1, leaf = $2, written_at = now()
WHERE name = 'audit' AND position > $1;
