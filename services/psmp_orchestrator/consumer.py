"""The orchestrator at work: hears what befalls graphs, writes what follows, and sends each agent its own tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic_core import to_json

from psmp.ledger.notes import Signer
from psmp.log.decider import Decider, Decision
from psmp.log.port import EventLog
from psmp.log.view import View
from psmp.log.views import Views
from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.deciding import awaited
from psmp.rules.orchestration.running import Run
from psmp.rules.project import Project
from psmp.service import counting
from psmp.service.clock import now, stamp
from psmp.service.covering import covering
from psmp.service.telemetry import Telemetry
from psmp.wire.mended import MendedClient
from psmp.wire.settle import Delivery, Done, Later, Outcome
from psmp.words import subjects
from psmp.words.answers import Problem
from psmp.words.envelope import EventEnvelope, open_event, written
from psmp.words.events import BerAgentGenerated, PdoOrchAggregated, SubPacDispatched, SubPacExecuted
from psmp.words.ids import ProjectKey
from psmp_orchestrator.rules import ACTOR, Terms, due, provenance, settlement, settles

LOG: Final = structlog.get_logger()
AGAIN: Final = (2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds after which a token is sent again while its agent has not begun; the last one from then on."""
SOON: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds after which it is looked again whether a verdict, or a checkpoint, has come."""
COVERED: Final = 2.0
"""Seconds within which a checkpoint should be there; else it is asked for again."""
LONGEST: Final = 3600.0
"""Seconds until it is looked again at what waits for a person."""


def lane(delivery: Delivery) -> ProjectKey | None:
    """What concerns one project is looked at one after another."""
    return subjects.read_log(delivery.subject)[0]


class Orchestrator:
    """Writes what is due in the graphs of a project after each event of theirs.

    A token is sent when its dispatch is read in the log, whoever wrote it there: so it is sent again whenever it is not
    certain that it was, it is the same then, and of what is not stored there is none.
    """

    def __init__(
        self,
        nats: MendedClient,
        log: EventLog,
        views: Views[Project | None],
        telemetry: Telemetry,
        signers: Sequence[Signer],
        seconds: int,
    ) -> None:
        self._nats, self._views, self._telemetry = nats, views, telemetry
        self._decider = Decider(log, views, stamp)
        self._signers = {str(each.verifier): each for each in signers}
        self._terms = Terms(str(signers[0].verifier), seconds)

    async def handle(self, delivery: Delivery) -> Outcome:
        """Write what is due after this event, until nothing is; it comes again when there may be more to say."""
        trigger = open_event(delivery.body)
        with self._telemetry.span("process orchestration", trigger.traceparent) as traceparent:
            ruling = _Ruling(trigger, traceparent, self._terms)
            while records := await self._decider.decide_all(trigger.key, ruling, seen=delivery.position):
                for each in records:
                    counting.written(each)
                    LOG.info(each.kind, correlation=trigger.correlationid, project=str(trigger.key))
            async with self._views.hold(trigger.key) as view:
                project = view.state
            if project is None:
                return Done()
            await self._settle(trigger, project, traceparent)
        return await self._outcome(trigger, project, delivery.tries)

    async def _settle(self, trigger: EventEnvelope, project: Project, traceparent: str | None) -> None:
        """Settle what is complete, and stands under a checkpoint of the ledger."""
        for maeg, run in project.runs.items():
            if not settles(project, run):
                continue
            found = await covering(self._nats, trigger.key, ACTOR, run.aggregated, within=COVERED)
            if isinstance(found, Problem):
                LOG.warning("not_covered", project=str(trigger.key), maeg=maeg, reason=found.reason)
                continue
            settling = _Settling(trigger, traceparent, maeg, f"{found.sequence} {found.root}")
            if await self._decider.decide(trigger.key, settling):
                LOG.info("settled", correlation=trigger.correlationid, project=str(trigger.key), maeg=maeg)

    async def _outcome(self, trigger: EventEnvelope, project: Project, tries: int) -> Outcome:
        match trigger.data:
            case SubPacDispatched(maeg=maeg, node=node):
                run = project.runs[maeg]
                work = run.of(node)
                is_open = work.token is not None and work.token.id == trigger.id and work.state == "DISPATCHED"
                return await self._send(trigger.key, run, node, tries) if run.is_open and is_open else Done()
            case SubPacExecuted(maeg=maeg, node=node, attempt=attempt):
                work = project.runs[maeg].of(node)
                waits = (work.state, work.attempt, work.ber) == ("BER_PENDING", attempt, None)
                return _soon(tries) if waits and project.runs[maeg].is_open else Done()
            case BerAgentGenerated(maeg=maeg, node=node, attempt=attempt):
                return _until_spoken(project.runs[maeg], node, attempt)
            case PdoOrchAggregated(maeg=maeg):
                return _soon(tries) if settles(project, project.runs[maeg]) else Done()
        return Done()

    async def _send(self, key: ProjectKey, run: Run, node: str, tries: int) -> Outcome:
        """Send the token; again while the agent has not begun, and once more when it would be too late."""
        token = run.of(node).token
        signer = self._signers.get(token.key) if token else None
        found = tokens.dispatch(key, run, node, signer) if signer else None
        if found is not None:
            await self._nats.publish(subjects.dispatch(key, found.agent), to_json(found, exclude_none=True))
        pause = AGAIN[min(tries, len(AGAIN)) - 1]
        left = (datetime.fromisoformat(token.until) - now()).total_seconds() if token else pause
        return Later(max(0.05, min(pause, left + 0.01)))


def _soon(tries: int) -> Later:
    return Later(SOON[min(tries, len(SOON)) - 1])


def _until_spoken(run: Run, node: str, attempt: int) -> Outcome:
    """Until the first time is over in which a person has yet to speak on a result; done where nobody is waited for."""
    work = run.of(node)
    checks = awaited(run, node)
    if (work.state, work.attempt) != ("BER_PENDING", attempt) or not run.is_open or not checks:
        return Done()
    until = datetime.fromisoformat(work.executed) + timedelta(seconds=min(each.seconds for each in checks))
    return Later(min(max((until - now()).total_seconds() + 0.05, 0.05), LONGEST))


@dataclass(frozen=True, slots=True)
class _Ruling:
    """The rule for what follows from one event."""

    trigger: EventEnvelope
    traceparent: str | None
    terms: Terms

    def __call__(self, view: View[Project | None]) -> list[Decision]:
        events = due(view.state, written(now()), self.terms) if view.state else []
        origin = provenance(self.trigger.id, self.trigger.correlationid, self.traceparent)
        return [(event, origin) for event in events]


@dataclass(frozen=True, slots=True)
class _Settling:
    """The rule for the one settlement of a graph."""

    trigger: EventEnvelope
    traceparent: str | None
    maeg: str
    checkpoint: str

    def __call__(self, view: View[Project | None]) -> Decision | None:
        event = settlement(view.state, self.maeg, self.checkpoint) if view.state else None
        origin = provenance(self.trigger.id, self.trigger.correlationid, self.traceparent)
        return (event, origin) if event is not None else None
