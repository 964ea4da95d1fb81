"""Which of log and ledger a checkpoint proves right, where both have bytes and they are not the same."""

from collections.abc import AsyncIterator, Iterable, Mapping
from enum import StrEnum

from psmp.ledger.merkle import Frontier
from psmp.log.port import EventLog
from psmp.log.pruned import pruned_upto
from psmp.store.pool import CHECK_WITHIN, Connection
from psmp.store.restore.standing import Promise
from psmp.store.statements import load
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL = load(__file__)


class Side(StrEnum):
    """Whose records of a project are proved."""

    LOG = "log"
    LEDGER = "ledger"
    BOTH = "both"
    """As far as the checkpoint goes; what differs comes after it."""
    NEITHER = "neither"
    UNKNOWN = "unknown"
    """There is no checkpoint."""


async def judge(
    connection: Connection, log: EventLog, promises: Mapping[ProjectKey, Promise], keys: Iterable[ProjectKey]
) -> dict[ProjectKey, Side]:
    """Whom the newest checkpoint of each project proves right, by its root.

    Raises asyncpg's errors and ``Unreachable``; ``connection`` is in a transaction.
    """
    return {key: await _judge(connection, log, promises.get(key), key) for key in sorted(set(keys))}


async def _judge(connection: Connection, log: EventLog, promise: Promise | None, key: ProjectKey) -> Side:
    if promise is None or not promise.root:
        return Side.UNKNOWN
    by_ledger = await _root(_recorded(connection, key), promise.size) == promise.root
    by_log = await _root(_logged(connection, log, key), promise.size) == promise.root
    match by_ledger, by_log:
        case True, True:
            return Side.BOTH
        case True, False:
            return Side.LEDGER
        case False, True:
            return Side.LOG
    return Side.NEITHER


async def _root(leaves: AsyncIterator[bytes], size: int) -> str:
    """The root over the first ``size`` leaves, in hex; "" when there are not so many."""
    tree = Frontier()
    async for leaf in leaves:
        if tree.size == size:
            break
        tree = tree.append(leaf)
    return tree.root.hex() if tree.size == size else ""


async def _recorded(connection: Connection, key: ProjectKey) -> AsyncIterator[bytes]:
    """Hashes of the bytes that the ledger has, whatever it says that they are; of what was pruned what it says."""
    async for row in connection.cursor(SQL["bodies"], *key, prefetch=500, timeout=CHECK_WITHIN):
        yield row["leaf"] if row["body"] is None else bytes.fromhex(leaf_hash(row["body"]))


async def _logged(connection: Connection, log: EventLog, key: ProjectKey) -> AsyncIterator[bytes]:
    """Hashes of the bytes that the log has; of what is pruned from it, as it says itself, what the ledger says."""
    number = 0
    async for record in log.read(key):
        upto = pruned_upto(record)
        if upto > number:
            for row in await connection.fetch(SQL["pruned"], *key, number, upto, timeout=CHECK_WITHIN):
                yield row["leaf"]
            number = upto
        yield bytes.fromhex(leaf_hash(record.body))
        number += 1
