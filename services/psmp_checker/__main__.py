"""``python -m psmp_checker``: the checker service as a process."""

from collections.abc import Sequence

from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service import live
from psmp.service.runner import Context, run
from psmp.service.settings import Settings
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_checker.consumer import Checker, lane
from psmp_checker.docket import DOCKET_FOLD


async def build(context: Context[Settings]) -> Sequence[Loop]:
    """The checker's loops: changes in, verdicts and answers out."""
    views = Views(context.log, DOCKET_FOLD, JetStreamSnapshots(context.nats, context.log, "checker"))
    await live.follow(context.nats, views, "project.*", "slot.*", "agent.*", "command.*")
    checker = Checker(context.nats, context.log, views, context.telemetry)
    return [Worker(context.nats, "checker", "PSMP_LOG", "checker", checker.handle, lane)]


if __name__ == "__main__":
    run("checker", build, Settings)
