"""How we connect to Postgres: limits on every wait, the oldest server we run on, one error for everybody who reads."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from psmp.words.faults import told

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = Pool = Any

OLDEST: Final = 15
CONNECT_WITHIN: Final = 5.0
ANSWER_WITHIN: Final = 30.0
CHECK_WITHIN: Final = 3600.0
_LIMITS: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}

AWAY: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What asyncpg raises while Postgres cannot do its work; later it may."""


class PostgresTooOld(RuntimeError):
    """The server is older than what PSMP runs on."""

    def __init__(self, found: str) -> None:
        super().__init__(f"this is PostgreSQL {found}; PSMP needs {OLDEST} or newer")
        self.found = found
        self.hint = f"upgrade the server, or name one of version {OLDEST} or newer in PSMP_POSTGRES_DSN"


class PostgresUnavailable(ConnectionError):
    """Postgres did not answer a question; the text says why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"Postgres cannot answer: {told(cause)}")
        self.hint = "is it running, is PSMP_POSTGRES_DSN right, and is it migrated (`python -m psmp.store.migrate`)?"


@contextmanager
def answering() -> Iterator[None]:
    """Turns everything that can go wrong with a question to Postgres into ``PostgresUnavailable``."""
    try:
        yield
    except PostgresUnavailable:
        raise
    except AWAY as error:
        raise PostgresUnavailable(error) from error


async def open_pool(dsn: str, name: str, *, size: int = 4) -> Pool:
    """A pool of at most ``size`` connections that ``pg_stat_activity`` shows as ``name``.

    Connects when the first connection is wanted, so that a service can start while Postgres is away. Acquiring raises
    ``PostgresTooOld`` on a server before version 15.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        timeout=CONNECT_WITHIN,
        command_timeout=ANSWER_WITHIN,
        init=require_version,
        server_settings={"application_name": name, **_LIMITS},
    )


@asynccontextmanager
async def checking(pool: Pool) -> AsyncIterator[Connection]:
    """A connection on which everything is seen as of one moment, and which may take its time."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield connection


async def require_version(connection: Connection) -> None:
    """Raises ``PostgresTooOld`` unless the server is of version 15 or newer."""
    if connection.get_server_version().major < OLDEST:
        raise PostgresTooOld(await connection.fetchval("SHOW server_version"))
