-- Everywhere: $1 tenant, nothing behind position $2; where a range counts, $3 <= time < $4 (or NULL).

-- name: position
SELECT greatest(
    (SELECT max(position) FROM psmp.ledger WHERE tenant = $1),
    (SELECT max(position) FROM psmp.checkpoint WHERE tenant = $1),
    (SELECT max(position) FROM psmp.event WHERE tenant = $1),
    0
);

-- name: checkpoint
SELECT coalesce(max(number), 0) FROM psmp.checkpoint;

-- name: walk
SELECT tenant, project, sequence, position, leaf, body
FROM psmp.ledger
WHERE tenant = $1 AND position <= $2
ORDER BY project, sequence;

-- name: checkpoints
SELECT project, size, root, number, note
FROM psmp.checkpoint
WHERE tenant = $1 AND position <= $2 AND number <= $3
ORDER BY project, size;

-- name: kinds
SELECT kind, count(*) AS count, min(position) AS first, max(position) AS last
FROM psmp.event
WHERE
    tenant = $1 AND position <= $2 AND ($3::timestamptz IS NULL OR recorded_at >= $3)
    AND ($4::timestamptz IS NULL OR recorded_at < $4)
GROUP BY kind
ORDER BY kind;

-- name: people
SELECT count(DISTINCT actor)
FROM psmp.event
WHERE
    tenant = $1 AND position <= $2 AND ($3::timestamptz IS NULL OR recorded_at >= $3)
    AND ($4::timestamptz IS NULL OR recorded_at < $4) AND NOT starts_with(actor, 'psmp_');

-- name: sealed
SELECT count(*)
FROM psmp.ledger
WHERE tenant = $1 AND position <= $2 AND position('[sealed:'::bytea IN body) > 0;

-- What the projection has and the ledger has not, or otherwise, or the other way round; what one of the two has not come
-- to yet is none of it.
-- name: strays
SELECT count(*)
FROM (SELECT * FROM psmp.ledger WHERE tenant = $1 AND position <= $2) AS kept
FULL JOIN (SELECT * FROM psmp.event WHERE tenant = $1 AND position <= $2) AS shown USING (tenant, project, sequence)
WHERE
    CASE
        WHEN kept.position IS NULL
            THEN shown.position <= (SELECT position FROM psmp.follower WHERE name = 'audit')
        WHEN shown.position IS NULL
            THEN kept.body IS NOT NULL AND kept.position <= (SELECT position FROM psmp.follower WHERE name = 'projector')
        ELSE kept.body <> shown.body
    END;

-- name: decisions
SELECT project, position, kind, actor, what, reason, sum(1) OVER (PARTITION BY kind) AS of
FROM (
    SELECT
        told.project, told.position, told.kind, told.actor,
        'created, to be governed by ' || concat_ws(', ', told.actor, (
            SELECT string_agg(each.value, ', ') FROM jsonb_array_elements_text(told.data -> 'policy' -> 'resolvers') AS each
        )) AS what,
        told.data ->> 'name' AS reason, told.recorded_at
    FROM psmp.event_data AS told
    WHERE told.tenant = $1 AND told.position <= $2 AND told.kind = 'project.created'
    UNION ALL
    SELECT
        told.project, told.position, told.kind, told.actor,
        'changed, to be governed by ' || concat_ws(', ', made.actor, (
            SELECT string_agg(each.value, ', ') FROM jsonb_array_elements_text(told.data -> 'policy' -> 'resolvers') AS each
        )) || CASE
            WHEN (told.data -> 'policy' ->> 'strict_mode')::boolean THEN ', every conflict blocks'
            ELSE ', critical conflicts alone block'
        END AS what,
        told.data ->> 'reason', told.recorded_at
    FROM psmp.event_data AS told
    INNER JOIN psmp.event_data AS made
        ON (made.tenant, made.project) = (told.tenant, told.project) AND made.kind = 'project.created'
    WHERE told.tenant = $1 AND told.position <= $2 AND told.kind = 'project.changed'
    UNION ALL
    SELECT
        told.project, told.position, told.kind, told.actor, (told.data ->> 'origin') || ' > ' || (told.data ->> 'to'),
        told.data ->> 'reason', told.recorded_at
    FROM psmp.event_data AS told
    WHERE
        told.tenant = $1 AND told.position <= $2 AND told.kind = 'project.transitioned'
        AND NOT starts_with(told.actor, 'psmp_')
    UNION ALL
    SELECT
        told.project, told.position, 'waived', asked.actor,
        (told.data ->> 'conflict') || ' waived for ' || (told.data ->> 'seconds') || ' s', told.data ->> 'reason',
        told.recorded_at
    FROM psmp.event_data AS told
    INNER JOIN psmp.event_data AS asked
        ON
            (asked.tenant, asked.project) = (told.tenant, told.project) AND asked.kind = 'resolution.requested'
            AND asked.data ->> 'resolution' = told.data ->> 'resolution'
    WHERE
        told.tenant = $1 AND told.position <= $2 AND told.kind = 'resolution.applied' AND told.data ->> 'strategy' = 'waive'
    UNION ALL
    SELECT
        told.project, told.position, told.kind, told.actor,
        (told.data ->> 'subject') || ' erased, approved by ' || (told.data ->> 'approver'), told.data ->> 'reason',
        told.recorded_at
    FROM psmp.event_data AS told
    WHERE told.tenant = $1 AND told.position <= $2 AND told.kind = 'subject.erased'
    UNION ALL
    SELECT
        told.project, told.position, told.kind, told.actor,
        CASE told.kind
            WHEN 'hold.placed' THEN 'legal hold placed'
            WHEN 'hold.released' THEN 'legal hold released'
            ELSE 'bodies to be kept ' || coalesce((told.data ->> 'days') || ' days', 'for ever')
        END,
        told.data ->> 'reason', told.recorded_at
    FROM psmp.event_data AS told
    WHERE
        told.position <= $2
        AND (
            (told.tenant = $1 AND told.kind IN ('hold.placed', 'hold.released'))
            OR (told.tenant = 'psmp' AND told.kind = 'retention.changed' AND told.data ->> 'tenant' = $1)
        )
) AS decision
WHERE ($3::timestamptz IS NULL OR recorded_at >= $3) AND ($4::timestamptz IS NULL OR recorded_at < $4)
ORDER BY kind, position DESC;

-- name: guards
SELECT
    count(*) AS tables,
    count(*) FILTER (WHERE (  -- 8, 16 and 32 stand for DELETE, UPDATE and TRUNCATE
        SELECT bit_or(tgtype) & 56 = 56 FROM pg_trigger INNER JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgrelid = kept.oid AND tgenabled = 'A' AND starts_with(proname, 'refuse_') AND pronamespace = relnamespace
    )) AS guarded,
    (
        SELECT array_agg(DISTINCT role.rolname::text ORDER BY role.rolname::text) FROM pg_roles AS role
        CROSS JOIN pg_class AS held
        WHERE
            role.rolname IN ('psmp_keeper', 'psmp_audit', 'psmp_reader')
            AND held.relnamespace = 'psmp'::regnamespace AND held.relname = ANY($1::text[])
            AND has_table_privilege(role.oid, held.oid, 'UPDATE, DELETE, TRUNCATE')
    ) AS writers,
    current_setting('data_checksums') = 'on' AS checksums
FROM pg_class AS kept
WHERE kept.relnamespace = 'psmp'::regnamespace AND kept.relname = ANY($1::text[]);

-- name: pruned
SELECT pruned.project, pruned.upto, pruned.approver, pruned.reason, kept.position
FROM psmp.pruned
INNER JOIN psmp.ledger AS kept
    ON (kept.tenant, kept.project, kept.sequence) = (pruned.tenant, pruned.project, pruned.upto)
WHERE pruned.tenant = $1 AND kept.position <= $2
ORDER BY pruned.project, pruned.upto;

-- name: retention
SELECT (data ->> 'days')::integer
FROM psmp.event_data
WHERE
    tenant = 'psmp' AND project = 'system' AND kind = 'retention.changed' AND data ->> 'tenant' = $1 AND position <= $2
ORDER BY sequence DESC
LIMIT 1;

-- name: holds
SELECT project
FROM (
    SELECT DISTINCT ON (project) project, kind FROM psmp.event
    WHERE tenant = $1 AND position <= $2 AND kind IN ('hold.placed', 'hold.released')
    ORDER BY project, sequence DESC
) AS said
WHERE kind = 'hold.placed'
ORDER BY project;
