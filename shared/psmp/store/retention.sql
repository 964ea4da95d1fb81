-- name: archived
SELECT tenant, project, since
FROM psmp.project
WHERE phase = 'ARCHIVED' AND ($1::text IS NULL OR tenant = $1)
ORDER BY tenant, project;

-- name: recorded
SELECT
    (SELECT max(sequence) FROM psmp.ledger WHERE tenant = $1 AND project = $2) AS sequence,
    (SELECT max(size) FROM psmp.checkpoint WHERE tenant = $1 AND project = $2) AS signed;

-- name: bodies
SELECT
    (
        SELECT count(*) FROM psmp.ledger
        WHERE tenant = $1 AND project = $2 AND sequence <= $3 AND body IS NOT NULL
    ) AS ledger,
    (SELECT count(*) FROM psmp.event WHERE tenant = $1 AND project = $2 AND sequence <= $3) AS events;

-- name: taken
SELECT bool_and(position >= $1) FROM psmp.follower;

-- name: prune
SELECT psmp.prune($1, $2, $3, $4, $5);

-- name: forget_damage
UPDATE psmp.damage SET body = '' WHERE tenant = $1 AND project = $2;

-- name: has_aside
SELECT to_regclass('psmp.ledger_aside') IS NOT NULL;

-- name: forget_aside
DELETE FROM psmp.ledger_aside WHERE tenant = $1 AND project = $2 AND sequence <= $3;

-- name: vacuum
VACUUM
    psmp.ledger, psmp.event, psmp.project, psmp.artifact, psmp.conflict, psmp.slot, psmp.waiting, psmp.resolution,
    psmp.alert, psmp.webhook, psmp.task, psmp.damage;
