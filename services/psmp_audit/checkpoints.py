"""The audit writer's second loop: checkpoints of what the ledger has grown to, signed, cosigned, stored and published.

The order is what makes a crash harmless. The ledger is committed before its root is signed; the signer remembers before
it signs; checkpoints are committed, and with them their places in the anchor log, before that log's root is signed;
both are published only when they are stored. So what a crash leaves undone is found, and done, at the next start.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from typing import Final, Protocol

import asyncpg
import structlog

from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.signing import Refusal, Why
from psmp.ledger.tiles import tiles_of
from psmp.service.clock import now
from psmp.service.statistics import Statistics
from psmp.store.pool import AWAY, Connection, Pool
from psmp.store.statements import load
from psmp.store.tree import ANCHOR, TILE, Tile, frontiers
from psmp.words.faults import told
from psmp.words.ids import ProjectKey
from psmp_audit.desk import Desk, Signed, SignerAway, Wanted
from psmp_audit.growth import Growth, Tip
from psmp_audit.metrics import WAIT
from psmp_audit.orders import Orders, Row
from psmp_audit.outlet import Backward, Elsewhere, Outlets
from psmp_audit.settings import AGE

LOG: Final = structlog.get_logger()
SQL: Final = load(__file__)
COLUMNS: Final = ("number", "tenant", "project", "size", "root", "position", "leaf", "note", "signed_at")
_TICK: Final = 0.05
_HASTE: Final = 0.005
"""How soon it is looked again whether what somebody waits for is committed, in seconds."""
_LONGEST_PAUSE: Final = 2.0
_REMEMBERED: Final = 100_000
AT_ONCE: Final = 1024
"""So many projects' checkpoints are made in one round, and with them one of the anchor log."""


class Overtaken(RuntimeError):
    """Somebody else has stored checkpoints: see again what there is."""


class AnchorRefused(RuntimeError):
    """The signer has signed of the anchor log what Postgres does not have."""


_EXPECTED: Final = (*AWAY, SignerAway, Overtaken, AnchorRefused, Backward, Elsewhere)


class Cosigners(Protocol):
    """Who is asked to cosign what was signed; ``missed`` are the notes that lack some signature."""

    missed: int

    async def cosign(self, signed: Mapping[ProjectKey, Signed]) -> dict[ProjectKey, str]:
        """The notes with the signatures that came in time; never raises, never takes long."""
        ...


class Alone:
    """No witness."""

    missed = 0

    async def cosign(self, signed: Mapping[ProjectKey, Signed]) -> dict[ProjectKey, str]:
        """See ``Cosigners``."""
        return {key: each.note for key, each in signed.items()}


class Checkpoints:
    """A ``Loop`` that works where the ledger is written.

    ``age`` in seconds and ``records`` say for how long and for how many of a project no checkpoint is due. A project
    whose ledger does not extend what was signed is stopped: no checkpoint is made of it any more.
    """

    def __init__(
        self,
        pool: Pool,
        growth: Growth,
        desk: Desk,
        outlets: Outlets,
        cosigners: Cosigners | None = None,
        orders: Orders | None = None,
        *,
        age: float = AGE,
        records: int = 256,
    ) -> None:
        self._pool, self._growth, self._desk, self._outlets = pool, growth, desk, outlets
        self._cosigners: Cosigners = cosigners or Alone()
        self._orders = orders or Orders(growth)
        self._fresh: dict[ProjectKey, Row] = {}
        self._age, self._records = age, records
        self._last: OrderedDict[ProjectKey, tuple[Frontier, str]] = OrderedDict()
        self._anchor = self._anchored = Frontier()
        self._unpublished = False
        self._stopped: dict[ProjectKey, str] = {}
        self._stopping = False
        self._trouble = ""
        self._made = 0

    async def run(self) -> None:
        """See ``Loop``."""
        pause = _TICK
        while not self._stopping:
            self._orders.placed.clear()
            try:
                if self._growth.followed:
                    await self._work()
                pause, self._trouble = _TICK, ""
            except _EXPECTED as error:
                self._complain(error)
                pause = min(2 * max(pause, _TICK), _LONGEST_PAUSE)
            if not self._trouble and self._growth.awaited:
                pause = _HASTE
            await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        """Until there may be something to do; while there is trouble, new orders do not hurry it."""
        until = monotonic() + pause
        while not self._stopping and (left := until - monotonic()) > 0:
            try:
                await asyncio.wait_for(self._orders.placed.wait(), left)
            except TimeoutError:
                return
            if not self._trouble:
                return
            self._orders.placed.clear()

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping = True
        self._orders.placed.set()

    def refusal(self, key: ProjectKey) -> str:
        """Why no checkpoint is made of a project any more; "" where they are."""
        return self._stopped.get(key, "")

    def describe(self) -> Statistics:
        """See ``Loop``; ``waiting`` are the projects whose last records no checkpoint covers.

        ``postponed`` are the checkpoints that some witness did not cosign: nothing waits for it.
        """
        waiting, missed = self._growth.waiting, self._cosigners.missed
        return Statistics("checkpoints", self._made, missed, 0, waiting, self._trouble, frozenset(self._stopped))

    async def _work(self) -> None:
        """Everything that is due."""
        WAIT.set(self._growth.oldest(monotonic()))
        if not (self._is_due() or self._growth.pressing or self._growth.stale or self._unpublished):
            return
        async with self._pool.acquire() as connection:
            if self._growth.stale:
                await self._learn(connection)
            try:
                await self._finish(connection)
                while (due := self._is_due()) or self._growth.pressing:
                    if not await self._round(connection, pressing=not due):
                        break
                    await self._finish(connection)
            except (Overtaken, Elsewhere, *AWAY):
                self._growth.stale = True
                raise

    def _is_due(self) -> bool:
        return self._growth.due(monotonic(), self._age, self._records)

    async def _learn(self, connection: Connection) -> None:
        """What is in Postgres."""
        self._last.clear()
        self._stopped.clear()
        self._outlets.forget()
        self._unpublished = True
        count = await connection.fetchval(SQL["count"])
        anchored = await connection.fetchrow(SQL["anchored"])
        self._anchor = (await frontiers(connection, {ANCHOR: count}))[ANCHOR]
        self._anchored = (await frontiers(connection, {ANCHOR: anchored["size"] if anchored else 0}))[ANCHOR]
        rows = await connection.fetch(SQL["uncovered"])
        found = {ProjectKey(*row[:2]): (Tip(row[2], row[3]), row[4]) for row in rows}
        self._growth.learn(found, monotonic() - self._age)

    async def _round(self, connection: Connection, *, pressing: bool) -> bool:
        """Checkpoints for those projects that have waited longest; False when nothing is committed of any.

        ``pressing``: only for those that somebody waits for; for one of them not all others are signed, too.
        """
        committed = await connection.fetchval(SQL["committed"])
        self._growth.drop(self._stopped)
        tips = self._growth.committed(committed, AT_ONCE, pressing=pressing)
        if not tips:
            return False
        stored = await self._stored(connection, tips)
        old = {key: tip for key, tip in tips.items() if stored[key].stored.size >= tip.size}
        self._growth.cover(old, monotonic())
        wanted = {key: each for key, each in stored.items() if key not in old}
        found = await self._desk.sign(connection, wanted) if wanted else {}
        signed = {key: each for key, each in found.items() if isinstance(each, Signed)}
        await self._refused(connection, {key: each for key, each in found.items() if isinstance(each, Refusal)})
        if signed:
            notes = await self._cosigners.cosign(signed)
            await self._store(connection, signed, notes, tips)
            self._growth.cover({key: tips[key] for key in signed}, monotonic())
        return bool(signed or old)

    async def _stored(self, connection: Connection, tips: Mapping[ProjectKey, Tip]) -> dict[ProjectKey, Wanted]:
        """What is wanted, with the trees whose checkpoints are stored."""
        cold = [key for key in tips if key not in self._last]
        if cold:
            rows = await connection.fetch(SQL["last"], [key.tenant for key in cold], [key.project for key in cold])
            notes = {ProjectKey(*row[:2]): row[3] for row in rows}
            trees = await frontiers(connection, dict.fromkeys(cold, 0) | {ProjectKey(*row[:2]): row[2] for row in rows})
            self._last.update((key, (tree, notes.get(key, ""))) for key, tree in trees.items())
        return {key: Wanted(self._last[key][0], tip.size, self._last[key][1]) for key, tip in tips.items()}

    async def _store(
        self,
        connection: Connection,
        signed: Mapping[ProjectKey, Signed],
        notes: Mapping[ProjectKey, str],
        tips: Mapping[ProjectKey, Tip],
    ) -> None:
        """Commit the checkpoints, and with them their places in the anchor log."""
        rows, tiles, tree, moment = [], list[Tile](), self._anchor, now()
        fresh: dict[ProjectKey, Row] = {}
        for key, each in signed.items():
            hashed = leaf(each.checkpoint.text.encode())
            tree, ended = tree.grown(hashed)
            tiles += ((*ANCHOR, *tile) for tile in tiles_of(tree.size, ended))
            size, root, position = each.checkpoint.size, each.checkpoint.root, tips[key].position
            rows.append((tree.size, *key, size, root, position, hashed, notes[key], moment))
            fresh[key] = size, position, root, tree.size, notes[key], moment
        try:
            async with connection.transaction():
                await connection.copy_records_to_table("checkpoint", schema_name="psmp", columns=COLUMNS, records=rows)
                if tiles:
                    await connection.copy_records_to_table("tile", schema_name="psmp", columns=TILE, records=tiles)
        except asyncpg.UniqueViolationError as error:
            raise Overtaken("another audit writer makes checkpoints, too") from error
        self._anchor, self._unpublished = tree, True
        self._fresh |= fresh
        self._made += len(rows)
        for key, each in signed.items():
            self._last[key] = each.tree, each.note
            self._last.move_to_end(key)
        while len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)

    async def _finish(self, connection: Connection) -> None:
        """The anchor log's own checkpoint, and everything published; then whoever waits for one has it."""
        if self._anchor.size > self._anchored.size:
            last = await connection.fetchrow(SQL["anchored"])
            wanted = Wanted(self._anchored, self._anchor.size, last["note"] if last else "")
            found = (await self._desk.sign(connection, {ANCHOR: wanted}))[ANCHOR]
            if isinstance(found, Refusal):
                raise AnchorRefused(f"the signer refuses a checkpoint of the anchor log: {found.text}")
            notes = await self._cosigners.cosign({ANCHOR: found})
            checkpoint = found.checkpoint
            row = (checkpoint.size, checkpoint.root, notes[ANCHOR], now())
            try:
                await connection.execute("INSERT INTO psmp.anchor VALUES ($1, $2, $3, $4)", *row)
            except asyncpg.UniqueViolationError as error:
                raise Overtaken("another audit writer makes checkpoints, too") from error
            self._anchored = found.tree
        if self._unpublished:
            await self._outlets.push(connection)
            self._unpublished = False
        fresh, self._fresh = self._fresh, {}
        self._orders.fill(fresh)

    async def _refused(self, connection: Connection, refusals: Mapping[ProjectKey, Refusal]) -> None:
        """A project stops whose ledger does not extend what was signed, unless the ledger has more than we know of."""
        for key, refusal in refusals.items():
            if refusal.why is Why.SHRINKS and (await connection.fetchval(SQL["head"], *key) or 0) >= refusal.size:
                raise Overtaken("another audit writer makes checkpoints, too")
            self._stopped[key] = refusal.text
            self._orders.refuse(key, refusal.text)
            LOG.critical("checkpoint_refused", project=str(key), why=refusal.why, error=refusal.text)
        self._growth.drop(refusals)

    def _complain(self, error: BaseException) -> None:
        trouble = told(error)
        if trouble != self._trouble:
            LOG.warning("no_checkpoints", error=trouble)
        self._trouble = trouble
