"""``python -m psmp_audit``: the audit writer as a process."""

from collections.abc import Sequence

from psmp.service.runner import Context, run
from psmp.service.settings import StoreSettings
from psmp.service.statistics import Loop
from psmp.store.follower import Follower
from psmp.store.pool import open_pool
from psmp_audit.ledger import LedgerWriter


async def build(context: Context[StoreSettings]) -> Sequence[Loop]:
    """The one loop: the log into the ledger."""
    pool = await open_pool(context.settings.postgres_dsn, "psmp-audit", size=2)
    context.adapters.callback(pool.terminate)
    return [Follower(context.nats, pool, LedgerWriter(pool, context.log), context.telemetry)]


if __name__ == "__main__":
    run("audit", build, StoreSettings)
