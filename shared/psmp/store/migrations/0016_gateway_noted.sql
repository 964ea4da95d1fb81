-- migrate:up

-- The gateway shows checkpoints as they are noted, with the witnesses that came later.
GRANT SELECT ON psmp.noted TO psmp_gateway;

-- migrate:down

REVOKE SELECT ON psmp.noted FROM psmp_gateway;
