"""``python -m psmp_resolver``: the resolver service as a process."""

from collections.abc import Sequence

from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service.outcomes import AnsweringSettings, Outcomes
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_resolver.consumer import Resolver, lane


async def build(context: Context[AnsweringSettings]) -> Sequence[Loop]:
    """The resolver's one loop: conflicts, wishes and answers in; resolutions out."""
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "resolver"))
    outcomes = Outcomes(context.nats, context.settings.promises)
    resolver = Resolver(context.nats, outcomes, context.log, views, context.telemetry)
    return [Worker(context.nats, "resolver", "PSMP_LOG", "resolver", resolver.handle, lane)]


if __name__ == "__main__":
    run("resolver", build, AnsweringSettings)
