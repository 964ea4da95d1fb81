"""The ledger's writer: appends exact bytes and leaf hashes, and lets nothing in that does not link to what is there."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from psmp.log.port import Damaged, EventLog, Record
from psmp.log.view import Head
from psmp.store.chain import Claim, Fault, extend
from psmp.store.pool import Connection, Pool
from psmp.store.statements import load
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
COLUMNS: Final = ("tenant", "project", "sequence", "position", "leaf", "body")

Entry = tuple[str, str, int, int, bytes, bytes]
"""A row of the ledger."""

_PATIENCE: Final = 128


class LedgerWriter:
    """A ``Sink`` that appends every record to the ledger, each project's records chained to the ones before.

    The same bytes again are nothing new. Other bytes at a number that is taken are damage: the ledger keeps what it
    has, and the project stops. Remembers the heads of the ``limit`` projects that moved last.
    """

    name = "audit"
    durable = True

    def __init__(self, pool: Pool, log: EventLog, *, limit: int = 100_000) -> None:
        self._pool, self._log = pool, log
        self._limit = limit
        self._heads: OrderedDict[ProjectKey, Head] = OrderedDict()
        self._under_way: list[Entry] = []

    async def open(self) -> None:
        """See ``Sink``."""
        self._heads.clear()
        self._under_way = []

    async def plan(self, records: Sequence[Record]) -> tuple[list[Entry], Sequence[Damaged]]:
        """See ``Sink``."""
        entries: list[Entry] = []
        damages: dict[ProjectKey, Damaged] = {}
        await self._remember({record.key for record in records})
        for number, record in enumerate(records):
            if record.key not in damages:
                try:
                    await self._append(record, entries)
                except Damaged as damage:
                    damages[record.key] = damage
            if number % _PATIENCE == 0:
                await asyncio.sleep(0)  # noqa: TID251 - a batch is long work: let the service's other loops go on
        while len(self._heads) > self._limit:
            self._heads.popitem(last=False)
        self._under_way = entries
        return entries, list(damages.values())

    async def write(self, connection: Connection, plan: list[Entry]) -> None:
        """See ``Sink``."""
        await connection.copy_records_to_table("ledger", schema_name="psmp", columns=COLUMNS, records=plan)

    async def _remember(self, keys: Iterable[ProjectKey]) -> None:
        """Learn the heads that are not remembered; a project that is not in the ledger has one of its own."""
        cold = [key for key in keys if key not in self._heads]
        if not cold:
            return
        self._heads.update(dict.fromkeys(cold, Head()))
        rows = await self._pool.fetch(SQL["heads"], [key.tenant for key in cold], [key.project for key in cold])
        for tenant, project, position, sequence, leaf in rows:
            self._heads[ProjectKey(tenant, project)] = Head(position, sequence, leaf.hex())

    async def _append(self, record: Record, entries: list[Entry]) -> None:
        """Add the record to the entries, unless the ledger has it. The log is asked before any is called damaged."""
        fault = self._chain(record, entries)
        if fault is None or await self._has(record, entries):
            return
        async for stored in self._log.read(record.key, after=self._heads[record.key].position):
            if stored.position > record.position:
                break
            if fault := self._chain(stored, entries):
                raise Damaged(record.key, stored.position, str(fault))
        if self._heads[record.key].position < record.position:
            raise Damaged(record.key, record.position, str(fault))

    def _chain(self, record: Record, entries: list[Entry]) -> Fault | None:
        """Chain the record to its project's head, or tell why not."""
        leaf = leaf_hash(record.body)
        after = extend(record.key, self._heads[record.key], record.position, record.body, leaf)
        if isinstance(after, Fault):
            return after
        entries.append((*record.key, after.sequence, record.position, bytes.fromhex(leaf), record.body))
        self._heads[record.key] = after
        self._heads.move_to_end(record.key)
        return None

    async def _has(self, record: Record, entries: Iterable[Entry]) -> bool:
        """Whether the ledger has these bytes under their number; raises ``Damaged`` when it has others there."""
        claim = Claim.read(record.body)
        if claim is None or claim.subject != str(record.key) or claim.sequence > self._heads[record.key].sequence:
            return False
        leaf = await self._pool.fetchval(SQL["leaf"], *record.key, claim.sequence)
        if leaf is None:  # the plan before this one may be on its way still
            planned = (*self._under_way, *entries)
            leaf = next((each[4] for each in planned if each[:3] == (*record.key, claim.sequence)), b"")
        if leaf.hex() == leaf_hash(record.body):
            return True
        why = (
            f"event {claim.sequence} is in the ledger already with leaf {leaf.hex()}; here is {leaf_hash(record.body)}"
        )
        raise Damaged(record.key, record.position, why)
