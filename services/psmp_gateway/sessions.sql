-- name: open
INSERT INTO psmp.session (digest, tenant, agent, role, projects, api_key, created, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: find
SELECT tenant, agent, role, projects, api_key, expires
FROM psmp.session
WHERE digest = $1;

-- name: close
DELETE FROM psmp.session WHERE digest = $1;

-- name: forget
DELETE FROM psmp.session WHERE expires <= $1;
