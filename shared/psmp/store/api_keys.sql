-- name: make
INSERT INTO psmp.api_key (name, digest, tenant, agent, role, projects, created, expires, note, privileged, nkey)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: all
SELECT name, digest, tenant, agent, role, projects, created, expires, revoked, note, privileged, nkey
FROM psmp.api_key
ORDER BY created, name;

-- name: good
SELECT name, digest, tenant, agent, role, projects, created, expires, revoked, note, privileged, nkey
FROM psmp.api_key
WHERE (revoked IS NULL OR revoked > now()) AND expires > now();

-- name: named
SELECT name, digest, tenant, agent, role, projects, created, expires, revoked, note, privileged, nkey
FROM psmp.api_key
WHERE name = $1;

-- name: revoke
UPDATE psmp.api_key SET revoked = $2 WHERE name = $1 AND (revoked IS NULL OR revoked > $2);

-- name: end
UPDATE psmp.api_key SET revoked = $2 WHERE name = $1 AND (revoked IS NULL OR revoked > $2);

-- name: revoke_noted
UPDATE psmp.api_key SET revoked = $2 WHERE note = $1 AND revoked IS NULL;
