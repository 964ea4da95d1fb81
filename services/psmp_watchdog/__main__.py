"""``python -m psmp_watchdog``: the watchdog service as a process."""

from collections.abc import Sequence

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service.clock import stamp
from psmp.service.runner import Context, run
from psmp.service.settings import Settings
from psmp.service.statistics import Loop
from psmp_watchdog.watch import Watch


async def build(context: Context[Settings]) -> Sequence[Loop]:
    """The watchdog's one loop."""
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "watchdog"))
    decider = Decider(context.log, views, stamp)
    return [Watch(context.nats, context.instance, decider, interval=context.settings.watch_seconds)]


if __name__ == "__main__":
    run("watchdog", build, Settings)
