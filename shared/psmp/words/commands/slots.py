"""Commands about the right to run."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.ids import Uuid
from psmp.words.orchestration.dispatch import Token
from psmp.words.values import Fence, Limits, Reason, Word


class RequestSlot(Word):
    """Ask for the right to run. With ``wait_seconds`` the agent queues for so long when there is none just now.

    ``token`` is the one that the agent was sent for a node of a graph, and is used up by the grant.
    """

    KIND: ClassVar = "slot.request"
    wait_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    limits: Limits | None = None
    token: Token | None = None


class RenewSlot(Word):
    """Ask for another term before the one that runs is over; ``fence`` says of which slot, if there are several."""

    KIND: ClassVar = "slot.renew"
    fence: Fence | None = None


class FinishSlot(Word):
    """Give the right to run back; refused when nothing was declared under it and no ``failure`` is told.

    ``fence`` says which slot, if the agent holds several.
    """

    KIND: ClassVar = "slot.finish"
    failure: Reason | None = None
    fence: Fence | None = None


class LeaveQueue(Word):
    """Wait for a slot no longer; ``request`` is the command that asked for it, if the agent waits for several."""

    KIND: ClassVar = "slot.leave"
    request: Uuid | None = None
