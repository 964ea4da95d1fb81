"""A worker: pulls a durable consumer, works each project's messages off in order, projects side by side."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import structlog
from nats.errors import Error as NatsError

from psmp.log.gate import Gate
from psmp.log.port import Damaged, Unreachable
from psmp.service.metrics import HANDLING
from psmp.service.pausing import pause
from psmp.service.retries import Retried, is_retry, retried
from psmp.service.statistics import Statistics
from psmp.wire.assets import most_delivered
from psmp.wire.mended import MendedClient
from psmp.wire.pull import SUSPECT, Puller
from psmp.wire.settle import SCHEDULE, Delivery, Done, Later, Never, Origin, Outcome, bury, settle
from psmp.words import subjects
from psmp.words.faults import told
from psmp.words.ids import ProjectKey

LOG: Final = structlog.get_logger()
AT_ONCE: Final = 50
"""How many lanes are set going in one turn of the event loop. What they say is written before the next ones are.

Else a crowd that arrives together is answered together, and goes from service to service in step, each waiting for the
other; measured, that cost some 3 to 7 % of what the system can sustain.
"""
AT_WORK: Final = 2.0
"""Seconds between two words to the server that a delivery is still in hand."""
AGAIN: Final = 1.0
"""Seconds after which what was unreachable is tried again."""
MOST_VAIN: Final = 3
"""So often in a row a message may find unreachable what others reach; then the fault is its own."""
_UNREACHABLE: Final = (Unreachable, NatsError, TimeoutError)
_MOST_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class InHand:
    """A delivery that was not settled yet; ``told`` is when the server last heard of it.

    ``tries`` are those when it came to us: what is delivered again while we have it tells of no death.
    ``again`` is how often it was handled since and stayed in hand; ``vain`` is how often in a row it found unreachable
    what others reached meanwhile, of whom ``others`` had been done before.
    """

    delivery: Delivery
    tries: int
    told: float
    others: int
    again: int = 0
    vain: int = 0
    retry: Retried | None = None


class Worker:
    """Hands deliveries of ``durable`` to ``handle`` and settles them by its answer.

    Deliveries with the same ``lane`` are handled one after another in stream order, others at the same time.
    While NATS or the log is unreachable a delivery stays in hand, and the server hears so: an outage uses up no tries.
    What fails is tried again by ``SCHEDULE`` and then goes to the dead letters, as does, unhandled, what is delivered
    for the last time (``most``; left out, what the consumer has as its bound): nobody who had it before lived to
    answer. So one poisoned message holds up nobody for long. What is delivered for the ``suspect``-th time, more often
    than the handler's own ``Later`` explains, is had alone. ``letters_of`` is the consumer whose dead letters this
    worker handles again when they are retried; its own unless told otherwise.
    """

    def __init__(
        self,
        nats: MendedClient,
        service: str,
        stream: str,
        durable: str,
        handle: Callable[[Delivery], Awaitable[Outcome]],
        lane: Callable[[Delivery], ProjectKey | None],
        *,
        limit: int = 1000,
        most: int | None = None,
        suspect: int = SUSPECT,
        letters_of: str | None = None,
        at_work: float = AT_WORK,
    ) -> None:
        self._nats, self._origin = nats, Origin(service, stream, durable)
        self._handle, self._lane = handle, lane
        self._most, self._letters_of = most or most_delivered(durable), letters_of or durable
        self._at_work = at_work
        self._gate: Gate | None = None
        self._puller = Puller(
            *(nats, stream, durable, self._arrive), limit=limit, careful=True, suspect=suspect, held=self._is_held
        )
        self._lanes: dict[Hashable, deque[InHand]] = {}
        self._idle: deque[Hashable] = deque()
        self._in_hand: dict[int, InHand] = {}
        self._failures: OrderedDict[int, int] = OrderedDict()  # by position
        self._group: asyncio.TaskGroup | None = None
        self._stopping = asyncio.Event()
        self._timer = HANDLING.labels(durable)
        self._done = self._later = self._never = 0

    def guard(self, gate: Gate) -> None:
        """While ``gate`` is shut messages stay in their stream, and what is in hand stays in hand."""
        self._gate = gate

    def _is_held(self) -> bool:
        return self._gate is not None and bool(self._gate.shut)

    async def run(self) -> None:
        """See ``Loop``."""
        saying = asyncio.get_running_loop().create_task(self._say_at_work())
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._puller.run()
        finally:
            saying.cancel()

    def stop(self) -> None:
        """See ``Loop``."""
        self._puller.stop()
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        trouble = "" if self._nats.is_connected else "not connected to NATS"
        waiting = sum(map(len, self._lanes.values()))
        return Statistics(self._origin.consumer, self._done, self._later, self._never, waiting, trouble)

    def _arrive(self, delivery: Delivery) -> None:
        now = asyncio.get_running_loop().time()
        if held := self._in_hand.get(delivery.position):  # the server thought that we had lost it
            held.delivery, held.told = delivery, now
            self._puller.release()
            return
        held = self._in_hand[delivery.position] = InHand(delivery, delivery.tries, now, self._done)
        lane = self._lane(delivery) or delivery.position
        queue = self._lanes.get(lane)
        if queue is not None:
            queue.append(held)
        else:
            self._lanes[lane] = deque([held])
            self._idle.append(lane)
            if len(self._idle) == 1:
                asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        """Set some lanes going, and the others when what these say has been written."""
        if self._group is None:
            return
        for _ in range(min(AT_ONCE, len(self._idle))):
            self._group.create_task(self._work_off(self._idle.popleft()))
        if self._idle:
            asyncio.get_running_loop().call_later(0, self._start)

    async def _work_off(self, lane: Hashable) -> None:
        queue = self._lanes[lane]
        while queue:
            held = queue.popleft()
            settled = True
            try:
                settled = await self._work(held)
                self._puller.survived(held.delivery)
            finally:
                if settled:
                    self._in_hand.pop(held.delivery.position, None)
                    self._puller.release()
                else:
                    held.again += 1
                    queue.append(held)
            if not settled:
                await pause(self._stopping, AGAIN)
                if self._stopping.is_set():  # unanswered, they are delivered to whoever comes next
                    break
        del self._lanes[lane]

    async def _work(self, held: InHand) -> bool:
        """Handle it and settle it; False when it stays in hand, for what it needs is away."""
        if self._is_held():
            return False
        begun = perf_counter()
        try:
            try:
                outcome = await self._attempt(held)
            except _UNREACHABLE as error:
                if (failed := self._vain(held, error)) is None:
                    return False
                outcome = failed
            self._timer.observe(perf_counter() - begun)
            await self._settle(held, outcome)
        except _UNREACHABLE as error:  # of what was done the effect is found in the log
            LOG.warning("not_settled", error=told(error), **_about(held.delivery))
            return False
        return True

    async def _attempt(self, held: InHand) -> Outcome:
        """What the handler says of it; a handler is told of every try, for an earlier one may have got half-way."""
        delivery = held.delivery._replace(tries=held.delivery.tries + held.again)
        if self._most is not None and held.tries >= self._most:
            return Never(f"it was delivered {held.tries} times, and whoever had it did not live to answer")
        try:
            if not is_retry(delivery):
                return await self._handle(delivery)
            held.retry = await retried(self._nats, delivery, self._letters_of)
            return await self._handle(held.retry.message) if held.retry else Done()
        except _UNREACHABLE:
            raise
        except Damaged as damage:
            LOG.critical("log_damaged", error=str(damage), hint=damage.hint, **_about(delivery))
            return self._failed(delivery, damage)
        except (
            Exception
        ) as error:  # the runner's own: a fault of ours must neither lose the message nor stop the others
            LOG.exception("handler_failed", tries=delivery.tries, **_about(delivery))
            return self._failed(delivery, error)

    def _vain(self, held: InHand, error: Exception) -> Outcome | None:
        """What becomes of what finds something unreachable: None, it waits; unless others reach it all the time."""
        LOG.warning("unreachable", error=told(error), **_about(held.delivery))
        held.vain = held.vain + 1 if self._done > held.others else 0
        held.others = self._done
        return self._failed(held.delivery, error) if held.vain >= MOST_VAIN else None

    def _failed(self, delivery: Delivery, error: Exception) -> Outcome:
        failures = self._failures.pop(delivery.position, 0) + 1
        if failures > len(SCHEDULE):
            return Never(f"{type(error).__name__}: {error}")
        self._failures[delivery.position] = failures
        if len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)
        return Later(SCHEDULE[failures - 1])

    async def _settle(self, held: InHand, outcome: Outcome) -> None:
        delivery, retry = held.delivery, held.retry
        if retry is not None and isinstance(outcome, Never):
            letter = retry.letter
            await bury(self._nats, letter.origin, retry.message, outcome.reason, letter.key, after=letter.number)
            await self._nats.publish(delivery.message.reply, b"+TERM retried in vain")
        else:
            await settle(self._nats, self._origin, delivery, outcome, self._lane(delivery))
        match outcome:
            case Done():
                self._done += 1
                self._failures.pop(delivery.position, None)
            case Later():
                self._later += 1
            case Never(reason):
                self._never += 1
                LOG.error("dead_letter", position=delivery.position, reason=reason, **_about(delivery))

    async def _say_at_work(self) -> None:
        """Say again and again of what is in hand that it is: else it is delivered to somebody else, and counted."""
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._at_work / 2)  # noqa: TID251 - what time alone brings about
            late = clock() - self._at_work
            for held in [each for each in self._in_hand.values() if each.told <= late]:
                if self._nats.is_connected:
                    self._nats.send(held.delivery.message.reply, b"+WPI")
                    held.told = clock()


def of_event(delivery: Delivery) -> ProjectKey | None:
    """The lane of an event: its project."""
    return subjects.read_log(delivery.subject)[0]


def _about(delivery: Delivery) -> dict[str, str]:
    return {"correlation": delivery.correlation, "subject": delivery.subject}
