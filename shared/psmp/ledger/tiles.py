"""Which hashes of a tree are kept, in the heights of C2SP tlog-tiles, and how all others are reckoned from them.

Kept are leaves and, for each level of tiles, the hashes over 256, 256 ^ 2, ... leaves, once these are all there. What a
question to a tree looks up does not depend on what it finds, so it is asked twice: once to learn which hashes it needs,
so that they are fetched together, and once for the answer.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count
from typing import Final, TypeVar

from psmp.ledger.merkle import SIZE, Nodes, node

HEIGHT: Final = 8
"""Levels of the tree in one level of tiles."""

WIDTH: Final = 1 << HEIGHT
"""Hashes in a whole tile."""

Place = tuple[int, int]
"""A level and an index there: of the tree, or of its tiles (level 0: the leaves)."""

T = TypeVar("T")
Question = Callable[[Nodes], T]


def tiles_of(size: int, ended: Collection[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """What is to be kept of the subtrees that ended with leaf number ``size``: level of tiles, index and hash."""
    for level, each in enumerate(list(ended)[HEIGHT::HEIGHT], 1):
        yield level, (size >> HEIGHT * level) - 1, each


def needed(question: Question[object], known: Mapping[Place, bytes]) -> set[Place]:
    """The kept hashes that ``question`` needs, by level of tiles and index; ``known`` are places of the tree."""
    found: set[Place] = set()

    def note(level: int, index: int) -> None:
        if (level, index) in known:
            return
        if level % HEIGHT == 0:
            found.add((level // HEIGHT, index))
            return
        note(level - 1, 2 * index)
        note(level - 1, 2 * index + 1)

    def look(level: int, index: int) -> bytes:
        note(level, index)
        return bytes(SIZE)

    question(look)
    return found


def reading(known: Mapping[Place, bytes], kept: Mapping[Place, bytes]) -> Nodes:
    """The tree of which these places are ``known`` and these hashes ``kept``; it raises ``KeyError`` for all else."""

    def look(level: int, index: int) -> bytes:
        if (level, index) in known:
            return known[level, index]
        if level % HEIGHT == 0:
            return kept[level // HEIGHT, index]
        return node(look(level - 1, 2 * index), look(level - 1, 2 * index + 1))

    return look


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """The tiles of a tree of ``size`` leaves by level, index and width; those that are not whole are the last ones."""
    level = 0
    while size >> HEIGHT * level:
        hashes = size >> HEIGHT * level
        for index in range((hashes + WIDTH - 1) // WIDTH):
            yield level, index, min(WIDTH, hashes - index * WIDTH)
        level += 1


def path(level: int | str, index: int, width: int) -> str:
    """Where a tile lies below a log's folder; ``level`` is ``entries`` for a bundle of records."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *first, last = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    place = "/".join([*(f"x{each}" for each in first), last])
    return f"tile/{level}/{place}" + (f".p/{width}" if width < WIDTH else "")


def spans(places: Collection[Place]) -> Iterator[tuple[int, int, int]]:
    """The places as level, first index and index past the last, each without a gap."""
    ordered = sorted(places)
    run = count()
    groups: dict[tuple[int, int], list[int]] = {}
    for level, index in ordered:
        groups.setdefault((level, index - next(run)), []).append(index)
    for (level, _), indexes in groups.items():
        yield level, indexes[0], indexes[-1] + 1


def over(tile: Place) -> set[Place]:
    """The hashes one level of tiles below, over which this one is."""
    level, index = tile
    return {(level - 1, below) for below in range(index * WIDTH, (index + 1) * WIDTH)}


def summit(hashes: Mapping[Place, bytes], tile: Place) -> bytes:
    """The hash at ``tile``, from all of those that it is over."""
    row = [hashes[below] for below in sorted(over(tile))]
    while len(row) > 1:
        row = [node(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
