"""A worker: pulls a durable consumer, works each project's messages off in order, projects side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from time import perf_counter
from typing import Final

import structlog
from nats.errors import Error as NatsError

from psmp.log.port import Damaged, Unreachable
from psmp.service.metrics import HANDLING
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.wire.pull import Puller
from psmp.wire.settle import SCHEDULE, Delivery, Done, Later, Never, Outcome, settle
from psmp.words.ids import ProjectKey

LOG: Final = structlog.get_logger()
AT_ONCE: Final = 50
"""How many lanes are set going in one turn of the event loop. What they say is written before the next ones are.

Else a crowd that arrives together is answered together, and goes from service to service in step, each waiting for the
other; measured, that cost some 3 to 7 % of what the system can sustain.
"""
_AGAIN: Final = 1.0
_DAMAGED_AGAIN: Final = 30.0


class Worker:
    """Hands deliveries of ``durable`` to ``handle`` and settles them by its answer.

    Deliveries with the same ``lane`` are handled one after another in stream order, others at the same time.
    An unreachable server is waited out. Anything unforeseen is tried again by schedule and then goes to the dead
    letters, so that one poisoned message holds up nobody for long.
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
    ) -> None:
        self._nats, self._service = nats, service
        self._handle, self._lane = handle, lane
        self._puller = Puller(nats, stream, durable, self._arrive, limit=limit)
        self._lanes: dict[Hashable, deque[Delivery]] = {}
        self._idle: deque[Hashable] = deque()
        self._group: asyncio.TaskGroup | None = None
        self._timer = HANDLING.labels(durable)
        self._name = durable
        self._done = self._later = self._never = 0

    async def run(self) -> None:
        """See ``Loop``."""
        async with asyncio.TaskGroup() as self._group:
            await self._puller.run()

    def stop(self) -> None:
        """See ``Loop``."""
        self._puller.stop()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        trouble = "" if self._nats.is_connected else "not connected to NATS"
        waiting = sum(map(len, self._lanes.values()))
        return Statistics(self._name, self._done, self._later, self._never, waiting, trouble)

    def _arrive(self, delivery: Delivery) -> None:
        lane = self._lane(delivery) or delivery.position
        queue = self._lanes.get(lane)
        if queue is not None:
            queue.append(delivery)
        else:
            self._lanes[lane] = deque([delivery])
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
            delivery = queue.popleft()
            try:
                begun = perf_counter()
                outcome = await self._attempt(delivery)
                self._timer.observe(perf_counter() - begun)
                await self._settle(delivery, outcome)
            finally:
                self._puller.release()
        del self._lanes[lane]

    async def _attempt(self, delivery: Delivery) -> Outcome:
        try:
            return await self._handle(delivery)
        except (Unreachable, NatsError, TimeoutError) as error:
            LOG.warning("unreachable", correlation=delivery.correlation, subject=delivery.subject, error=str(error))
            return Later(_AGAIN)
        except Damaged as damage:
            LOG.critical(
                "log_damaged",
                correlation=delivery.correlation,
                subject=delivery.subject,
                error=str(damage),
                hint=damage.hint,
            )
            return Later(_DAMAGED_AGAIN)
        except (
            Exception
        ) as error:  # the runner's own: a fault of ours must neither lose the message nor stop the others
            LOG.exception(
                "handler_failed", correlation=delivery.correlation, subject=delivery.subject, tries=delivery.tries
            )
            if delivery.tries > len(SCHEDULE):
                return Never(f"{type(error).__name__}: {error}")
            return Later(SCHEDULE[delivery.tries - 1])

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        try:
            await settle(self._nats, self._service, delivery, outcome, self._lane(delivery))
        except (NatsError, TimeoutError) as error:  # it is delivered again, and its effect is found in the log
            LOG.warning("not_settled", correlation=delivery.correlation, subject=delivery.subject, error=str(error))
            return
        match outcome:
            case Done():
                self._done += 1
            case Later():
                self._later += 1
            case Never(reason):
                self._never += 1
                LOG.error(
                    "dead_letter",
                    correlation=delivery.correlation,
                    subject=delivery.subject,
                    position=delivery.position,
                    reason=reason,
                )
