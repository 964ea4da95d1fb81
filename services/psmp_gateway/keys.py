"""The API keys that the gateway knows: all that are good, read every second, so no request waits for Postgres."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.store import api_keys
from psmp.store.pool import Pool, PostgresTooOld, PostgresUnavailable
from psmp.words.api_keys import ApiKey, digest, name_of

LOG: Final = structlog.get_logger()
EVERY: Final = 1.0
"""Seconds between two readings: so long a revoked key goes on at most, while Postgres answers."""
STALE_AFTER: Final = 300.0
"""Seconds that what was read last is gone by while Postgres is away; after that nobody is let in."""
SOONEST: Final = 0.2
"""Seconds between two readings, however many keys are asked for that are not known (yet)."""


class NotKnown(Exception):
    """Nobody can say now which keys are good."""


class Keys:
    """Finds the key that a token is of. ``now`` gives the time by the calendar."""

    def __init__(self, pool: Pool, now: Callable[[], datetime], *, every: float = EVERY) -> None:
        self._pool, self._now, self._every = pool, now, every
        self._known: Mapping[bytes, ApiKey] = {}
        self._read_at = self._tried_at = float("-inf")
        self._trouble = ""
        self._reading = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._read = 0

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            await self._refresh(time.monotonic())
            await pause(self._stopping, self._every)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("keys", self._read, trouble="" if self._is_fresh() else self._trouble or "not read yet")

    async def find(self, token: str) -> ApiKey | None:
        """The key that ``token`` opens; None when it opens nothing. Raises ``NotKnown``.

        A key that is not known is looked for once more, for it may have been made just now; strangers' guesses cost a
        few readings a second at most, and take their time.
        """
        if name_of(token) is None:
            return None
        spelled = digest(token)
        if spelled not in self._known:
            await self._refresh(time.monotonic())
        if not self._is_fresh():
            raise NotKnown(self._trouble)
        key = self._known.get(spelled)
        return key if key is not None and key.is_good(self._now()) else None

    def still(self, token: str) -> bool:
        """Whether ``token``, which was found before, opens something now, as far as is known."""
        key = self._known.get(digest(token))
        return key is not None and key.is_good(self._now())

    async def find_named(self, name: str) -> bool:
        """Whether the key of that name opens something; looked for as ``find`` looks. Raises ``NotKnown``."""
        if not self.is_good(name):
            await self._refresh(time.monotonic())
        if not self._is_fresh():
            raise NotKnown(self._trouble)
        return self.is_good(name)

    def is_good(self, name: str) -> bool:
        """Whether the key of that name opens something now, as far as is known."""
        return any(key.name == name and key.is_good(self._now()) for key in self._known.values())

    async def reload(self) -> None:
        """Read the keys now."""
        await self._refresh(time.monotonic())

    async def _refresh(self, asked: float) -> None:
        """Read the keys, unless somebody began to since ``asked``."""
        async with self._reading:
            if self._tried_at > asked:
                return
            await asyncio.sleep(self._tried_at + SOONEST - time.monotonic())  # noqa: TID251 - so that nobody floods it
            self._tried_at = time.monotonic()
            try:
                self._known = await api_keys.good(self._pool)
            except (PostgresUnavailable, PostgresTooOld) as error:
                if not self._trouble:
                    LOG.warning("keys_not_read", error=str(error), hint=error.hint)
                self._trouble = str(error)
            else:
                self._trouble, self._read_at = "", self._tried_at
                self._read += 1

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < STALE_AFTER
