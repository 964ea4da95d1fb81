-- migrate:up

-- Whether all that the log once had between two positions was pruned from the ledger; false where nothing is known.
-- Who follows the log asks it where positions are missing: what was pruned is gone from there lawfully as well.
CREATE FUNCTION psmp.pruned_between(after bigint, before bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(bool_and(body IS NULL), false) FROM psmp.ledger WHERE position > after AND position < before
$$;
REVOKE ALL ON FUNCTION psmp.pruned_between FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psmp.pruned_between TO psmp_keeper, psmp_audit;

-- migrate:down

DROP FUNCTION psmp.pruned_between;
