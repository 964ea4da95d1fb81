-- name: projected
SELECT project.tenant, project.project, project.sequence
FROM unnest($1::text[], $2::text[]) AS wanted (tenant, project)
JOIN psmp.project USING (tenant, project);

-- name: make_partitions
SELECT psmp.make_event_partitions($1, 3);

-- name: upsert_project
INSERT INTO psmp.project (
    tenant, project, name, phase, state, targets, policy, created, since, updated, sequence, stalled, detected, artifacts,
    conflicts, silent, transitive
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::timestamptz[],
    $9::timestamptz[], $10::timestamptz[], $11::bigint[], $12::boolean[], $13::bigint[], $14::bigint[], $15::bigint[],
    $16::jsonb[], $17::jsonb[]
)
ON CONFLICT (tenant, project) DO UPDATE SET
    name = excluded.name, phase = excluded.phase, state = excluded.state, targets = excluded.targets,
    policy = excluded.policy, created = excluded.created, since = excluded.since, updated = excluded.updated,
    sequence = excluded.sequence, stalled = excluded.stalled, detected = excluded.detected,
    artifacts = excluded.artifacts, conflicts = excluded.conflicts, silent = excluded.silent,
    transitive = excluded.transitive;

-- name: upsert_artifact
INSERT INTO psmp.artifact (
    tenant, project, artifact, agent, type, version, status, summary, packages, dependencies, paths, metadata, sequence,
    declared, requires_python, environment
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::jsonb[],
    $10::jsonb[], $11::jsonb[], $12::jsonb[], $13::bigint[], $14::timestamptz[], $15::text[], $16::text[]
)
ON CONFLICT (tenant, project, artifact) DO UPDATE SET
    agent = excluded.agent, type = excluded.type, version = excluded.version, status = excluded.status,
    summary = excluded.summary, packages = excluded.packages, dependencies = excluded.dependencies,
    paths = excluded.paths, metadata = excluded.metadata, sequence = excluded.sequence, declared = excluded.declared,
    requires_python = excluded.requires_python, environment = excluded.environment;

-- name: upsert_conflict
INSERT INTO psmp.conflict (
    tenant, project, conflict, kind, ecosystem, subject, scope, severity, blocking, text, body, environment, waiver
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[],
    $10::text[], $11::jsonb[], $12::text[], $13::jsonb[]
)
ON CONFLICT (tenant, project, conflict) DO UPDATE SET
    kind = excluded.kind, ecosystem = excluded.ecosystem, subject = excluded.subject, scope = excluded.scope,
    severity = excluded.severity, blocking = excluded.blocking, text = excluded.text, body = excluded.body,
    environment = excluded.environment, waiver = excluded.waiver;

-- name: upsert_slot
INSERT INTO psmp.slot (
    tenant, project, fence, agent, since, lease_seconds, declared, renewed, term_seconds, limits
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::bigint[], $7::boolean[],
    $8::timestamptz[], $9::bigint[], $10::jsonb[]
)
ON CONFLICT (tenant, project, fence) DO UPDATE SET
    agent = excluded.agent, since = excluded.since, lease_seconds = excluded.lease_seconds,
    declared = excluded.declared, renewed = excluded.renewed, term_seconds = excluded.term_seconds,
    limits = excluded.limits;

-- name: upsert_waiting
INSERT INTO psmp.waiting (tenant, project, request, agent, since, wait_seconds, limits)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::jsonb[]
)
ON CONFLICT (tenant, project, request) DO UPDATE SET
    agent = excluded.agent, since = excluded.since, wait_seconds = excluded.wait_seconds, limits = excluded.limits;

-- name: upsert_resolution
INSERT INTO psmp.resolution (tenant, project, resolution, conflict, stage, body)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
ON CONFLICT (tenant, project, resolution) DO UPDATE SET
    conflict = excluded.conflict, stage = excluded.stage, body = excluded.body;

-- name: upsert_alert
INSERT INTO psmp.alert (tenant, project, alert, severity, text, hint, person, conflict, since, taken)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[],
    $9::timestamptz[], $10::text[]
)
ON CONFLICT (tenant, project, alert) DO UPDATE SET
    severity = excluded.severity, text = excluded.text, hint = excluded.hint, person = excluded.person,
    conflict = excluded.conflict, since = excluded.since, taken = excluded.taken;

-- name: upsert_webhook
INSERT INTO psmp.webhook (tenant, project, webhook, url, kinds, agent, since, sequence, ended, reason)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::timestamptz[], $8::bigint[],
    $9::timestamptz[], $10::text[]
)
ON CONFLICT (tenant, project, webhook) DO UPDATE SET
    url = excluded.url, kinds = excluded.kinds, agent = excluded.agent, since = excluded.since,
    sequence = excluded.sequence, ended = excluded.ended, reason = excluded.reason;

-- name: upsert_task
INSERT INTO psmp.task (
    tenant, project, task, status, title, details, agent, artifacts, author, since, sequence, changed, reason
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::text[],
    $10::timestamptz[], $11::bigint[], $12::timestamptz[], $13::text[]
)
ON CONFLICT (tenant, project, task) DO UPDATE SET
    status = excluded.status, title = excluded.title, details = excluded.details, agent = excluded.agent,
    artifacts = excluded.artifacts, author = excluded.author, since = excluded.since, sequence = excluded.sequence,
    changed = excluded.changed, reason = excluded.reason;

-- name: delete_artifact
DELETE FROM psmp.artifact
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, artifact)
WHERE (artifact.tenant, artifact.project, artifact.artifact) = (gone.tenant, gone.project, gone.artifact);

-- name: delete_conflict
DELETE FROM psmp.conflict
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, conflict)
WHERE (conflict.tenant, conflict.project, conflict.conflict) = (gone.tenant, gone.project, gone.conflict);

-- name: delete_slot
DELETE FROM psmp.slot
USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone (tenant, project, fence)
WHERE (slot.tenant, slot.project, slot.fence) = (gone.tenant, gone.project, gone.fence);

-- name: delete_waiting
DELETE FROM psmp.waiting
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, request)
WHERE (waiting.tenant, waiting.project, waiting.request) = (gone.tenant, gone.project, gone.request);

-- name: delete_resolution
DELETE FROM psmp.resolution
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, resolution)
WHERE (resolution.tenant, resolution.project, resolution.resolution) = (gone.tenant, gone.project, gone.resolution);

-- name: delete_alert
DELETE FROM psmp.alert
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, alert)
WHERE (alert.tenant, alert.project, alert.alert) = (gone.tenant, gone.project, gone.alert);

-- name: delete_webhook
DELETE FROM psmp.webhook
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, webhook)
WHERE (webhook.tenant, webhook.project, webhook.webhook) = (gone.tenant, gone.project, gone.webhook);

-- name: delete_task
DELETE FROM psmp.task
USING unnest($1::text[], $2::text[], $3::text[]) AS gone (tenant, project, task)
WHERE (task.tenant, task.project, task.task) = (gone.tenant, gone.project, gone.task);
