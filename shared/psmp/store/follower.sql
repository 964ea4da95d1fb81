-- name: lock
SELECT pg_try_advisory_lock(1886612848, hashtext($1));

-- name: mark
SELECT position, leaf, (SELECT count(*) FROM psmp.damage WHERE follower = name) AS stopped
FROM psmp.follower
WHERE name = $1;

-- name: damaged
SELECT tenant, project FROM psmp.damage WHERE follower = $1;

-- name: advance
UPDATE psmp.follower SET position = $3, leaf = $4, written_at = now()
WHERE name = $1 AND position = $2
RETURNING true;

-- name: stop
INSERT INTO psmp.damage (follower, tenant, project, position, why, body)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: pruned_between
SELECT psmp.pruned_between($1, $2);
