"""``python -m psmp_watchdog``: the watchdog service as a process."""

from collections.abc import Sequence

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.service.clock import stamp
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker, of_event
from psmp.wire.mended import MendedClient
from psmp_watchdog import advisories, letters
from psmp_watchdog.advisories import Advisories
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.letters import Letters
from psmp_watchdog.metrics import WatchCollector
from psmp_watchdog.operations import Operations
from psmp_watchdog.settings import WatchdogSettings
from psmp_watchdog.watch import Watch


async def build(context: Context[WatchdogSettings]) -> Sequence[Loop]:
    """The watchdog's loops: over the projects, over the deployment itself, and what was given up."""
    settings = context.settings
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "watchdog"))
    decider = Decider(context.log, views, stamp)
    hearts = Hearts(context.nats, context.instance)
    watch = Watch(context.nats, hearts, decider, interval=settings.watch_seconds, promises=settings.promises)
    operations = Operations(context.nats, watch, hearts, decider, settings)
    WatchCollector(watch, operations, hearts, settings.services)
    return [watch, operations, *given_up(context.nats, decider)]


def given_up(nats: MendedClient, decider: Decider[Project | None]) -> list[Loop]:
    """The loops that see to what was given up."""
    reports = Advisories(nats)
    return [
        Worker(nats, "watchdog", "PSMP_DLQ", "letters", Letters(nats, decider).handle, letters.lane),
        Worker(nats, "watchdog", "PSMP_ADVISORIES", "advisories", reports.handle, advisories.lane),
        Worker(nats, "watchdog", "PSMP_LOG", "watchdog-letters", reports.handle, of_event, letters_of="advisories"),
    ]


if __name__ == "__main__":
    run("watchdog", build, WatchdogSettings)
