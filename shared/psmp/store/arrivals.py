"""What has arrived and waits to be taken in, gathered into batches."""

import asyncio
from collections import deque
from typing import Final

from psmp.wire.settle import Delivery

MANY: Final = 32
FULLER: Final = 5


class Arrivals:
    """Deliveries in the order they came. ``take`` gathers up to ``batch`` of them, for at most ``linger`` seconds.

    While many come at a time it lingers ``FULLER`` times as long: what changes one row again and again is then written
    once, and a fifth as many transactions cost everybody less.
    """

    def __init__(self, batch: int, linger: float) -> None:
        self._waiting: deque[Delivery] = deque()
        self._batch, self._linger = batch, linger
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._closed = False
        self._came_last = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, delivery: Delivery) -> None:
        """One more has arrived."""
        self._waiting.append(delivery)
        self._some.set()
        if len(self._waiting) >= self._batch:
            self._enough.set()

    async def take(self, *, within: float) -> list[Delivery]:
        """The next batch, once there is anything; empty when there was nothing ``within`` seconds, and when closed."""
        if await _came(self._some, within) and not self._closed and len(self._waiting) < self._batch:
            self._enough.clear()
            await _came(self._enough, self._linger * (FULLER if self._came_last >= MANY else 1))
        if self._closed:
            return []
        taken = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
        self._reset()
        self._came_last = len(taken)
        return taken

    def clear(self) -> None:
        """Forget what has arrived."""
        self._waiting.clear()
        self._reset()

    def close(self) -> None:
        """Hand out nothing more."""
        self._closed = True
        self._some.set()
        self._enough.set()

    def _reset(self) -> None:
        if not self._waiting and not self._closed:
            self._some.clear()


async def _came(event: asyncio.Event, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            return await event.wait()
    except TimeoutError:
        return False
