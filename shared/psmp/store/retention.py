"""Pruning in Postgres: bodies go, leaf hashes stay, and it is recorded who, when and why; with the owner's rights."""

from datetime import datetime
from typing import Final, NamedTuple

from psmp.store.pool import CHECK_WITHIN, Pool
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)


class Archived(NamedTuple):
    """A project that was archived ``since`` then, as far as it is projected."""

    key: ProjectKey
    since: datetime


class Recorded(NamedTuple):
    """The number of a project's last event in the ledger, and how many of them the newest checkpoint covers."""

    sequence: int
    signed: int


class Bodies(NamedTuple):
    """How many there are: in the ledger, and among the projection's events."""

    ledger: int = 0
    events: int = 0


async def archived(pool: Pool, tenant: str | None = None) -> list[Archived]:
    """The archived projects of a tenant or of all, as far as they are projected. Raises asyncpg's errors."""
    rows = await pool.fetch(SQL["archived"], tenant, timeout=CHECK_WITHIN)
    return [Archived(ProjectKey(row[0], row[1]), row[2]) for row in rows]


async def recorded(pool: Pool, key: ProjectKey) -> Recorded:
    """How far a project is in the ledger, and signed."""
    row = await pool.fetchrow(SQL["recorded"], *key, timeout=CHECK_WITHIN)
    return Recorded(row["sequence"] or 0, row["signed"] or 0) if row else Recorded(0, 0)


async def bodies(pool: Pool, key: ProjectKey, upto: int) -> Bodies:
    """Those of a project's events up to a number that are there still."""
    row = await pool.fetchrow(SQL["bodies"], *key, upto, timeout=CHECK_WITHIN)
    return Bodies(row["ledger"], row["events"]) if row else Bodies()


async def is_taken_in(pool: Pool, position: int) -> bool:
    """Whether ledger and projection have come to a position of the log."""
    return bool(await pool.fetchval(SQL["taken"], position, timeout=CHECK_WITHIN))


async def prune(pool: Pool, key: ProjectKey, upto: int, approver: str, reason: str) -> Bodies:
    """Prune a project up to a number; what went. Once more, it prunes what a rebuild has brought back."""
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["bodies"], *key, upto, timeout=CHECK_WITHIN)
        await connection.execute(SQL["prune"], *key, upto, approver, reason, timeout=CHECK_WITHIN)
        await connection.execute(SQL["forget_damage"], *key)
        if await connection.fetchval(SQL["has_aside"]):
            await connection.execute(SQL["forget_aside"], *key, upto)
    return Bodies(row["ledger"], row["events"]) if row else Bodies()


async def vacuum(pool: Pool) -> None:
    """Let Postgres use the room again that pruned bodies took: until then their bytes lie in its files."""
    await pool.execute(SQL["vacuum"], timeout=CHECK_WITHIN)
