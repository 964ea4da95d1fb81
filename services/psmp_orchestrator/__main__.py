"""``python -m psmp_orchestrator``: the orchestrator service as a process."""

from collections.abc import Sequence

from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_orchestrator.consumer import Orchestrator, lane
from psmp_orchestrator.settings import OrchestratorSettings


async def build(context: Context[OrchestratorSettings]) -> Sequence[Loop]:
    """The orchestrator's one loop: what befalls graphs in; leave, reviews, outcomes and the settlement out."""
    settings = context.settings
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "orchestrator"))
    orchestrator = Orchestrator(
        context.nats, context.log, views, context.telemetry, settings.signers, settings.token_seconds
    )
    return [Worker(context.nats, "orchestrator", "PSMP_LOG", "orchestrator", orchestrator.handle, lane)]


if __name__ == "__main__":
    run("orchestrator", build, OrchestratorSettings)
