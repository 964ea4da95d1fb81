-- name: covering
SELECT size, position, root, number, note, signed_at FROM psmp.noted
WHERE (tenant, project) = ($1, $2) AND size >= $3
ORDER BY size DESC
LIMIT 1;
