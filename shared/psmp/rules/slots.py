"""Who may run and who waits for it, as the log tells: leased, fenced by the grant's sequence, in fair order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
)
from psmp.words.orchestration.graph import Assignment
from psmp.words.values import Limits, Policy

SlotEvent = SlotRequested | SlotGranted | SlotRefused | SlotLeft | SlotRenewed | SlotFinished | SlotFailed | SlotExpired


class Stage(StrEnum):
    """How far an agent's wish to run is. ``NONE`` is before it was uttered and after it has ended."""

    NONE = "[*]"
    WAITING = "WAITING"
    RUNNING = "RUNNING"


FOLLOWS: Final[Mapping[Stage, Mapping[type[SlotEvent], Stage]]] = MappingProxyType(
    {
        Stage.NONE: {SlotRequested: Stage.WAITING, SlotGranted: Stage.RUNNING},
        Stage.WAITING: {SlotGranted: Stage.RUNNING, SlotRefused: Stage.NONE, SlotLeft: Stage.NONE},
        Stage.RUNNING: {
            SlotRenewed: Stage.RUNNING,
            SlotFinished: Stage.NONE,
            SlotFailed: Stage.NONE,
            SlotExpired: Stage.NONE,
        },
    }
)
"""What may follow what, for one slot."""


def diagram() -> str:
    """The table as a Mermaid state diagram; the documentation shows exactly this."""
    arrows = (f"    {a} --> {b}: {event.KIND}" for a, row in FOLLOWS.items() for event, b in row.items())
    return "\n".join(("stateDiagram-v2", *arrows, ""))


@dataclass(frozen=True, slots=True)
class Slot:
    """An agent's leased right to run since ``time``; ``declared`` is whether it has kept its duty.

    It ends when the agent was silent for ``lease_seconds``, and in any case ``term_seconds`` after ``renewed``.
    ``term_seconds`` is None for slots of older logs, which had no term. ``assignment`` is the node that it is for.
    """

    agent: str
    time: str
    lease_seconds: int
    renewed: str
    term_seconds: int | None = None
    limits: Limits | None = None
    declared: bool = False
    assignment: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An agent that waits for a slot since ``time``; ``request`` is the id of its command."""

    agent: str
    request: str
    time: str
    wait_seconds: int
    limits: Limits | None = None
    assignment: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Slots:
    """All of a project.

    Invariant: ``held`` has each slot by its fence, the sequence of its grant, in the order of their grants.
    Invariant: ``queue`` is in the order of the requests.
    """

    held: Mapping[int, Slot] = field(default_factory=dict)
    queue: tuple[Waiting, ...] = ()

    def of(self, agent: str) -> dict[int, Slot]:
        """The slots that ``agent`` holds, by fence."""
        return {fence: slot for fence, slot in self.held.items() if slot.agent == agent}

    def waits(self, agent: str) -> tuple[Waiting, ...]:
        """The agent's places in the queue, the oldest first."""
        return tuple(each for each in self.queue if each.agent == agent)

    def has_room(self, agent: str, policy: Policy) -> bool:
        """Whether ``policy`` lets one more run, and ``agent`` one more of its own."""
        return len(self.held) < policy.max_concurrent_agents and len(self.of(agent)) < policy.slots_each

    def next(self, policy: Policy) -> Waiting | None:
        """Who is to get a slot now: the first in the queue that may have one."""
        return next((each for each in self.queue if self.has_room(each.agent, policy)), None)


def after(slots: Slots, envelope: EventEnvelope, event: SlotEvent) -> Slots:
    """The slots after ``event``."""
    match event:
        case SlotRequested():
            waiting = Waiting(
                *(event.agent, envelope.correlationid, envelope.time, event.wait_seconds, event.limits),
                event.assignment,
            )
            return replace(slots, queue=(*slots.queue, waiting))
        case SlotGranted():
            slot = Slot(
                *(event.agent, envelope.time, event.lease_seconds, envelope.time, event.term_seconds, event.limits),
                assignment=event.assignment,
            )
            return Slots({**slots.held, envelope.sequence: slot}, _without(slots.queue, event.request))
        case SlotRefused() | SlotLeft():
            return replace(slots, queue=_without(slots.queue, event.request))
        case SlotRenewed():
            renewed = replace(slots.held[event.fence], renewed=envelope.time, term_seconds=event.term_seconds)
            return replace(slots, held={**slots.held, event.fence: renewed})
        case SlotFinished() | SlotFailed() | SlotExpired():
            kept = {
                fence: slot
                for fence, slot in slots.held.items()
                if (fence != event.fence if event.fence else slot.agent != event.agent)
            }
            return replace(slots, held=kept)
        case never:
            assert_never(never)


def assignment(slots: Slots, agent: str, fence: int | None) -> Assignment | None:
    """The node that ``agent`` works at under ``fence``; without one, under its only slot."""
    held = slots.of(agent)
    slot = held.get(fence) if fence is not None else next(iter(held.values())) if len(held) == 1 else None
    return slot.assignment if slot is not None else None


def reported(slots: Slots, fence: int) -> Slots:
    """The slots after the node that one was for is reported: it has ended."""
    return replace(slots, held={number: slot for number, slot in slots.held.items() if number != fence})


def declared(slots: Slots, agent: str, fence: int | None) -> Slots:
    """The slots after ``agent`` declared something under ``fence``; without one it counts for all that it holds."""
    meant = {
        number: replace(slot, declared=True)
        for number, slot in slots.of(agent).items()
        if not slot.declared and fence in (None, number)
    }
    return replace(slots, held={**slots.held, **meant}) if meant else slots


def _without(queue: tuple[Waiting, ...], request: str | None) -> tuple[Waiting, ...]:
    return tuple(each for each in queue if each.request != request)
