"""The checker at work: hears of a change, asks the rules, writes the verdict, answers whoever declared."""

from functools import partial
from typing import Final

import structlog

from psmp.log.decider import Decider
from psmp.log.port import EventLog, Record
from psmp.log.view import View
from psmp.log.views import Views
from psmp.service.clock import stamp
from psmp.service.outcomes import Outcomes
from psmp.service.telemetry import Telemetry
from psmp.wire.settle import Delivery, Done, Outcome
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, Provenance, open_event
from psmp.words.events import ArtifactAccepted, ArtifactWithdrawn, Event, ProjectChanged, ProjectRecovering
from psmp.words.ids import ProjectKey
from psmp_checker.docket import Docket, cases
from psmp_checker.rules import judge, provenance

LOG: Final = structlog.get_logger()


def lane(delivery: Delivery) -> ProjectKey | None:
    """Changes of one project are judged one after another."""
    return subjects.read_log(delivery.subject)[0]


class Checker:
    """Gives every declaration its verdict."""

    def __init__(self, outcomes: Outcomes, log: EventLog, views: Views[Docket], telemetry: Telemetry) -> None:
        self._outcomes, self._log, self._views, self._telemetry = outcomes, log, views, telemetry
        self._decider = Decider(log, views, stamp)

    async def handle(self, delivery: Delivery) -> Outcome:
        """One change to its verdict."""
        change = open_event(delivery.body)
        self._views.offer(Record(delivery.position, change.key, change.data.KIND, delivery.body, change))
        if isinstance(change.data, ProjectRecovering):
            if change.data.step == "recheck":
                await self._recheck(change.key, delivery.position)
            return Done()
        if isinstance(change.data, ProjectChanged):  # its sender was answered by intake
            await self._judge_anew(change, delivery.position)
            return Done()
        verdict = await self._judge(change, delivery.position)
        if isinstance(change.data, ArtifactWithdrawn):  # its sender was answered by intake
            return Done()
        if verdict is None and delivery.tries > 1:  # written before, but perhaps never told
            verdict = await self._written(change)
        if verdict is not None:
            await self._tell(change, verdict)
        return Done()

    async def _recheck(self, key: ProjectKey, position: int) -> None:
        """Give every verdict that is missing, though nobody brings us the change: what was lost is found in the log."""
        async with self._views.hold(key) as view:
            await self._views.catch_up(view)
            count, missing = len(view.state.pending), {name.partition("/")[0] for name in view.state.pending}
        if not missing:
            return
        LOG.warning("verdicts_missing", project=str(key), count=count)
        async for record in self._log.read(key):
            if record.position > position or not missing:
                return
            change = open_event(record.body)
            if change.id not in missing:
                continue
            missing.discard(change.id)
            if isinstance(change.data, ProjectChanged):
                await self._judge_anew(change, position)
                continue
            verdict = await self._judge(change, position)
            if verdict is not None and not isinstance(change.data, ArtifactWithdrawn):
                await self._tell(change, verdict)

    async def _judge_anew(self, change: EventEnvelope, position: int) -> None:
        """Every verdict that is still to be given because the project changed."""
        async with self._views.hold(change.key) as view:
            await self._views.catch_up(view)
            waiting = [each.artifact for each in view.state.pending.values()]
        for artifact in dict.fromkeys(waiting):
            await self._judge(change, position, cases(change.id, artifact)[1])

    async def _judge(self, change: EventEnvelope, position: int, case: str = "") -> Record | None:
        """The verdict that was written now; None when there was one, or there is nothing to say."""
        with self._telemetry.span("process verdict", change.traceparent) as traceparent:
            rule = partial(_rule, case or change.id, provenance(change.id, change.correlationid, traceparent))
            verdict = await self._decider.decide(change.key, rule, seen=position)
            if verdict is not None and verdict.kind != ArtifactAccepted.KIND:
                where = {"project": str(change.key), "agent": change.actor, "position": verdict.position}
                LOG.info(verdict.kind, correlation=change.correlationid, **where)
            return verdict

    async def _written(self, change: EventEnvelope) -> Record | None:
        async with self._views.hold(change.key) as view:
            position = view.answers.find(change.correlationid) or 0
        if position > 0:
            async for record in self._log.read(change.key, after=position - 1, limit=1):
                return record
        return None

    async def _tell(self, change: EventEnvelope, verdict: Record) -> None:
        await self._outcomes.tell(change.key, change.actor, change.correlationid, verdict)


def _rule(case: str, origin: Provenance, view: View[Docket]) -> tuple[Event, Provenance] | None:
    verdict = judge(view.state, case)
    return (verdict, origin) if verdict else None
