-- Everywhere: $1 tenant, $2 the projects that may be seen (NULL: all of them).

-- name: taken
SELECT name, position FROM psmp.follower;

-- Newest first, between two positions of the log, the upper one left out.
-- name: audit
SELECT project, position, leaf, body
FROM (
    SELECT
        project, position, sha256('\x00'::bytea || body) AS leaf, body, kind, actor, id, causation, correlation, recorded_at
    FROM psmp.event
    WHERE tenant = $1 AND ($2::text [] IS NULL OR project = ANY($2)) AND position >= $3 AND position < $4
) AS told
WHERE
    ($5::text [] IS NULL OR kind LIKE ANY($5))
    AND ($6::text IS NULL OR actor = $6 OR convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'agent' = $6)
    AND ($7::timestamptz IS NULL OR recorded_at >= $7) AND ($8::timestamptz IS NULL OR recorded_at < $8)
    AND ($9::uuid IS NULL OR $9 IN (id, causation, correlation))
    AND ($10::text IS NULL OR strpos(lower(convert_from(body, 'UTF8')), lower($10)) > 0)
ORDER BY position DESC
LIMIT $11;

-- name: newest
SELECT max(position) FROM psmp.event WHERE tenant = $1 AND ($2::text [] IS NULL OR project = ANY($2));

-- Of the projects $2 those in which a graph of agents was registered.
-- name: orchestrated
SELECT asked.project
FROM unnest($2::text []) AS asked (project)
WHERE EXISTS (
    SELECT FROM psmp.event
    WHERE (event.tenant, event.project) = ($1, asked.project) AND event.kind = 'maeg.created'
);

-- How far every log is covered: by project, behind $3.
-- name: covered
SELECT known.project, coalesce(head.sequence, 0) AS records, last.number, last.size, last.root, last.note, last.signed_at
FROM psmp.project AS known
CROSS JOIN LATERAL (
    SELECT max(ledger.sequence) AS sequence FROM psmp.ledger
    WHERE (ledger.tenant, ledger.project) = (known.tenant, known.project)
) AS head
LEFT JOIN LATERAL (
    SELECT number, size, root, note, signed_at FROM psmp.noted
    WHERE (noted.tenant, noted.project) = (known.tenant, known.project)
    ORDER BY size DESC
    LIMIT 1
) AS last ON true
WHERE known.tenant = $1 AND ($2::text [] IS NULL OR known.project = ANY($2)) AND known.project > $3
ORDER BY known.project
LIMIT $4;

-- Of one project, $2: the newest first, below the size $3.
-- name: checkpoints
SELECT number, size, root, note, signed_at
FROM psmp.noted
WHERE (tenant, project) = ($1, $2) AND ($3::bigint IS NULL OR size < $3)
ORDER BY size DESC
LIMIT $4;

-- Of one project, $2.
-- name: leaf
SELECT leaf, position FROM psmp.ledger WHERE (tenant, project, sequence) = ($1, $2, $3);

-- Of one project, $2: its first $3 leaves.
-- name: leaves
SELECT leaf FROM psmp.ledger WHERE (tenant, project) = ($1, $2) AND sequence <= $3 ORDER BY sequence;

-- Below: $3 <= time < $4, in stretches of $5.

-- name: throughput
SELECT
    date_bin($5::interval, recorded_at, 'epoch') AS begin, count(*) AS events,
    count(*) FILTER (WHERE kind IN ('artifact.declared', 'artifact.amended')) AS declarations,
    count(*) FILTER (WHERE kind = 'command.refused') AS refusals
FROM psmp.event
WHERE tenant = $1 AND ($2::text [] IS NULL OR project = ANY($2)) AND recorded_at >= $3 AND recorded_at < $4
GROUP BY begin
ORDER BY begin;

-- From the declaration's time to that of its verdict.
-- name: verdicts
SELECT
    date_bin($5::interval, declared.recorded_at, 'epoch') AS begin, count(*) AS verdicts,
    count(*) FILTER (WHERE verdict.kind = 'conflict.detected') AS contested,
    percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (
        ORDER BY extract(EPOCH FROM verdict.recorded_at - declared.recorded_at)::double precision
    ) AS seconds
FROM psmp.event AS verdict
INNER JOIN psmp.event AS declared
    ON
        (declared.tenant, declared.project, declared.id) = (verdict.tenant, verdict.project, verdict.causation)
        AND declared.kind IN ('artifact.declared', 'artifact.amended')
WHERE
    verdict.tenant = $1 AND ($2::text [] IS NULL OR verdict.project = ANY($2))
    AND verdict.kind IN ('artifact.accepted', 'conflict.detected') AND verdict.recorded_at >= $3
    AND declared.recorded_at >= $3 AND declared.recorded_at < $4
GROUP BY begin
ORDER BY begin;

-- name: conflicts
SELECT date_bin($5::interval, opened, 'epoch') AS begin, severity, count(*) AS conflicts
FROM psmp.conflict_opened
WHERE tenant = $1 AND ($2::text [] IS NULL OR project = ANY($2)) AND opened >= $3 AND opened < $4
GROUP BY begin, severity
ORDER BY begin, severity;

-- Every conflict that ever was, the one that was told last first, below the position and behind the id $3 and $4.
-- name: spans
SELECT
    project, conflict, kind, ecosystem, subject, severity, opened_position, opened, closed_position, closed, strategy,
    decided_by, actor, seconds
FROM psmp.conflict_span
WHERE
    tenant = $1 AND ($2::text [] IS NULL OR project = ANY($2))
    AND ($3::bigint IS NULL OR opened_position < $3 OR (opened_position = $3 AND conflict > $4::text))
    AND ($5::text IS NULL OR severity = $5) AND ($6::text IS NULL OR kind = $6)
    AND ($7::boolean IS NULL OR (closed_position IS NULL) = $7)
    AND ($8::timestamptz IS NULL OR opened >= $8) AND ($9::timestamptz IS NULL OR opened < $9)
ORDER BY opened_position DESC, conflict
LIMIT $10;
