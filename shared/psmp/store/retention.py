"""Pruning: bodies go, leaf hashes stay, and it is recorded who, when and why; with the rights of the tables' owner."""

from datetime import datetime
from typing import Final, NamedTuple

from psmp.store.pool import CHECK_WITHIN, Pool
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)


class Archived(NamedTuple):
    """A project that was archived ``since`` then: the ledger's last event of it, and how many bodies are kept."""

    key: ProjectKey
    since: datetime
    upto: int
    bodies: int


async def archived(pool: Pool, tenant: str | None = None) -> list[Archived]:
    """The archived projects of a tenant or of all, as far as they are projected. Raises asyncpg's errors."""
    rows = await pool.fetch(SQL["archived"], tenant, timeout=CHECK_WITHIN)
    return [Archived(ProjectKey(row[0], row[1]), *row[2:]) for row in rows]


async def prune(pool: Pool, found: Archived, approver: str, reason: str) -> int:
    """Prune what was found; how many bodies the ledger had. Once more, it prunes what a rebuild has brought back."""
    bodies: int = await pool.fetchval(SQL["prune"], *found.key, found.upto, approver, reason, timeout=CHECK_WITHIN)
    return bodies


async def vacuum(pool: Pool) -> None:
    """Let Postgres use the room again that pruned bodies took: until then their bytes lie in its files."""
    await pool.execute(SQL["vacuum"], timeout=CHECK_WITHIN)
