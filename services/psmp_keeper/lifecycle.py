"""The keeper's deciding half: writes the transitions and the slots that are due, and tells who waited for a slot."""

from functools import partial

from psmp.log.decider import Decider
from psmp.log.port import Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.service import counting
from psmp.service.outcomes import Outcomes
from psmp.service.telemetry import Telemetry
from psmp.wire.settle import Delivery, Done, Outcome
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, Provenance, open_event
from psmp.words.events import Event, SlotGranted, SlotLeft, SlotRefused
from psmp.words.ids import ProjectKey
from psmp_keeper.rules import due, provenance


def lane(delivery: Delivery) -> ProjectKey | None:
    """Events of one project are looked at one after another."""
    return subjects.read_log(delivery.subject)[0]


class Lifecycle:
    """Keeps the formal phase in step with the open conflicts, and the slots with whoever waits for one.

    Who waited is told when its outcome is read in the log, whoever wrote it there: so it is told again whenever it is
    not certain that it was, and never of anything that is not stored.
    """

    def __init__(self, outcomes: Outcomes, decider: Decider[Project | None], telemetry: Telemetry) -> None:
        self._outcomes = outcomes
        self._decider = decider
        self._telemetry = telemetry

    async def handle(self, delivery: Delivery) -> Outcome:
        """Tell of this event whom it settles a wait for; then write what is due after it, until nothing is."""
        trigger = open_event(delivery.body)
        await self._tell(trigger, delivery)
        with self._telemetry.span("process lifecycle", trigger.traceparent) as traceparent:
            rule = partial(_rule, trigger, traceparent)
            while record := await self._decider.decide(trigger.key, rule, seen=delivery.position):
                counting.written(record)
        return Done()

    async def _tell(self, envelope: EventEnvelope, delivery: Delivery) -> None:
        match envelope.data:
            case (
                SlotGranted(agent=agent, request=str(request))
                | SlotRefused(agent=agent, request=request)
                | SlotLeft(agent=agent, request=request)
            ):
                told = Record(delivery.position, envelope.key, envelope.data.KIND, delivery.body, envelope)
                await self._outcomes.tell(envelope.key, agent, request, told)
            case _:
                return


def _rule(
    trigger: EventEnvelope, traceparent: str | None, view: View[Project | None]
) -> tuple[Event, Provenance] | None:
    """What is due, and what it follows from."""
    event = due(view.state) if view.state else None
    if event is None:
        return None
    return event, provenance(event, trigger.id, trigger.correlationid, traceparent)
