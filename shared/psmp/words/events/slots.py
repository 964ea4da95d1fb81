"""Events of agents: who waits, who may run, who fell silent."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from psmp.words.ids import Id, Uuid
from psmp.words.orchestration.graph import Assignment
from psmp.words.values import Fence, Limits, Word

Seconds = Annotated[int, Field(ge=1)]


class SlotRequested(Word):
    """An agent waits for a slot, behind those that waited before it, for ``wait_seconds`` at most.

    ``assignment`` is the node of a graph that it has shown a token for.
    """

    KIND: ClassVar = "slot.requested"
    agent: Id
    wait_seconds: Seconds
    limits: Limits | None = None
    assignment: Assignment | None = None


class SlotGranted(Word):
    """An agent may run, until its lease ends or it gives the slot back. The event's own ``sequence`` is the fence.

    The lease is ``lease_seconds`` from its last heartbeat, and never longer than ``term_seconds`` from the grant.
    ``limits`` are what it may use; ``request`` is the command of one that had to wait. ``assignment`` is the node of a
    graph that it may run for, whose token is thereby used up.
    """

    KIND: ClassVar = "slot.granted"
    agent: Id
    lease_seconds: int
    term_seconds: Seconds | None = None
    limits: Limits | None = None
    request: Uuid | None = None
    assignment: Assignment | None = None


class SlotRefused(Word):
    """An agent waits no longer: its time was over, or it fell silent, or the project will grant no slot any more."""

    KIND: ClassVar = "slot.refused"
    agent: Id
    request: Uuid
    reason: str


class SlotLeft(Word):
    """An agent gave up waiting."""

    KIND: ClassVar = "slot.left"
    agent: Id
    request: Uuid


class SlotRenewed(Word):
    """The slot's term begins anew with this event."""

    KIND: ClassVar = "slot.renewed"
    agent: Id
    fence: Fence
    term_seconds: Seconds


class SlotFinished(Word):
    """An agent gave its slot back; ``failure`` says what went wrong, if anything did (now told by ``slot.failed``).

    Without a ``fence`` it is the only one that the agent had.
    """

    KIND: ClassVar = "slot.finished"
    agent: Id
    failure: str | None = None
    fence: Fence | None = None


class SlotFailed(Word):
    """An agent gave its slot back and reports what went wrong."""

    KIND: ClassVar = "slot.failed"
    agent: Id
    fence: Fence
    failure: str


class SlotExpired(Word):
    """A slot ended because its agent was silent for longer than the lease, or its term was over.

    Without a ``fence`` it is the only one that the agent had.
    """

    KIND: ClassVar = "slot.expired"
    agent: Id
    last_seen: str
    fence: Fence | None = None
    reason: Literal["silent", "term"] | None = None


class AgentSilenced(Word):
    """An agent (or, in the system project, a service) has not been heard for longer than allowed."""

    KIND: ClassVar = "agent.silenced"
    agent: Id
    last_seen: str


class AgentReturned(Word):
    """An agent that was silent is heard again."""

    KIND: ClassVar = "agent.returned"
    agent: Id
    last_seen: str
