-- Everywhere: $1 tenant, $2 project or NULL, $3 <= time < $4 (or NULL), and nothing behind position $5.

-- name: moment
SELECT max(position) AS position, max(recorded_at) AS moment
FROM psmp.event
WHERE tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::bigint IS NULL OR position <= $3);

-- name: agents
SELECT
    agent, count(DISTINCT (project, conflict)) AS conflicts,
    count(DISTINCT (project, conflict)) FILTER (WHERE completing) AS completed, sum(share) AS causes,
    sum(share) / sum(sum(share)) OVER () AS share
FROM psmp.conflict_cause
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR opened >= $3)
    AND ($4::timestamptz IS NULL OR opened < $4) AND position <= $5
GROUP BY agent
ORDER BY causes DESC, agent;

-- name: subjects
SELECT
    kind, ecosystem, subject, count(*) AS conflicts,
    count(*) FILTER (WHERE closed_position IS NULL OR closed_position > $5) AS open,
    count(*)::numeric / sum(count(*)) OVER () AS share
FROM psmp.conflict_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR opened >= $3)
    AND ($4::timestamptz IS NULL OR opened < $4) AND opened_position <= $5
GROUP BY kind, ecosystem, subject
ORDER BY conflicts DESC, kind, ecosystem, subject;

-- name: severities
SELECT
    severity, count(*) AS conflicts, count(*) FILTER (WHERE closed_position IS NULL OR closed_position > $5) AS open,
    count(*)::numeric / sum(count(*)) OVER () AS share
FROM psmp.conflict_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR opened >= $3)
    AND ($4::timestamptz IS NULL OR opened < $4) AND opened_position <= $5
GROUP BY severity
ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], severity);

-- name: resolved
SELECT
    strategy, decided_by, count(*) AS conflicts, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
FROM psmp.conflict_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR closed >= $3)
    AND ($4::timestamptz IS NULL OR closed < $4) AND closed_position <= $5
GROUP BY GROUPING SETS ((strategy, decided_by), ())
ORDER BY grouping(strategy) DESC, conflicts DESC, strategy, decided_by;

-- name: days
SELECT
    to_char(opened AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS conflicts,
    count(*) FILTER (WHERE severity = 'critical') AS critical
FROM psmp.conflict_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR opened >= $3)
    AND ($4::timestamptz IS NULL OR opened < $4) AND opened_position <= $5
GROUP BY day
ORDER BY day;

-- name: blocked
SELECT
    project, count(*) AS times, bool_or(until_position IS NULL OR until_position > $5) AS still,
    sum(extract(EPOCH FROM
        least(CASE WHEN until_position <= $5 THEN until ELSE $6::timestamptz END, $4::timestamptz)
        - greatest(since, $3::timestamptz)
    )::double precision) AS seconds
FROM psmp.blocked_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND since_position <= $5
    AND ($3::timestamptz IS NULL OR until_position IS NULL OR until_position > $5 OR until > $3)
    AND ($3::timestamptz IS NULL OR $6::timestamptz > $3) AND ($4::timestamptz IS NULL OR since < $4)
GROUP BY project
ORDER BY seconds DESC, project;

-- name: refusals
SELECT code, count(*) AS commands, count(DISTINCT actor) AS agents
FROM psmp.refusal
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR recorded_at >= $3)
    AND ($4::timestamptz IS NULL OR recorded_at < $4) AND position <= $5
GROUP BY code
ORDER BY commands DESC, code;

-- name: slots
SELECT
    agent, count(*) AS slots, sum(CASE WHEN until_position <= $5 THEN seconds END) AS seconds,
    count(*) FILTER (WHERE outcome = 'finished' AND until_position <= $5) AS finished,
    count(*) FILTER (WHERE outcome = 'failed' AND until_position <= $5) AS failed,
    count(*) FILTER (WHERE outcome = 'expired' AND until_position <= $5) AS expired,
    count(*) FILTER (WHERE until_position IS NULL OR until_position > $5) AS held
FROM psmp.slot_span
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR since >= $3)
    AND ($4::timestamptz IS NULL OR since < $4) AND position <= $5
GROUP BY agent
ORDER BY slots DESC, agent;

-- name: waits
SELECT
    agent, count(*) AS waits, count(*) FILTER (WHERE outcome = 'granted' AND until_position <= $5) AS granted,
    count(*) FILTER (WHERE until_position IS NULL OR until_position > $5) AS waiting,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN until_position <= $5 THEN seconds END) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY CASE WHEN until_position <= $5 THEN seconds END) AS p90
FROM psmp.slot_wait
WHERE
    tenant = $1 AND ($2::text IS NULL OR project = $2) AND ($3::timestamptz IS NULL OR since >= $3)
    AND ($4::timestamptz IS NULL OR since < $4) AND position <= $5
GROUP BY agent
ORDER BY waits DESC, agent;
