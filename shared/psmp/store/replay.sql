-- name: position
SELECT position FROM psmp.follower WHERE name = 'projector';

-- name: stopped
SELECT position, why FROM psmp.damage WHERE follower = 'projector' AND tenant = $1 AND project = $2;

-- name: pruned
SELECT max(upto) FROM psmp.pruned WHERE tenant = $1 AND project = $2;

-- name: projects
SELECT tenant, project FROM psmp.project
UNION SELECT tenant, project FROM psmp.artifact
UNION SELECT tenant, project FROM psmp.conflict
UNION SELECT tenant, project FROM psmp.slot
UNION SELECT tenant, project FROM psmp.waiting
UNION SELECT tenant, project FROM psmp.resolution
UNION SELECT tenant, project FROM psmp.alert
UNION SELECT tenant, project FROM psmp.webhook
UNION SELECT tenant, project FROM psmp.task
UNION SELECT tenant, project FROM psmp.event;

-- name: event
SELECT tenant, project, sequence, position, recorded_at, id, kind, source, actor, causation, correlation, body
FROM psmp.event WHERE tenant = $1 AND project = $2;

-- name: project
SELECT
    tenant, project, name, phase, state, targets, policy, created, since, updated, sequence, stalled, detected, artifacts,
    conflicts, silent, transitive
FROM psmp.project WHERE tenant = $1 AND project = $2;

-- name: artifact
SELECT
    tenant, project, artifact, agent, type, version, status, summary, packages, dependencies, paths, metadata, sequence,
    declared, requires_python, environment
FROM psmp.artifact WHERE tenant = $1 AND project = $2;

-- name: conflict
SELECT
    tenant, project, conflict, kind, ecosystem, subject, scope, severity, blocking, text, body, environment, waiver
FROM psmp.conflict WHERE tenant = $1 AND project = $2;

-- name: slot
SELECT tenant, project, fence, agent, since, lease_seconds, declared, renewed, term_seconds, limits
FROM psmp.slot WHERE tenant = $1 AND project = $2;

-- name: waiting
SELECT tenant, project, request, agent, since, wait_seconds, limits
FROM psmp.waiting WHERE tenant = $1 AND project = $2;

-- name: resolution
SELECT tenant, project, resolution, conflict, stage, body
FROM psmp.resolution WHERE tenant = $1 AND project = $2;

-- name: alert
SELECT tenant, project, alert, severity, text, hint, person, conflict, since, taken
FROM psmp.alert WHERE tenant = $1 AND project = $2;

-- name: webhook
SELECT tenant, project, webhook, url, kinds, agent, since, sequence, ended, reason
FROM psmp.webhook WHERE tenant = $1 AND project = $2;

-- name: task
SELECT tenant, project, task, status, title, details, agent, artifacts, author, since, sequence, changed, reason
FROM psmp.task WHERE tenant = $1 AND project = $2;

-- name: empty
TRUNCATE
    psmp.event, psmp.project, psmp.artifact, psmp.conflict, psmp.slot, psmp.waiting, psmp.resolution, psmp.alert,
    psmp.webhook, psmp.task;

-- name: forget_damage
DELETE FROM psmp.damage WHERE follower = 'projector';

-- name: set_back
UPDATE psmp.follower SET position = 0, leaf = NULL, written_at = now() WHERE name = 'projector';
