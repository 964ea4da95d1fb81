-- name: tenants
SELECT DISTINCT tenant FROM psmp.project ORDER BY tenant;

-- name: projects
SELECT project FROM psmp.project WHERE tenant = $1 ORDER BY project;
