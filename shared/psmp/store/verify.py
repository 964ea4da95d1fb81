"""Verification: walks the ledger's chain of every project, and holds it against the log where that is at hand."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

import asyncpg

from psmp.log.port import EventLog, Record
from psmp.log.pruned import pruned_upto
from psmp.log.view import Head
from psmp.store.chain import Fault, Flaw, extend
from psmp.store.pool import CHECK_WITHIN, Pool, checking
from psmp.store.statements import load
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one project: how many events hold, where they end, and the first one that does not.

    ``ahead`` is how many events the log has that the ledger had not come to yet; that is lag, not a fault. Of
    ``pruned`` events the body was pruned: their leaf alone says what they were.
    """

    key: ProjectKey
    head: Head
    fault: Fault | None = None
    ahead: int = 0
    pruned: int = 0

    @property
    def events(self) -> int:
        """How many events hold, counted from the first."""
        return self.head.sequence


async def verify(
    pool: Pool, *, key: ProjectKey | None = None, log: EventLog | None = None, known: Iterable[ProjectKey] = ()
) -> AsyncIterator[Verified]:
    """Walk the ledger of one project, or of all in the order of their names; memory stays flat.

    For each record, in this order:

    1. its sequence is the next one, counted from 1 without a gap;
    2. its leaf is SHA-256(0x00 || body) (RFC 6962); or it has no body, and is recorded as pruned: then 3 and 4 are for
       the next one that has, which names its leaf;
    3. its body names the leaf before it as ``prev``;
    4. its body is an event of this project and of this sequence;
    5. with ``log``: the same bytes stand in the log in its place; of what was pruned, bytes with its leaf, or nothing
       up to where the log says itself that it was pruned;

    and for each project, with ``log``:

    6. the log has nothing that the ledger should have taken in and lacks.

    ``known`` are the projects that the log has, for step 6 to find those that the ledger lacks altogether. A project's
    walk ends at its first fault. Raises asyncpg's errors and ``Unreachable``.
    """
    async with checking(pool) as connection:
        taken: int = await connection.fetchval(SQL["taken"])
        pruned = {(row[0], row[1]): row[2] for row in await connection.fetch(SQL["pruned"])}
        missing = dict.fromkeys((key,) if key else sorted(known))
        walk: _Walk | None = None
        cursor = await connection.cursor(*((SQL["walk_one"], *key) if key else (SQL["walk"],)))
        while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
            for row in page:
                if walk is None or row[1] != walk.key.project or row[0] != walk.key.tenant:
                    if walk is not None:
                        yield await walk.end()
                    walk = _Walk(ProjectKey(row[0], row[1]), log, taken, pruned.get((row[0], row[1]), 0))
                    missing.pop(walk.key, None)
                if walk.step(row) and log is not None:
                    await walk.compare()
        if walk is not None:
            yield await walk.end()
        for each in missing:
            yield await _Walk(each, log, taken).end()


class _Walk:
    """One project's chain, as far as it was walked."""

    def __init__(self, key: ProjectKey, log: EventLog | None, taken: int, pruned: int = 0) -> None:
        self.key, self._upto, self._pruned = key, pruned, 0
        self._bare = False
        self.fault: Fault | None = None
        self._before = self._head = Head()
        self._taken = taken
        self._log = None if log is None else aiter(log.read(key))
        self._next: Record | None = None
        self._gone = 0

    def step(self, row: asyncpg.Record) -> bool:
        """Whether the next record holds by itself; nothing does behind a fault."""
        if self.fault is not None:
            return False
        after = _check(self.key, self._head, row, self._upto)
        if isinstance(after, Fault):
            self.fault = after
            return False
        self._before, self._head = self._head, after
        self._pruned += row[5] is None
        self._bare = row[5] is None
        return True

    async def compare(self) -> None:
        """Hold the record of the last step against the log."""
        if self._log is not None and self._next is None:
            self._next = await anext(self._log, None)
        stored = self._next
        if self._bare and (stored is None or stored.position > self._head.position):  # erased from the log as well
            self._gone += 1
            return
        if stored is not None and self._gone and pruned_upto(stored) < self._head.sequence - 1:
            stored = None
        self._gone, self._next = 0, None
        found = leaf_hash(stored.body) if stored else "nothing"
        if stored is None or found != self._head.leaf:  # 5
            self.fault = Fault(self.key, self._head.sequence, self._head.position, Flaw.LOG, self._head.leaf, found)
            self._head = self._before

    async def _rest(self) -> AsyncIterator[Record]:
        """What the log has beyond what was compared."""
        if self._next is not None:
            yield self._next
        if self._log is not None:
            async for record in self._log:
                yield record

    async def end(self) -> Verified:
        """What came of it, once there are no more records."""
        ahead = 0
        if self.fault is None and self._gone:  # 5: nothing in the log says that it was pruned
            leaf = self._head.leaf
            self.fault = Fault(self.key, self._head.sequence, self._head.position, Flaw.LOG, leaf, "nothing")
        if self.fault is None and self._log is not None:
            async for record in self._rest():
                if record.position <= self._taken:  # 6
                    number, found = self._head.sequence + 1, leaf_hash(record.body)
                    self.fault = Fault(self.key, number, record.position, Flaw.UNRECORDED, "nothing", found)
                    break
                ahead += 1
        return Verified(self.key, self._head, self.fault, ahead, self._pruned)


def _check(key: ProjectKey, head: Head, row: asyncpg.Record, pruned: int) -> Head | Fault:
    _, _, sequence, position, leaf, body = row
    if sequence != head.sequence + 1:  # 1
        return Fault(key, sequence, position, Flaw.GAP, str(head.sequence + 1), str(sequence))
    if body is None and sequence <= pruned:
        return Head(position, sequence, leaf.hex())
    found = "nothing" if body is None else leaf_hash(body)
    if found != leaf.hex():  # 2
        return Fault(key, sequence, position, Flaw.LEAF, leaf.hex(), found)
    return extend(key, head, position, body, found)  # 3, 4
