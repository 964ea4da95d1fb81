"""The record as it is stored: the projection and the ledger in Postgres, read for those who may see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeVar

from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.ledger.signing import Stated, Statement
from psmp.log.jetstream import JetStreamEventLog
from psmp.store.pool import Connection, Pool, PostgresTooOld, PostgresUnavailable, answering, open_pool
from psmp.words import subjects
from psmp_gateway.rules import problems
from psmp_gateway.trouble import trouble

CONNECTIONS: Final = 4
LONG_AT_ONCE: Final = 2
"""So many requests that take long are under way, at most: they leave connections for the others."""
SIGNED_WITHIN: Final = 5.0

T = TypeVar("T")


class Record:
    """Reads Postgres and the log. ``deployment`` is what the signed logs are called after."""

    def __init__(self, pool: Pool, log: JetStreamEventLog, nats: Nats, deployment: str, dsn: str) -> None:
        self.pool, self.log, self.deployment = pool, log, deployment
        self._nats, self._dsn = nats, dsn
        self._long = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection on which everything is seen as of one moment; raises ``Trouble`` when there is none."""
        with telling():
            async with (
                self.pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield connection

    @asynccontextmanager
    async def taking_long(self) -> AsyncIterator[None]:
        """For what may take its time; raises ``Trouble`` when so much of that is under way already."""
        if self._long >= LONG_AT_ONCE:
            detail = f"{LONG_AT_ONCE} exports, reports or verifications are under way already"
            raise trouble(problems.OVERLOADED, detail, "come back when one of them is done", retry_seconds=5)
        self._long += 1
        try:
            with telling():
                yield
        finally:
            self._long -= 1

    async def apart(self, act: Callable[[Pool], Awaitable[T]]) -> T:
        """Have something done in a thread with connections of its own, so that it holds up no other request."""

        async def alone() -> T:
            pool = await open_pool(self._dsn, "psmp-gateway-apart", size=2)
            try:
                return await act(pool)
            finally:
                pool.terminate()

        async with self.taking_long():
            return await asyncio.to_thread(lambda: asyncio.run(alone()))

    async def signed(self, statement: Statement) -> Stated:
        """What the signer signs of an export; raises ``Trouble`` when it does not."""
        try:
            body = statement.model_dump_json().encode()
            message = await self._nats.request(subjects.SIGN_EXPORT, body, timeout=SIGNED_WITHIN)
            stated = Stated.model_validate_json(message.data)
        except (NatsError, TimeoutError, ValidationError) as error:
            detail = f"the signer does not answer: {str(error) or type(error).__name__}"
            raise trouble(problems.UNAVAILABLE, detail, "ask again, or with signed=false", retry_seconds=5) from None
        if stated.refused is not None:
            raise trouble(problems.UNAVAILABLE, f"the signer refuses: {stated.refused.text}", "ask with signed=false")
        return stated


@contextmanager
def telling() -> Iterator[None]:
    """Turns what Postgres cannot do into ``Trouble``."""
    try:
        with answering():
            yield
    except (PostgresUnavailable, PostgresTooOld) as away:
        raise trouble(problems.UNAVAILABLE, str(away), away.hint, retry_seconds=1) from None
