"""Moves what is wrong in the ledger aside, into ``psmp.ledger_aside``; needs the rights of the tables' owner."""

from collections.abc import Mapping
from typing import Final

from nats.aio.client import Client

from psmp.log.jetstream import STREAM, get
from psmp.store.pool import CHECK_WITHIN, Connection
from psmp.store.statements import load
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
_ANSWER_WITHIN: Final = 10.0


async def set_aside(connection: Connection, nats: Client, wrong: Mapping[ProjectKey, int], why: str) -> int:
    """Move each project's rows from a sequence on out of the ledger, and have it follow the log from there again.

    How many rows there were. Raises asyncpg's errors, nats errors and ``TimeoutError``.
    """
    moved, places = 0, []
    async with connection.transaction():
        await connection.execute(SQL["aside"])
        await connection.execute(SQL["unlock"])
        for key, first in wrong.items():
            count, begin = (await connection.fetch(SQL["move"], *key, first, why, timeout=CHECK_WITHIN))[0]
            moved += count
            places += [begin] if count else []
            for statement in ("forget_tiles", "forget_damage"):
                await connection.execute(SQL[statement], *key)
        await connection.execute(SQL["lock"])
        position, leaf = await _before(nats, min(places, default=1))
        await connection.execute(SQL["set_back"], position, bytes.fromhex(leaf) or None)
    return moved


async def _before(nats: Client, place: int) -> tuple[int, str]:
    """The last record of the log before a position, and its hash."""
    for position in range(place - 1, 0, -1):
        message = await get(nats, STREAM, {"seq": position}, timeout=_ANSWER_WITHIN)
        if message is not None:
            return position, leaf_hash(message.data)
    return 0, ""
