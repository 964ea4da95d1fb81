"""Who is signed in to the dashboard: kept in Postgres, so that it lasts over restarts and at every gateway.

The cookie is 256 bits of chance; what is kept is its SHA-256. A session that was opened with an API key ends with the
key. What was read is gone by for a few seconds, and while Postgres is away for as long as keys are.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from psmp.service.statistics import Statistics
from psmp.store.pool import Pool, PostgresTooOld, PostgresUnavailable, answering
from psmp.store.statements import load
from psmp.words.api_keys import Role, digest
from psmp_gateway.keys import STALE_AFTER, Keys, NotKnown
from psmp_gateway.rules.access import Grant

SQL: Final = load(__file__)
FRESH: Final = 3.0
"""Seconds that what was read is gone by: so long a session that was ended elsewhere goes on at most."""
MOST: Final = 10_000
"""Sessions that are remembered."""
_COOKIE_BYTES: Final = 32

Kept = tuple[Grant, str | None]
"""What a session grants, and the name of the API key that it was opened with."""


class Sessions:
    """Opens, finds and ends sessions; each lasts ``lasts``."""

    def __init__(self, pool: Pool, keys: Keys, now: Callable[[], datetime], lasts: timedelta) -> None:
        self._pool, self._keys, self._now, self.lasts = pool, keys, now, lasts
        self._known: OrderedDict[bytes, tuple[float, Kept | None]] = OrderedDict()
        self._trouble = ""
        self._opened = 0

    def describe(self) -> Statistics:
        """How it stands."""
        return Statistics("sessions", self._opened, waiting=len(self._known), trouble=self._trouble)

    async def ping(self) -> None:
        """Have Postgres answer. Raises ``PostgresUnavailable``."""
        with answering():
            await self._pool.fetchval("SELECT 1")

    async def open(self, grant: Grant, *, api_key: str | None) -> tuple[str, datetime]:
        """The cookie of a new session and when it is over. Raises ``PostgresUnavailable``."""
        cookie, now = secrets.token_urlsafe(_COOKIE_BYTES), self._now()
        expires = min(now + self.lasts, grant.expires) if api_key else now + self.lasts
        projects = None if grant.projects is None else sorted(grant.projects)
        about = grant.tenant, grant.agent, grant.role.value, projects, api_key, now, expires
        with answering():
            await self._pool.execute(SQL["forget"], now)
            await self._pool.execute(SQL["open"], digest(cookie), *about)
        self._opened += 1
        return cookie, expires

    async def close(self, cookie: str) -> None:
        """End a session, if there is one. Raises ``PostgresUnavailable``."""
        with answering():
            await self._pool.execute(SQL["close"], digest(cookie))
        self._known.pop(digest(cookie), None)

    async def find(self, cookie: str) -> Grant | None:
        """What the session of a cookie grants; None when there is none, or it is over. Raises ``NotKnown``."""
        spelled, now = digest(cookie), time.monotonic()
        at, kept = self._known.get(spelled, (float("-inf"), None))
        if now - at > FRESH:
            try:
                kept = await self._read(spelled)
            except (PostgresUnavailable, PostgresTooOld) as error:
                self._trouble = str(error)
                if now - at > STALE_AFTER:
                    raise NotKnown(self._trouble) from None
            else:
                self._trouble = ""
                self._remember(spelled, now, kept)
        if kept is None or self._now() >= kept[0].expires:
            return None
        # A gateway that has just begun has read no keys yet, and a key may be newer than what was read.
        return kept[0] if kept[1] is None or await self._keys.find_named(kept[1]) else None

    def still(self, cookie: str) -> Callable[[], bool]:
        """Whether a session that was found goes on, as far as is known; it is looked after it while that is asked."""
        spelled = digest(cookie)
        looking: set[asyncio.Future[Any]] = set()

        def goes_on() -> bool:
            at, kept = self._known.get(spelled, (float("-inf"), None))
            if time.monotonic() - at > FRESH and not looking:
                task = asyncio.ensure_future(self._look(cookie))
                looking.add(task)
                task.add_done_callback(looking.discard)
            return kept is not None and self._is_good(kept)

        return goes_on

    async def _look(self, cookie: str) -> None:
        try:
            await self.find(cookie)
        except NotKnown:
            self._known.pop(digest(cookie), None)

    def _is_good(self, kept: Kept) -> bool:
        grant, api_key = kept
        return self._now() < grant.expires and (api_key is None or self._keys.is_good(api_key))

    async def _read(self, spelled: bytes) -> Kept | None:
        with answering():
            row = await self._pool.fetchrow(SQL["find"], spelled)
        if row is None:
            return None
        projects = None if row["projects"] is None else frozenset(row["projects"])
        name = row["api_key"] or f"{row['tenant']}/{row['agent']}"
        return Grant(name, row["tenant"], row["agent"], Role(row["role"]), projects, row["expires"]), row["api_key"]

    def _remember(self, spelled: bytes, now: float, kept: Kept | None) -> None:
        self._known[spelled] = now, kept
        self._known.move_to_end(spelled)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
