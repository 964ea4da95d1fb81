-- name: projects
SELECT project, name, state, since, sequence, updated, artifacts, conflicts
FROM psmp.project
WHERE tenant = $1 AND project > $2
ORDER BY project
LIMIT $3;

-- name: position
SELECT position FROM psmp.follower WHERE name = 'projector';
