"""``python -m psmp_checker``: the checker service as a process."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.views import Views
from psmp.service import live
from psmp.service.outcomes import Outcomes
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_checker.consumer import Checker, lane
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_checker.settings import CheckerSettings
from psmp_checker.solver import Solver, Solving

OTHERS: Final = (*("project.*", "slot.*", "agent.*", "command.*", "resolution.*", "waiver.*", "alert.*", "letter.*"),)
"""What others write in a project's log: all that comes between two of our own words must be folded."""


async def build(context: Context[CheckerSettings]) -> Sequence[Loop]:
    """The checker's loops: changes in, verdicts and answers out; the transitive ones where there is an index."""
    views = Views(context.log, DOCKET_FOLD, JetStreamSnapshots(context.nats, context.log, "checker"))
    await live.follow(context.nats, views, *OTHERS)
    outcomes = Outcomes(context.nats, context.settings.promises)
    checker = Checker(outcomes, context.log, views, context.telemetry)
    loops: list[Loop] = [Worker(context.nats, "checker", "PSMP_LOG", "checker", checker.handle, lane)]
    if context.settings.index_url:
        loops.append(_solving(context, views, context.settings.index_url))
    return loops


def _solving(context: Context[CheckerSettings], views: Views[Docket], index: str) -> Solving:
    folder = context.settings.solver_cache
    if folder is None:
        folder = Path(context.adapters.enter_context(TemporaryDirectory(prefix="psmp-solver-")))
    solver = Solver(context.nats, context.log, views, context.telemetry, context.settings, index, folder)
    return Solving(context.nats, solver)


if __name__ == "__main__":
    run("checker", build, CheckerSettings)
