-- migrate:up

-- What the gateway shows of the record, each tenant its own: it reads, and writes nothing.
GRANT SELECT ON
psmp.event, psmp.event_data, psmp.project, psmp.ledger, psmp.tile, psmp.checkpoint, psmp.pruned, psmp.follower,
psmp.conflict_opened, psmp.conflict_cause, psmp.conflict_closed, psmp.conflict_span, psmp.blocked_span, psmp.refusal,
psmp.slot_wait, psmp.slot_span
TO psmp_gateway;

-- migrate:down

REVOKE SELECT ON
psmp.event, psmp.event_data, psmp.project, psmp.ledger, psmp.tile, psmp.checkpoint, psmp.pruned, psmp.follower,
psmp.conflict_opened, psmp.conflict_cause, psmp.conflict_closed, psmp.conflict_span, psmp.blocked_span, psmp.refusal,
psmp.slot_wait, psmp.slot_span
FROM psmp_gateway;
