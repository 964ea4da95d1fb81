"""Replay: rebuilds every projection from the log beside the live one, and compares the two by hash."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, EventLog
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.projection import EVENT, STATE, Row, Table, canonical, digest, event_row, rows
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)

BESIDE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ledger": "the log's own bytes again, which psmp verify holds against it",
        "tile": "hashes over the ledger, which psmp verify holds against it",
        "checkpoint": "what was signed; no log says it",
        "cosigned": "what witnesses cosigned later; no log says it",
        "anchor": "what was signed, in order; no log says it",
        "pruned": "how far each project's records were pruned from the ledger",
        "api_key": "who may use the HTTP API; no log says it",
        "session": "who is signed in to the dashboard; no log says it",
        "follower": "how far each of those who write here has come",
        "damage": "where one of them had to stop, and why",
        "schema_migrations": "which migrations were applied",
    }
)
"""Tables that are no projections of the log, and so are not compared; with what they are. Views hold nothing."""

Texts = dict[Table, dict[Row, str]]
"""Canonical rows by primary key, table by table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what the log says: ``missing`` in Postgres, ``extra`` there, or of ``other`` content."""

    table: str
    row: str
    problem: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one project: per table the hash by the log and the live one, and the rows where they differ.

    ``damage`` says why the project's projection goes no further than it does, if it was stopped.
    """

    key: ProjectKey
    sequence: int
    digests: Mapping[str, tuple[str, str]]
    differences: tuple[Difference, ...] = ()
    damage: str = ""


async def replay_check(
    pool: Pool, log: EventLog, keys: Iterable[ProjectKey], *, only: bool = False
) -> AsyncIterator[Replayed]:
    """Compare the live projection of ``keys`` with their logs, as of the projection's own position.

    Unless ``only`` these, projects that Postgres has rows of and ``keys`` lacks are compared as well. One project at a
    time is held in memory. Raises asyncpg's errors and ``Unreachable``.
    """
    async with checking(pool) as connection:
        position: int = await connection.fetchval(SQL["position"])
        live = () if only else await connection.fetch(SQL["projects"], timeout=CHECK_WITHIN)
        for key in sorted({*keys, *(ProjectKey(*row) for row in live)}):
            yield await _compare(connection, log, key, position)


async def rebuild(pool: Pool) -> None:
    """Empty the projection and have the projector fold the whole log anew; needs the rights of the tables' owner."""
    async with pool.acquire() as connection, connection.transaction():
        for name in ("empty", "forget_damage", "set_back"):
            await connection.execute(SQL[name])


async def _compare(connection: Connection, log: EventLog, key: ProjectKey, position: int) -> Replayed:
    stopped = await connection.fetchrow(SQL["stopped"], *key)
    until = min(position, stopped["position"] - 1) if stopped else position
    view, expected, damage = await _replay(log, key, until)
    pruned: int = await connection.fetchval(SQL["pruned"], *key) or 0
    live: Texts = {table: await _live(connection, table, key) for table in (EVENT, *STATE)}
    for side in (expected, live):  # events that were pruned are not missed, and a rebuild may have brought them back
        side[EVENT] = {row: text for row, text in side[EVENT].items() if row[-1] > pruned}
    digests = {
        table.name: (digest(expected[table].values()), digest(live[table].values())) for table in (EVENT, *STATE)
    }
    differences = tuple(
        difference for table in (EVENT, *STATE) for difference in _differences(table, expected[table], live[table])
    )
    return Replayed(key, view.head.sequence, digests, differences, stopped["why"] if stopped else damage)


async def _replay(log: EventLog, key: ProjectKey, until: int) -> tuple[View[Project | None], Texts, str]:
    """The project folded up to a position, or up to where its log is damaged; the rows that this makes; the damage."""
    view, damage = View(key, PROJECT_FOLD), ""
    events: dict[Row, str] = {}
    async for record in log.read(key):
        if record.position > until:
            break
        try:
            row = event_row(record, view.advance(record))
        except Damaged as found:
            damage = str(found)
            break
        events[EVENT.key_of(row)] = canonical(EVENT, row)
    made = rows(key, view.state)
    texts = {table: {name: canonical(table, row) for name, row in made[table].items()} for table in STATE}
    return view, {EVENT: events} | texts, damage


async def _live(connection: Connection, table: Table, key: ProjectKey) -> dict[Row, str]:
    found = map(tuple, await connection.fetch(SQL[table.name], *key, timeout=CHECK_WITHIN))
    return {table.key_of(row): canonical(table, row) for row in found}


def _differences(table: Table, expected: Mapping[Row, str], live: Mapping[Row, str]) -> Iterable[Difference]:
    for row in sorted(expected.keys() | live.keys()):
        if expected.get(row) != live.get(row):
            problem = "missing" if row not in live else "extra" if row not in expected else "other"
            yield Difference(table.name, "/".join(map(str, row)), problem)
