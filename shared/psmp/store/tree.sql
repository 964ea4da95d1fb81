-- name: leaves
SELECT wanted.tenant, wanted.project, wanted.level, found.sequence - 1, found.leaf
FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS wanted (tenant, project, level, first, past)
CROSS JOIN LATERAL (
    SELECT sequence, leaf FROM psmp.ledger
    WHERE
        (ledger.tenant, ledger.project) = (wanted.tenant, wanted.project)
        AND sequence > wanted.first AND sequence <= wanted.past
    ORDER BY sequence
) AS found;

-- name: tiles
SELECT wanted.tenant, wanted.project, wanted.level, found.index, found.hash
FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS wanted (tenant, project, level, first, past)
CROSS JOIN LATERAL (
    SELECT index, hash FROM psmp.tile
    WHERE
        (tile.tenant, tile.project, tile.level) = (wanted.tenant, wanted.project, wanted.level)
        AND index >= wanted.first AND index < wanted.past
    ORDER BY index
) AS found;

-- name: anchored
SELECT $1::text, $2::text, 0, found.number - 1, found.leaf
FROM unnest($3::bigint[], $4::bigint[]) AS wanted (first, past)
CROSS JOIN LATERAL (
    SELECT number, leaf FROM psmp.checkpoint
    WHERE number > wanted.first AND number <= wanted.past
    ORDER BY number
) AS found;

-- name: has_tiles
SELECT EXISTS (SELECT FROM psmp.tile WHERE (tenant, project, level, index) = ($1, $2, 1, 0));

-- name: fill
INSERT INTO psmp.tile (tenant, project, level, index, hash)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[], $5::bytea[])
ON CONFLICT DO NOTHING;
