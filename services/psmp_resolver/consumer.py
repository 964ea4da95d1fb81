"""The resolver at work: hears of conflicts, wishes and answers, asks the rules, writes it down, tells who waits."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from nats.aio.client import Client
from pydantic_core import to_json

from psmp.log.decider import Decider
from psmp.log.port import EventLog, Record
from psmp.log.view import SETTLING, View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.rules.resolutions import Attempt
from psmp.rules.status import describe
from psmp.rules.tasks import asked, tasks
from psmp.service.clock import now, stamp
from psmp.service.outcomes import Outcomes
from psmp.service.telemetry import Telemetry
from psmp.wire.settle import Delivery, Done, Later, Never, Outcome
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, Provenance, open_event
from psmp.words.events import Event
from psmp.words.ids import OWN_AGENTS, ProjectKey
from psmp_resolver.rules import Anew, anew, given_up, is_asking, next_word, patience, provenance

LOG: Final = structlog.get_logger()
AGAIN: Final = (2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds after which a task is said again while nobody has done it; the last one from then on."""
MOST_SAID: Final = 1500
"""How often a task is said, in some twelve hours; the status goes on to say it."""


def lane(delivery: Delivery) -> ProjectKey | None:
    """What concerns one project is looked at one after another."""
    return subjects.read_log(delivery.subject)[0]


class Resolver:
    """Gives every attempt its end, and takes up the conflicts that policy gives it."""

    def __init__(
        self, nats: Client, outcomes: Outcomes, log: EventLog, views: Views[Project | None], telemetry: Telemetry
    ) -> None:
        self._nats, self._outcomes, self._views, self._telemetry = nats, outcomes, views, telemetry
        self._decider = Decider(log, views, stamp)

    async def handle(self, delivery: Delivery) -> Outcome:
        """Write what is due after this event, until nothing is; it comes again when there will be more to say."""
        trigger = open_event(delivery.body)
        with self._telemetry.span("process resolution", trigger.traceparent) as traceparent:
            ruling = _Ruling(trigger, now(), traceparent, anew(trigger, delivery.retried))
            while record := await self._decider.decide(trigger.key, ruling, seen=delivery.position):
                LOG.info(record.kind, correlation=trigger.correlationid, project=str(trigger.key))
                await self._tell(trigger.key, ruling.attempt, record)
        async with self._views.hold(trigger.key) as view:
            project = view.state
        return await self._outcome(trigger, project, delivery.tries) if project else Done()

    async def _outcome(self, trigger: EventEnvelope, project: Project, tries: int) -> Outcome:
        if reason := given_up(project, trigger):
            return Never(reason)
        waits = [patience(project, trigger, now())]
        if tries < MOST_SAID and is_asking(project, trigger):
            await self._ask(trigger.key, project)
            waits.append(AGAIN[min(tries, len(AGAIN)) - 1])
        soonest = min((each for each in waits if each is not None), default=None)
        return Done() if soonest is None else Later(soonest)

    async def _tell(self, key: ProjectKey, attempt: Attempt | None, record: Record) -> None:
        """Answer whoever asked; who hears nothing, for we died here, asks intake again and hears it there."""
        kinds = {each.KIND for each in SETTLING}
        if attempt is None or record.kind not in kinds or attempt.by.startswith(OWN_AGENTS):
            return
        await self._outcomes.tell(key, attempt.by, attempt.command, record)

    async def _ask(self, key: ProjectKey, project: Project) -> None:
        status = describe(key, project)
        for agent in asked(status):
            for task in tasks(status, agent):
                await self._nats.publish(subjects.task(key, agent), to_json(task, exclude_none=True))


@dataclass(slots=True)
class _Ruling:
    """The rule for what follows from one event, and the attempt that its last word was about."""

    trigger: EventEnvelope
    now: datetime
    traceparent: str | None
    anew: Anew | None
    attempt: Attempt | None = field(default=None)

    def __call__(self, view: View[Project | None]) -> tuple[Event, Provenance] | None:
        word = next_word(view.state, self.now, self.anew) if view.state else None
        if word is None:
            return None
        self.attempt = word.attempt
        return word.event, provenance(word, self.trigger.id, self.trigger.correlationid, self.traceparent)
