-- name: projects
SELECT project, name, state, since, sequence, updated, artifacts, conflicts
FROM psmp.project
WHERE tenant = $1 AND project > $2 AND ($4::text[] = '{}' OR state = ANY($4))
ORDER BY project
LIMIT $3;

-- name: alerts
SELECT project, alert, severity, text, hint, person, conflict, since, taken
FROM psmp.alert
WHERE
    tenant = $1
    AND ($2::text IS NULL OR project = $2)
    AND (NOT $3::boolean OR (person AND taken IS NULL))
    AND ($4::timestamptz IS NULL OR (since, project, alert) > ($4, $5, $6))
ORDER BY since, project, alert
LIMIT $7;

-- name: position
SELECT position FROM psmp.follower WHERE name = 'projector';
