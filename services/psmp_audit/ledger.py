"""The ledger's writer: appends exact bytes and leaf hashes, and lets nothing in that does not link to what is there."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Final, NamedTuple

from psmp.ledger.merkle import Frontier
from psmp.ledger.tiles import tiles_of
from psmp.log.port import Damaged, EventLog, Record
from psmp.log.view import Head
from psmp.store.chain import Claim, Fault, extend
from psmp.store.pool import Connection, Pool
from psmp.store.statements import load
from psmp.store.tree import TILE, Tile, fill, frontiers
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp_audit.growth import Growth, Tip

SQL: Final = load(__file__)
COLUMNS: Final = ("tenant", "project", "sequence", "position", "leaf", "body")

Entry = tuple[str, str, int, int, bytes, bytes]
"""A row of the ledger."""


class Plan(NamedTuple):
    """The rows that are to be added: of the ledger, and of the tiles that are whole with them."""

    entries: list[Entry]
    tiles: list[Tile]


class Tree(NamedTuple):
    """A project's ledger as far as it is planned: its chain, and its Merkle tree of as many leaves."""

    head: Head = Head()
    frontier: Frontier = Frontier()


_PATIENCE: Final = 128


class LedgerWriter:
    """A ``Sink`` that appends every record to the ledger, each project's records chained to the ones before.

    The same bytes again are nothing new. Other bytes at a number that is taken are damage: the ledger keeps what it
    has, and the project stops. Each project's Merkle tree grows in the same transaction. Remembers the trees of the
    ``limit`` projects that moved last; ``growth`` hears of what is written.
    """

    name = "audit"
    durable = True

    def __init__(self, pool: Pool, log: EventLog, growth: Growth | None = None, *, limit: int = 100_000) -> None:
        self._pool, self._log = pool, log
        self._growth = growth or Growth()
        self._limit = limit
        self._trees: OrderedDict[ProjectKey, Tree] = OrderedDict()
        self._under_way: list[Entry] = []

    async def open(self) -> None:
        """See ``Sink``."""
        self._trees.clear()
        self._under_way = []
        self._growth.begin()

    def rest(self) -> None:
        """See ``Sink``."""
        self._growth.rest()

    async def plan(self, records: Sequence[Record]) -> tuple[Plan, Sequence[Damaged]]:
        """See ``Sink``."""
        plan = Plan([], [])
        damages: dict[ProjectKey, Damaged] = {}
        await self._remember({record.key for record in records})
        for number, record in enumerate(records):
            if record.key not in damages:
                try:
                    await self._append(record, plan)
                except Damaged as damage:
                    damages[record.key] = damage
            if number % _PATIENCE == 0:
                await asyncio.sleep(0)  # noqa: TID251 - a batch is long work: let the service's other loops go on
        while len(self._trees) > self._limit:
            self._trees.popitem(last=False)
        self._under_way = plan.entries
        return plan, list(damages.values())

    async def write(self, connection: Connection, plan: Plan) -> None:
        """See ``Sink``."""
        grown: dict[ProjectKey, tuple[int, Tip]] = {}
        for tenant, project, sequence, position, *_ in plan.entries:
            key = ProjectKey(tenant, project)
            before, _ = grown.get(key, (sequence - 1, None))
            grown[key] = before, Tip(sequence, position)
        self._growth.tell(grown, monotonic())
        await connection.copy_records_to_table("ledger", schema_name="psmp", columns=COLUMNS, records=plan.entries)
        if plan.tiles:
            await connection.copy_records_to_table("tile", schema_name="psmp", columns=TILE, records=plan.tiles)

    async def _remember(self, keys: Iterable[ProjectKey]) -> None:
        """Learn the trees that are not remembered; a project that is not in the ledger has one of its own."""
        cold = [key for key in keys if key not in self._trees]
        if not cold:
            return
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(SQL["heads"], [key.tenant for key in cold], [key.project for key in cold])
            heads = {ProjectKey(*row[:2]): Head(row[2], row[3], row[4].hex()) for row in rows}
            for key, head in heads.items():
                await fill(connection, key, head.sequence)
            grown = await frontiers(connection, {key: head.sequence for key, head in heads.items()})
        self._trees.update((key, Tree(heads[key], grown[key]) if key in heads else Tree()) for key in cold)

    async def _append(self, record: Record, plan: Plan) -> None:
        """Add the record to the plan, unless the ledger has it. The log is asked before any is called damaged."""
        fault = self._chain(record, plan)
        if fault is None or await self._has(record, plan.entries):
            return
        async for stored in self._log.read(record.key, after=self._trees[record.key].head.position):
            if stored.position > record.position:
                break
            if fault := self._chain(stored, plan):
                raise Damaged(record.key, stored.position, str(fault))
        if self._trees[record.key].head.position < record.position:
            raise Damaged(record.key, record.position, str(fault))

    def _chain(self, record: Record, plan: Plan) -> Fault | None:
        """Chain the record to its project's head, or tell why not."""
        leaf = leaf_hash(record.body)
        tree = self._trees[record.key]
        after = extend(record.key, tree.head, record.position, record.body, leaf)
        if isinstance(after, Fault):
            return after
        raw = bytes.fromhex(leaf)
        frontier, ended = tree.frontier.grown(raw)
        plan.entries.append((*record.key, after.sequence, record.position, raw, record.body))
        plan.tiles.extend((*record.key, *tile) for tile in tiles_of(frontier.size, ended))
        self._trees[record.key] = Tree(after, frontier)
        self._trees.move_to_end(record.key)
        return None

    async def _has(self, record: Record, entries: Iterable[Entry]) -> bool:
        """Whether the ledger has these bytes under their number; raises ``Damaged`` when it has others there."""
        claim = Claim.read(record.body)
        if claim is None or claim.subject != str(record.key) or claim.sequence > self._trees[record.key].head.sequence:
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
