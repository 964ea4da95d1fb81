"""``python -m psmp_resolver``: the resolver service as a process."""

from collections.abc import Sequence

from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service.runner import Context, run
from psmp.service.settings import Settings
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_resolver.consumer import Resolver, lane


async def build(context: Context[Settings]) -> Sequence[Loop]:
    """The resolver's one loop: conflicts, wishes and answers in; resolutions out."""
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "resolver"))
    resolver = Resolver(context.nats, context.log, views, context.telemetry)
    return [Worker(context.nats, "resolver", "PSMP_LOG", "resolver", resolver.handle, lane)]


if __name__ == "__main__":
    run("resolver", build, Settings)
