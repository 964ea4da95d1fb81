"""``python -m psmp_keeper``: the keeper service as a process."""

from collections.abc import Sequence

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service.clock import stamp
from psmp.service.outcomes import AnsweringSettings, Outcomes
from psmp.service.runner import Context, run
from psmp.service.settings import StoreSettings
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp.store.follower import Follower
from psmp.store.pool import open_pool
from psmp.store.reads import Reads
from psmp_keeper.checks import Checks
from psmp_keeper.lifecycle import Lifecycle, lane
from psmp_keeper.projector import Projector
from psmp_keeper.questions import Questions


class KeeperSettings(AnsweringSettings, StoreSettings):
    """What the keeper needs to know: all of two kinds of services, and nothing more."""


async def build(context: Context[KeeperSettings]) -> Sequence[Loop]:
    """The keeper's loops: transitions that are due, the projection, and answers. Only the projection needs Postgres."""
    pool = await open_pool(context.settings.postgres_dsn, "psmp-keeper")
    context.adapters.callback(pool.terminate)
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "keeper"))
    outcomes = Outcomes(context.nats, context.settings.promises)
    lifecycle = Lifecycle(outcomes, Decider(context.log, views, stamp), context.telemetry)
    checks = Checks()
    await checks.listen(context.nats)
    return [
        Worker(context.nats, "keeper", "PSMP_LOG", "keeper", lifecycle.handle, lane),
        Follower(context.nats, pool, Projector(pool, context.log), context.telemetry),
        Questions(context.nats, context.log, views, Reads(pool, context.nats), checks).answering(),
    ]


if __name__ == "__main__":
    run("keeper", build, KeeperSettings)
