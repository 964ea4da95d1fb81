"""How much a client takes on: so many commands in flight, so many more waiting their turn, and no more than that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from psmp.client.errors import Overloaded

IN_FLIGHT: Final = 1024
HELD: Final = 8192
HELD_BYTES: Final = 64 * 1024 * 1024


class Gate:
    """Lets ``in_flight`` through at a time and holds others, up to ``held`` of ``held_bytes`` together.

    Invariant: 0 <= passing <= in_flight; passing <= holding <= held.
    """

    def __init__(self, in_flight: int = IN_FLIGHT, held: int = HELD, held_bytes: int = HELD_BYTES) -> None:
        self._turns = asyncio.Semaphore(in_flight)
        self._held, self._held_bytes = held, held_bytes
        self.passing = 0
        self.holding = 0
        self.bytes = 0

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """A turn for something of ``size`` bytes; raises ``Overloaded`` at once when too much waits already."""
        if self.holding >= self._held or self.bytes + size > self._held_bytes:
            raise Overloaded(
                f"{self.holding} commands ({self.bytes} bytes) wait in this client already",
                "wait for some of them, or see whether NATS and the services are well; this one was not sent",
            )
        self.holding += 1
        self.bytes += size
        try:
            async with self._turns:
                self.passing += 1
                try:
                    yield
                finally:
                    self.passing -= 1
        finally:
            self.holding -= 1
            self.bytes -= size
