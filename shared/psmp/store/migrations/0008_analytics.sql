-- migrate:up

-- Every conflict as it was when it was first told: the declaration that completed it is ``artifact``.
CREATE VIEW psmp.conflict_opened AS
SELECT DISTINCT ON (told.tenant, told.project, conflict.value ->> 'id')
    told.tenant, told.project, conflict.value ->> 'id' AS conflict, told.sequence, told.position,
    told.recorded_at AS opened, told.data ->> 'artifact' AS artifact, conflict.value ->> 'kind' AS kind,
    conflict.value ->> 'ecosystem' AS ecosystem, conflict.value ->> 'subject' AS subject,
    conflict.value ->> 'severity' AS severity, conflict.value AS body
FROM psmp.event_data AS told
CROSS JOIN LATERAL jsonb_array_elements(told.data -> 'conflicts') AS conflict (value)
WHERE told.kind = 'conflict.detected'
ORDER BY told.tenant, told.project, conflict.value ->> 'id', told.sequence;

-- Who caused it. A conflict counts one. It is shared evenly among its minimal clashing sets, and within each set evenly
-- among the declarations that make it: so the shares of a conflict add up to one. ``completing`` is the declaration with
-- which it was there; the others are those that it clashes with.
CREATE VIEW psmp.conflict_cause AS
SELECT
    opened.tenant, opened.project, opened.conflict, opened.position, opened.opened, opened.severity, opened.ecosystem,
    opened.subject, member.artifact, coalesce(owner.agent, '') AS agent, member.artifact = opened.artifact AS completing,
    sum(1.0 / (jsonb_array_length(sets.value) * jsonb_array_length(one.value))) AS share
FROM psmp.conflict_opened AS opened
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN jsonb_array_length(opened.body -> 'causes') > 0 THEN opened.body -> 'causes'
        ELSE jsonb_build_array((
            SELECT jsonb_agg(DISTINCT party.value -> 'artifact') FROM jsonb_array_elements(opened.body -> 'parties') AS party
        ))
    END
) AS sets (value)
CROSS JOIN LATERAL jsonb_array_elements(sets.value) AS one (value)
CROSS JOIN LATERAL jsonb_array_elements_text(one.value) AS member (artifact)
LEFT JOIN LATERAL (
    SELECT party.value ->> 'agent' AS agent FROM jsonb_array_elements(opened.body -> 'parties') AS party
    WHERE party.value ->> 'artifact' = member.artifact
    LIMIT 1
) AS owner ON true
GROUP BY
    opened.tenant, opened.project, opened.conflict, opened.position, opened.opened, opened.severity, opened.ecosystem,
    opened.subject, opened.artifact, member.artifact, owner.agent;

-- What ended each conflict: a resolution, or the amendment or withdrawal after which it was found no more, and who
-- decided that. ``policy``: the resolver by itself. ``governor``: who made the project or is one of its resolvers, by a
-- resolution; that is where a person decides. ``agent``: anybody else, or the owner by mending what is its own.
CREATE VIEW psmp.conflict_closed AS
SELECT DISTINCT ON (told.tenant, told.project, gone.conflict)
    told.tenant, told.project, gone.conflict, told.sequence, told.position, told.recorded_at AS closed,
    coalesce(told.data ->> 'strategy', change.data ->> 'strategy', split_part(change.kind, '.', 2), '') AS strategy,
    coalesce(asked.actor, change.actor, told.actor) AS actor,
    CASE
        WHEN asked.actor IS NULL THEN 'agent'
        WHEN asked.data ->> 'strategy' = 'auto' OR starts_with(asked.actor, 'psmp_') THEN 'policy'
        WHEN asked.actor = born.actor OR born.data -> 'policy' -> 'resolvers' ? asked.actor THEN 'governor'
        ELSE 'agent'
    END AS decided_by
FROM psmp.event_data AS told
CROSS JOIN LATERAL jsonb_array_elements_text(told.data -> 'cleared') AS gone (conflict)
LEFT JOIN psmp.event_data AS change
    ON
        (change.tenant, change.project, change.id) = (told.tenant, told.project, told.causation)
        AND change.kind IN ('artifact.declared', 'artifact.amended', 'artifact.withdrawn', 'resolution.applied')
LEFT JOIN psmp.event_data AS asked
    ON
        (asked.tenant, asked.project) = (told.tenant, told.project) AND asked.kind = 'resolution.requested'
        AND asked.data ->> 'resolution' = coalesce(told.data ->> 'resolution', change.data ->> 'resolution')
LEFT JOIN psmp.event_data AS born
    ON (born.tenant, born.project, born.sequence) = (told.tenant, told.project, 1) AND born.kind = 'project.created'
WHERE told.kind IN ('conflict.cleared', 'conflict.detected', 'resolution.applied')
ORDER BY told.tenant, told.project, gone.conflict, told.sequence;

-- The life of each conflict; what is open has no end.
CREATE VIEW psmp.conflict_span AS
SELECT
    opened.tenant, opened.project, opened.conflict, opened.kind, opened.ecosystem, opened.subject, opened.severity,
    opened.position AS opened_position, opened.opened, ended.position AS closed_position, ended.closed, ended.strategy,
    ended.decided_by, ended.actor, extract(EPOCH FROM ended.closed - opened.opened)::double precision AS seconds
FROM psmp.conflict_opened AS opened
LEFT JOIN psmp.conflict_closed AS ended USING (tenant, project, conflict);

-- When each project was blocked, from the transition that says so to the one that leads out of BLOCKED and RESOLVING.
CREATE VIEW psmp.blocked_span AS
SELECT tenant, project, since_position, since, until_position, until
FROM (
    SELECT
        tenant, project, position AS since_position, recorded_at AS since, data ->> 'to' = 'BLOCKED' AS begins,
        lead(position) OVER every AS until_position, lead(recorded_at) OVER every AS until
    FROM psmp.event_data
    WHERE
        kind = 'project.transitioned'
        AND (data ->> 'origin' IN ('BLOCKED', 'RESOLVING')) <> (data ->> 'to' IN ('BLOCKED', 'RESOLVING'))
    WINDOW every AS (PARTITION BY tenant, project ORDER BY sequence)
) AS crossing
WHERE begins;

-- Every no: who was refused what, and why.
CREATE VIEW psmp.refusal AS
SELECT
    tenant, project, sequence, position, recorded_at, actor, data ->> 'command' AS command, data ->> 'code' AS code,
    data ->> 'reason' AS reason
FROM psmp.event_data
WHERE kind = 'command.refused';

-- Every wait for a slot, and what became of it: granted, refused or left.
CREATE VIEW psmp.slot_wait AS
SELECT
    asked.tenant, asked.project, asked.data ->> 'agent' AS agent, asked.position, asked.recorded_at AS since,
    ended.position AS until_position, ended.recorded_at AS until, split_part(ended.kind, '.', 2) AS outcome,
    extract(EPOCH FROM ended.recorded_at - asked.recorded_at)::double precision AS seconds
FROM psmp.event_data AS asked
LEFT JOIN psmp.event_data AS ended
    ON
        (ended.tenant, ended.project) = (asked.tenant, asked.project)
        AND ended.kind IN ('slot.granted', 'slot.refused', 'slot.left')
        AND (ended.data ->> 'request')::uuid = asked.correlation
WHERE asked.kind = 'slot.requested';

-- Every slot that was granted, and how it ended: finished, failed or expired. Early events do not say of which slot they
-- are: then it is the last that the agent had got.
CREATE VIEW psmp.slot_span AS
SELECT
    got.tenant, got.project, got.data ->> 'agent' AS agent, got.sequence AS fence, got.position, got.recorded_at AS since,
    ended.position AS until_position, ended.recorded_at AS until, split_part(ended.kind, '.', 2) AS outcome,
    extract(EPOCH FROM ended.recorded_at - got.recorded_at)::double precision AS seconds
FROM psmp.event_data AS got
LEFT JOIN (
    SELECT
        told.tenant, told.project, told.position, told.recorded_at, told.kind,
        coalesce((told.data ->> 'fence')::bigint, (
            SELECT max(before.sequence) FROM psmp.event_data AS before
            WHERE
                (before.tenant, before.project) = (told.tenant, told.project) AND before.kind = 'slot.granted'
                AND before.sequence < told.sequence AND before.data ->> 'agent' = told.data ->> 'agent'
        )) AS fence
    FROM psmp.event_data AS told
    WHERE told.kind IN ('slot.finished', 'slot.failed', 'slot.expired')
) AS ended ON (ended.tenant, ended.project, ended.fence) = (got.tenant, got.project, got.sequence)
WHERE got.kind = 'slot.granted';

GRANT SELECT ON
psmp.conflict_opened, psmp.conflict_cause, psmp.conflict_closed, psmp.conflict_span, psmp.blocked_span, psmp.refusal,
psmp.slot_wait, psmp.slot_span
TO psmp_reader;

-- migrate:down

DROP VIEW psmp.slot_span, psmp.slot_wait, psmp.refusal, psmp.blocked_span;
DROP VIEW psmp.conflict_span;
DROP VIEW psmp.conflict_closed, psmp.conflict_cause;
DROP VIEW psmp.conflict_opened;
