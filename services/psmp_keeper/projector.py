"""The keeper's projecting half: folds every event and writes the rows that change, a batch in one transaction."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from asyncpg import LockNotAvailableError

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, EventLog, Record
from psmp.log.view import View
from psmp.log.views import NoSnapshots, Snapshots
from psmp.rules.project import Project
from psmp.store.chain import Claim
from psmp.store.pool import Connection, Pool
from psmp.store.projection import EVENT, STATE, Row, Table, changes, event_row
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
_RECORDED_AT: Final = EVENT.columns.index("recorded_at")


@dataclass(frozen=True, slots=True)
class Writing:
    """The rows of one batch: those to be written, and the keys of those to be taken away."""

    upserts: Mapping[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in (EVENT, *STATE)})
    gone: Mapping[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in STATE})


class Projector:
    """A ``Sink`` that keeps the projection: the rows of every project are those of its log folded.

    Holds the folds of the ``limit`` projects that moved last; others are folded again when they move.
    Invariant: a fold that is held stands where its project's row in Postgres does, unless ``open`` comes next.
    """

    name = "projector"
    durable = False  # what a crash of Postgres takes back is in the log, and the position goes back with it

    def __init__(self, pool: Pool, log: EventLog, snapshots: Snapshots | None = None, *, limit: int = 2000) -> None:
        self._pool, self._log = pool, log
        self._snapshots = snapshots or NoSnapshots()
        self._limit = limit
        self._views: OrderedDict[ProjectKey, View[Project | None]] = OrderedDict()
        self._months: set[tuple[int, int]] = set()

    def rest(self) -> None:
        """See ``Sink``."""

    async def open(self) -> None:
        """See ``Sink``."""
        self._views.clear()
        self._months.clear()
        await self._make_partitions([await self._pool.fetchval("SELECT now()")])

    async def plan(self, records: Sequence[Record]) -> tuple[Writing, Sequence[Damaged]]:
        """See ``Sink``."""
        writing = Writing()
        damages: list[Damaged] = []
        parts: dict[ProjectKey, list[Record]] = {}
        for record in records:
            parts.setdefault(record.key, []).append(record)
        projected = await self._projected([key for key in parts if key not in self._views])
        for key, part in parts.items():
            try:
                view = await self._view(key, projected.get(key, 0))
                await self._project(view, part, writing)
            except Damaged as damage:
                damages.append(damage)
            await asyncio.sleep(0)  # noqa: TID251 - a batch is long work: let the service's other loops have their turn
        while len(self._views) > self._limit:
            self._views.popitem(last=False)
        await self._make_partitions([row[_RECORDED_AT] for row in writing.upserts[EVENT]])
        return writing, damages

    async def write(self, connection: Connection, plan: Writing) -> None:
        """See ``Sink``."""
        for table, keys in plan.gone.items():
            if keys:
                await connection.execute(SQL[f"delete_{table.name}"], *map(list, zip(*keys, strict=True)))
        events = plan.upserts[EVENT]
        await connection.copy_records_to_table(EVENT.name, schema_name="psmp", columns=EVENT.columns, records=events)
        for table in STATE:
            if rows := plan.upserts[table]:
                await connection.execute(SQL[f"upsert_{table.name}"], *map(list, zip(*rows, strict=True)))

    async def _projected(self, keys: Sequence[ProjectKey]) -> Mapping[ProjectKey, int]:
        """Up to which sequence these projects are projected; those that are not at all are left out."""
        if not keys:
            return {}
        rows = await self._pool.fetch(SQL["projected"], [key.tenant for key in keys], [key.project for key in keys])
        return {ProjectKey(tenant, project): sequence for tenant, project, sequence in rows}

    async def _view(self, key: ProjectKey, sequence: int) -> View[Project | None]:
        """The project folded up to ``sequence``, if it is not held further on; raises ``Damaged``."""
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = await self._fold(key, sequence)
        self._views.move_to_end(key)
        return view

    async def _fold(self, key: ProjectKey, sequence: int) -> View[Project | None]:
        if sequence == 0:
            return View(key, PROJECT_FOLD)
        view = await self._snapshots.load(key, PROJECT_FOLD)
        if view is None or view.head.sequence > sequence:
            view = View(key, PROJECT_FOLD)
        if view.head.sequence < sequence:
            async for record in self._log.read(key, after=view.head.position):
                view.advance(record)
                if view.head.sequence >= sequence:
                    break
        if view.head.sequence != sequence:
            why = f"it ends at event {view.head.sequence}, and was projected up to {sequence}"
            if view.head.sequence > sequence:  # the database went back to before what was pruned since
                why = f"what came behind event {sequence} was pruned before it was projected: psmp replay --rebuild"
            raise Damaged(key, view.head.position, why)
        return view

    async def _project(self, view: View[Project | None], part: Iterable[Record], writing: Writing) -> None:
        """Fold the records and note what changes, also when the log turns out to be damaged on the way."""
        before = view.state
        try:
            for record in part:
                await self._advance(view, record, writing)
        finally:
            if view.state is not None and view.state is not before:
                made = changes(view.key, before, view.state)
                for table in STATE:
                    writing.upserts[table].extend(made.upserts[table])
                    writing.gone[table].extend(made.gone[table])

    async def _advance(self, view: View[Project | None], record: Record, writing: Writing) -> None:
        """Fold one record, unless it is projected already. Before it is called damaged the log itself is asked."""
        if record.position <= view.head.position:
            return
        events = writing.upserts[EVENT]
        try:
            events.append(event_row(record, view.advance(record)))
        except Damaged:
            claim = Claim.read(record.body)
            if claim is not None and claim.sequence <= view.head.sequence:  # whether it is the same is audit's to tell
                return
            async for stored in self._log.read(view.key, after=view.head.position):
                if stored.position > record.position:
                    break
                events.append(event_row(stored, view.advance(stored)))
            if view.head.position < record.position:
                raise

    async def _make_partitions(self, times: Iterable[datetime]) -> None:
        """Have partitions for the months of these times and the three after each; the default one serves until then."""
        for time in times:
            month = time.year, time.month
            if month not in self._months:
                with suppress(LockNotAvailableError):  # somebody reads for long; tried again when we begin again
                    await self._pool.execute(SQL["make_partitions"], time)
                self._months.add(month)
