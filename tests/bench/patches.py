"""``python -m tests.bench.patches [REPOSITORY]``: what path claims block and miss on pairs of real patches.

From a repository's history it makes pairs of patches of one base that share a file. One is a commit, or three as one;
the other is applied to the same base: a later commit, the undoing of an earlier one, or one of the three, so that a
part of both is the same change. Git's own merge says which pairs are clean. ``--releases`` takes other people's
patches instead: releases of known projects, see ``tests.bench.releases``.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from tests.bench import releases
from tests.bench.merges import Merges, run
from tests.bench.verdicts import WAYS, Patch, locked

WINDOW: Final = 25
"""How many commits after the first the second may be."""

CONSOLE: Final = Console(width=110, highlight=False)

KINDS: Final = ("later", "undone", "part")


class Place(NamedTuple):
    """Which commits a pair is made of: ``first`` to before ``end`` as one, and ``second``."""

    kind: str
    first: int
    end: int
    second: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two patches of one base, how the second came about, and whether git merges them."""

    kind: str
    one: Patch
    other: Patch
    clean: bool


class History:
    """A copy of a repository in which trees are merged; the repository itself is only read."""

    def __init__(self, source: Path, folder: Path) -> None:
        run(source, "clone", "--quiet", "--bare", "--shared", ".", str(folder)).check_returncode()
        self._trees = Merges(folder)
        listed = self._trees.ask("log", "--no-merges", "--reverse", "--format=%H %P", "HEAD").split("\n")
        self.commits = [line.split()[0] for line in listed if len(line.split()) > 1]

    def pairs(self, most: int, seed: int) -> Iterator[Pair]:
        """At most so many pairs of each kind, drawn with ``seed``."""
        drawn = list(self._places())
        Random(seed).shuffle(drawn)
        for kind in KINDS:
            found = (pair for place in drawn if place.kind == kind and (pair := self._pair(place)) is not None)
            yield from islice(found, most)

    def _places(self) -> Iterator[Place]:
        count = len(self.commits)
        for first in range(count):
            for end in (each for each in (first + 1, first + 3) if each <= count):
                yield from (Place("later", first, end, each) for each in range(end, min(end + WINDOW, count)))
                yield from (Place("undone", first, end, each) for each in range(max(0, first - WINDOW), first))
                yield from (Place("part", first, end, each) for each in range(first + 1, end))

    def _pair(self, place: Place) -> Pair | None:
        base, one = f"{self.commits[place.first]}^", self.commits[place.end - 1]
        before, after = f"{self.commits[place.second]}^", self.commits[place.second]
        pairs = ((base, one), (before, after))
        touched = [set(self._trees.ask("diff", "--name-only", *two).split("\n")) for two in pairs]
        if not touched[0] & touched[1]:
            return None
        if place.kind == "undone":
            before, after = after, before
        picked = self._trees.merge(before, base, after)
        if picked.stopped:
            return None
        other = self._trees.commit(picked.tree, base)
        mine, theirs = (self._trees.patch(base, each) for each in (one, other))
        if not locked(mine, theirs):
            return None
        return Pair(place.kind, mine, theirs, not self._trees.merge(base, one, other).stopped)


def measure(pairs: Sequence[Pair]) -> list[tuple[str, int, int]]:
    """For each way, how many clean pairs it blocks and how many conflicts it misses."""
    verdicts = [(name, [(pair.clean, blocks(pair.one, pair.other)) for pair in pairs]) for name, blocks in WAYS]
    return [(name, found.count((True, True)), found.count((False, False))) for name, found in verdicts]


def show(title: str, pairs: Sequence[Pair]) -> None:
    """Print what each way does to these pairs."""
    clean = sum(pair.clean for pair in pairs)
    CONSOLE.print(f"{title}: {len(pairs)} pairs, of which git merges {clean} and stops at {len(pairs) - clean}")
    table = Table(box=None, pad_edge=False)
    for column in ("", "clean pairs blocked", "", "conflicts missed"):
        table.add_column(column, no_wrap=True, justify="right" if column else "left")
    for name, blocked, missed in measure(pairs):
        table.add_row(name, str(blocked), f"{blocked / max(clean, 1):.1%}", str(missed))
    CONSOLE.print(table)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(prog="python -m tests.bench.patches", description=__doc__)
    options.add_argument("repository", type=Path, nargs="?", default=Path())
    options.add_argument("--most", type=int, default=300, help="how many pairs of each kind")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--releases", action="store_true", help="measure other people's releases, from registries")
    chosen = options.parse_args()
    if chosen.releases:
        releases.measure(chosen.seed)
        return
    with TemporaryDirectory() as folder:
        pairs = list(History(chosen.repository.resolve(), Path(folder) / "copy.git").pairs(chosen.most, chosen.seed))
    show("independent patches", [pair for pair in pairs if pair.kind != "part"])
    show("patches that share a change", [pair for pair in pairs if pair.kind == "part"])


if __name__ == "__main__":
    main()
