"""The Merkle trees of the ledger as Postgres keeps them: leaves of records and the tiles over them, in few look-ups.

The tree of the anchor log is one of them, under the key ``ANCHOR``; its leaves are those of ``psmp.checkpoint``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from psmp.ledger.merkle import Frontier
from psmp.ledger.tiles import WIDTH, Place, Question, needed, over, reading, spans, summit, tiles_of
from psmp.store.pool import Connection
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
ANCHOR: Final = ProjectKey("_", "anchor")
"""Under which the tree of the anchor log is kept; no project can be named so."""

TILE: Final = ("tenant", "project", "level", "index", "hash")
"""The columns of ``psmp.tile``."""

Tile = tuple[str, str, int, int, bytes]
Trees = dict[ProjectKey, dict[Place, bytes]]
Fits = Callable[[ProjectKey, int], bool]
T = TypeVar("T")
_NOTHING: Final[Mapping[Place, bytes]] = {}
_PAGE: Final = 10_000


async def answers(
    connection: Connection,
    questions: Mapping[ProjectKey, Question[T]],
    known: Mapping[ProjectKey, Mapping[Place, bytes]] | None = None,
) -> dict[ProjectKey, T]:
    """What each question says of its tree; ``known`` need not be read. Raises ``KeyError`` past a tree's end."""
    at_hand = known or {}
    wanted = {key: needed(question, at_hand.get(key, _NOTHING)) for key, question in questions.items()}
    kept = await fetch(connection, wanted)
    return {
        key: question(reading(at_hand.get(key, _NOTHING), kept.get(key, _NOTHING)))
        for key, question in questions.items()
    }


async def answer(connection: Connection, key: ProjectKey, question: Question[T]) -> T:
    """What one question says of one tree; raises ``KeyError`` where it asks past the tree's end."""
    return (await answers(connection, {key: question}))[key]


async def frontiers(connection: Connection, sizes: Mapping[ProjectKey, int]) -> dict[ProjectKey, Frontier]:
    """The first so many leaves of each tree."""

    def of(size: int) -> Question[Frontier]:
        return lambda nodes: Frontier.at(nodes, size)

    return await answers(connection, {key: of(size) for key, size in sizes.items()})


async def fetch(connection: Connection, wanted: Mapping[ProjectKey, set[Place]]) -> Trees:
    """The leaves (level 0) and tiles that are wanted; what is not there is left out.

    A tile that a ledger lacks, because it is older than its tiles, is reckoned from what it would be over.
    """
    found: Trees = {}
    leaves = _columns(wanted, lambda key, level: level == 0 and key != ANCHOR)
    tiles = _columns(wanted, lambda _, level: level > 0)
    anchored = [(first, past) for level, first, past in spans(wanted.get(ANCHOR, set())) if level == 0]
    if leaves:
        _take(found, await connection.fetch(SQL["leaves"], *map(list, zip(*leaves, strict=True))))
    if tiles:
        _take(found, await connection.fetch(SQL["tiles"], *map(list, zip(*tiles, strict=True))))
    if anchored:
        _take(found, await connection.fetch(SQL["anchored"], *ANCHOR, *map(list, zip(*anchored, strict=True))))
    await _reckon(connection, wanted, found)
    return found


async def fill(connection: Connection, key: ProjectKey, size: int) -> None:
    """Write the tiles over the first ``size`` leaves where the ledger is older than its tiles, and has none."""
    if size < WIDTH or await connection.fetchval(SQL["has_tiles"], *key):
        return
    frontier, tiles = Frontier(), list[Tile]()
    while frontier.size < size:
        past = min(frontier.size + _PAGE, size)
        page = await connection.fetch(SQL["leaves"], [key.tenant], [key.project], [0], [frontier.size], [past])
        for *_, leaf in page:
            frontier, ended = frontier.grown(leaf)
            tiles += ((*key, *tile) for tile in tiles_of(frontier.size, ended))
    await connection.execute(SQL["fill"], *map(list, zip(*tiles, strict=True)))


async def _reckon(connection: Connection, wanted: Mapping[ProjectKey, set[Place]], found: Trees) -> None:
    for key, places in wanted.items():
        for tile in sorted(place for place in places if place[0] and place not in found.get(key, _NOTHING)):
            below = over(tile)
            hashes = (await fetch(connection, {key: below})).get(key, {})
            if len(hashes) == len(below):
                found.setdefault(key, {})[tile] = summit(hashes, tile)


def _columns(wanted: Mapping[ProjectKey, set[Place]], fits: Fits) -> list[tuple[str, str, int, int, int]]:
    return [
        (*key, *span)
        for key, places in wanted.items()
        for span in spans([place for place in places if fits(key, place[0])])
    ]


def _take(found: Trees, rows: Iterable[Any]) -> None:
    for tenant, project, level, index, each in rows:
        found.setdefault(ProjectKey(tenant, project), {})[level, index] = each
