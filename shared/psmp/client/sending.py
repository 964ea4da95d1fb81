"""A command from its first sending to its outcome, over lost messages, lost connections and restarted services."""

import asyncio
from dataclasses import dataclass

from pydantic_core import from_json

from psmp.client.errors import FalseReceipt, NotAcknowledged, Order, Unreadable, Unsettled, VerdictPending
from psmp.client.gate import Gate
from psmp.client.link import Link
from psmp.client.mailbox import Mailbox
from psmp.client.queueing import not_granted
from psmp.client.receipts import Receipts, received
from psmp.client.refusals import RateLimited, refused
from psmp.client.results import Resolved, Settled, Verdict
from psmp.client.waiting import Waiting
from psmp.words import events
from psmp.words.commands import RequestSlot
from psmp.words.envelope import open_event
from psmp.words.events import CommandRefused, SlotLeft, SlotRefused
from psmp.words.strict import Malformed


@dataclass(frozen=True, slots=True)
class Statistics:
    """How a client stands: commands in flight and held back now, sent and sent again since the start, reconnections."""

    in_flight: int
    held: int
    sent: int
    sent_again: int
    settled: int
    reconnects: int
    connected: bool


class Sender:
    """Sends commands and waits for their outcomes."""

    def __init__(self, link: Link, receipts: Receipts) -> None:
        self._link, self._receipts = link, receipts
        self._gate = Gate()
        self._patient = asyncio.Lock()
        self._mailboxes: dict[tuple[str, str], Mailbox] = {}
        self._sent = self._sent_again = self._outcomes = 0

    def describe(self) -> Statistics:
        """How it stands."""
        return Statistics(
            in_flight=self._gate.passing,
            held=self._gate.holding - self._gate.passing,
            sent=self._sent,
            sent_again=self._sent_again,
            settled=self._outcomes,
            reconnects=self._link.reconnects,
            connected=self._link.connected,
        )

    def mailbox(self, tenant: str, agent: str) -> Mailbox:
        """Where outcomes for an agent arrive."""
        return self._mailboxes.setdefault((tenant, agent), Mailbox(self._link, tenant, agent))

    async def settle(self, order: Order, timeout: float, *, patient: bool = False) -> Settled:
        """The outcome of a command. The same bytes go out until it has come, at the latest after ``timeout`` seconds.

        Raises a ``Refusal`` when the outcome is no, ``NotAcknowledged`` or ``VerdictPending`` when it is not known in
        time, ``NotAllowed`` when NATS forbids the sender to ask, ``Overloaded`` when too much waits already. Who is
        ``patient`` waits as long as a ``RateLimited`` says, where that is within its time, and sends again.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        try:
            return await self._settled(order, timeout)
        except RateLimited as error:
            if not patient:
                raise
            return await self._settle_in_turn(order, deadline, error, clock() + _told(error))

    async def _settle_in_turn(self, order: Order, deadline: float, refusal: RateLimited, ready: float) -> Settled:
        """One after another: a crowd that came back together would be refused together again."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout_at(deadline):
                await self._patient.acquire()
        except TimeoutError:
            raise refusal from None
        try:
            while max(ready, clock()) < deadline:
                await asyncio.sleep(max(ready - clock(), 0))  # noqa: TID251 - so long it was told to wait
                try:
                    return await self._settled(order, deadline - clock())
                except RateLimited as again:
                    refusal, ready = again, clock() + _told(again)
            raise refusal
        finally:
            self._patient.release()

    async def _settled(self, order: Order, timeout: float) -> Settled:
        mailbox = self.mailbox(order.key.tenant, order.agent)
        with (
            self._link.awaiting(order.subject, hasty=False) as (waiting, reply),
            mailbox.expecting(order.command_id, waiting),
        ):
            try:
                async with asyncio.timeout(timeout):
                    waiting.why = "too many commands are in flight, it was not sent"
                    async with self._gate.turn(len(order.body)):
                        waiting.why = "not connected, it was not sent"
                        await mailbox.ready()
                        waiting.why = "nothing came back"
                        await self._press(order, waiting, reply)
            except TimeoutError:
                if waiting.outcome is None:
                    raise _unsettled(order, timeout, waiting) from None
        self._outcomes += 1
        return self._opened(order, waiting)

    async def _press(self, order: Order, waiting: Waiting, reply: str) -> None:
        while waiting.outcome is None:
            if waiting.error is not None:
                raise waiting.error.with_traceback(None)
            if waiting.due:
                self._sent, self._sent_again = self._sent + 1, self._sent_again + bool(waiting.tries)
                await self._link.publish(waiting, order.body, reply)
            await waiting.change(self._link.is_busy)
            if waiting.outcome is None:
                _acknowledged(waiting)

    def _opened(self, order: Order, waiting: Waiting) -> Settled:
        settled = _read(order, waiting)
        self._receipts.keep(settled)
        event = settled.event
        if isinstance(event, CommandRefused):
            raise refused(event, settled)
        if order.kind == RequestSlot.KIND and isinstance(event, SlotRefused | SlotLeft):
            raise not_granted(event, settled)
        return settled


def _told(refusal: RateLimited) -> int:
    """Seconds that it says to wait."""
    return refusal.retry_seconds or 1


def _acknowledged(waiting: Waiting) -> int | None:
    """The command's position in its stream when it is stored; of an acknowledgement that says no only why is kept."""
    if waiting.reply is None:
        return None
    try:
        said = from_json(waiting.reply)
        if "error" not in said:
            return int(said["seq"])
    except (ValueError, KeyError, TypeError):
        pass
    waiting.why = f"NATS did not store it: {waiting.reply.decode(errors='replace')[:200]}"
    waiting.reply = None
    return None


def _unsettled(order: Order, seconds: float, waiting: Waiting) -> Unsettled:
    position = _acknowledged(waiting)
    if position is None:
        return NotAcknowledged(order, seconds, waiting.why)
    return VerdictPending(order, seconds, position)


def _kind(event: events.Event) -> type[Settled]:
    if isinstance(event, events.Verdict):
        return Verdict
    ends = events.ResolutionApplied | events.ResolutionFailed | events.ResolutionRefused
    return Resolved if isinstance(event, ends) else Settled


def _read(order: Order, waiting: Waiting) -> Settled:
    """The outcome with its receipt; raises ``Unreadable`` and ``FalseReceipt``."""
    position, raw, header = waiting.outcome or (None, b"", None)
    try:
        envelope = open_event(raw)
    except Malformed as fault:
        raise Unreadable(f"the outcome of {order.kind} {order.command_id}", str(fault)) from None
    receipt = received(header, envelope, raw)
    if isinstance(receipt, str):
        raise FalseReceipt(_kind(envelope.data)(position, envelope, raw, order.command_id), receipt, header or "")
    return _kind(envelope.data)(position, envelope, raw, order.command_id, receipt)
