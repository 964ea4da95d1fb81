"""Places for posting, which tenants share: who has much to post that nobody takes leaves room for the others."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psmp_webhooks.rules import next_in


class Places:
    """``total`` places; who has one next, of all that wait, is said by ``next_in``.

    Invariant: the places that are free and those that are had are ``total``, and nobody waits who may have one.
    """

    def __init__(self, total: int) -> None:
        self._free = total
        self._had: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def one(self, tenant: str) -> AsyncIterator[None]:
        """Have a place in the name of ``tenant``, as soon as it may have another."""
        came = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(came)
        self._let_in()
        try:
            await came
            yield
        finally:
            if not came.cancelled():  # who is cancelled may have been let in at that very moment
                self._free += 1
                self._had[tenant] -= 1
                self._let_in()

    def _let_in(self) -> None:
        while (tenant := next_in(self._had, self._waiting, self._free)) is not None:
            came = self._waiting[tenant].popleft()
            if not self._waiting[tenant]:
                del self._waiting[tenant]
            if not came.done():  # else it was cancelled
                self._free -= 1
                self._had[tenant] += 1
                came.set_result(None)
        self._had = +self._had  # of tenants that have none nothing is kept
