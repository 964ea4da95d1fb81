"""``python -m psmp_intake``: the intake service as a process."""

from collections.abc import Sequence

from psmp.log.folds import PROJECT_FOLD
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service import live
from psmp.service.outcomes import Outcomes
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker, of_event
from psmp_intake.consumer import Intake, lane
from psmp_intake.settings import IntakeSettings


async def build(context: Context[IntakeSettings]) -> Sequence[Loop]:
    """Intake's loops: commands in, facts and answers out."""
    views = Views(context.log, PROJECT_FOLD, JetStreamSnapshots(context.nats, context.log, "intake"))
    await live.follow(
        context.nats,
        views,
        *("artifact.accepted", "conflict.*", "compatibility.*", "project.*", "slot.*", "agent.*", "resolution.*"),
        *("waiver.*", "alert.*", "webhook.ended"),
    )
    outcomes = Outcomes(context.nats, context.settings.promises)
    intake = Intake(context.nats, outcomes, context.log, views, context.telemetry, context.settings.limits)
    return [
        Worker(context.nats, "intake", "PSMP_COMMANDS", "intake", intake.handle, lane),
        Worker(context.nats, "intake", "PSMP_LOG", "intake-letters", intake.handle, of_event, letters_of="intake"),
    ]


if __name__ == "__main__":
    run("intake", build, IntakeSettings)
