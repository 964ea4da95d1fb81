"""The keeper's deciding half: after every verdict that touches conflicts, writes the transitions that are due."""

from functools import partial
from typing import Final

from psmp.log.decider import Decider
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.service.telemetry import Telemetry
from psmp.wire.settle import Delivery, Done, Outcome
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import Event
from psmp.words.ids import ProjectKey
from psmp_keeper.rules import due

SOURCE: Final = "/psmp/keeper"
ACTOR: Final = "psmp_keeper"


def lane(delivery: Delivery) -> ProjectKey | None:
    """Events of one project are looked at one after another."""
    return subjects.read_log(delivery.subject)[0]


class Lifecycle:
    """Keeps the formal phase in step with the open conflicts."""

    def __init__(self, decider: Decider[Project | None], telemetry: Telemetry) -> None:
        self._decider = decider
        self._telemetry = telemetry

    async def handle(self, delivery: Delivery) -> Outcome:
        """Write what is due after this event, until nothing is."""
        trigger = open_event(delivery.body)
        with self._telemetry.span("process lifecycle", trigger.traceparent) as traceparent:
            provenance = Provenance(SOURCE, ACTOR, trigger.id, trigger.correlationid, traceparent)
            while await self._decider.decide(trigger.key, partial(_rule, provenance), seen=delivery.position):
                continue
        return Done()


def _rule(provenance: Provenance, view: View[Project | None]) -> tuple[Event, Provenance] | None:
    transition = due(view.state) if view.state else None
    return (transition, provenance) if transition else None
