"""Waiting for a slot: in the queue until it is granted or refused, and out of it when the one who waits gives up."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from psmp.client import arguments
from psmp.client.errors import Invalid, Order, PsmpError, Refusal, Unsettled
from psmp.client.refusals import NotWaiting
from psmp.client.results import Settled
from psmp.words.commands import RequestSlot
from psmp.words.events import SlotLeft, SlotRefused
from psmp.words.strict import Fault
from psmp.words.values import Limits

if TYPE_CHECKING:
    from psmp.client.client import Client

HEARTBEAT: Final = 30.0
"""Seconds between two heartbeats of an agent at work, at most."""

FAREWELL: Final = 2.0
"""Seconds that the word that an agent leaves may take."""

BEATS: Final = 3
"""How many fall within one lease."""

_TRIES: Final = 3
_GAVE_UP: Final = "gave up waiting for the slot"


class NotGranted(Refusal):
    """The agent waited for a slot and got none: its time was over, it left the queue, or the project closed."""

    def __init__(self, reason: str, settled: Settled | None = None) -> None:
        super().__init__(
            "NOT_GRANTED",
            reason,
            "see whether the project is blocked or full (its status), and ask again",
            settled=settled,
        )


def not_granted(event: SlotRefused | SlotLeft, settled: Settled) -> NotGranted:
    """The error for a request that waited in vain."""
    return NotGranted(event.reason if isinstance(event, SlotRefused) else f"{event.agent} has left the queue", settled)


def request(wait: float | None, limits: Limits | Mapping[str, Any] | None, token: str | None = None) -> RequestSlot:
    """The command for a slot; ``wait`` in seconds, None or 0 for not at all. Raises ``Invalid``."""
    if wait is not None and not 0 <= wait < math.inf:
        raise Invalid([Fault("/wait", f"{wait} s; 0 or more are needed, and an end")])
    return arguments.build(RequestSlot, wait_seconds=math.ceil(wait) if wait else None, limits=limits, token=token)


def interval(lease_seconds: float) -> float:
    """Seconds between two heartbeats that fit a lease."""
    return min(HEARTBEAT, lease_seconds / BEATS)


async def queued(
    client: "Client", order: Order, settle: Callable[[float], Awaitable[Settled]], wait: int, patience: float
) -> Settled:
    """The grant that ``settle`` brings within ``wait`` seconds, and ``patience`` for the answer to arrive.

    Raises ``NotGranted``. Nothing is left behind by one that gives up: no place in the queue, no slot.
    """
    project = order.key.project
    lease = (await client.status(project, timeout=patience)).policy.lease_seconds
    try:
        async with client.alive(project, interval=interval(lease)):
            return await settle(wait + patience)
    except Unsettled:
        granted = await _out(client, order, settle, patience)
        if granted is not None:
            return granted
        raise NotGranted(f"no slot came free in {wait} s") from None
    except asyncio.CancelledError as cancelled:
        try:
            granted = await _out(client, order, settle, patience)
            if granted is not None:
                await client.finish(project, failure=_GAVE_UP, fence=granted.sequence, timeout=patience)
        except PsmpError as error:
            cancelled.add_note(f"The queue could not be left: {error}")
        raise


async def _out(
    client: "Client", order: Order, settle: Callable[[float], Awaitable[Settled]], patience: float
) -> Settled | None:
    """Out of the queue, whatever has become of the request; the grant, when that was quicker. Raises ``PsmpError``."""
    for _ in range(_TRIES):
        try:
            await client.leave(order.key.project, request=order.command_id, timeout=patience)
        except NotWaiting:  # settled already, or not stored yet: to ask again tells
            try:
                return await settle(patience)
            except Unsettled:
                continue
            except NotGranted:
                return None
        else:
            return None
    return None
