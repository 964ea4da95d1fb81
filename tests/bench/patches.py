"""``python -m tests.bench.patches [REPOSITORY]``: what path claims block and miss on pairs of real patches.

From a repository's history it makes pairs of patches of one base that share a file. One is a commit, or three as one;
the other is applied to the same base: a later commit, the undoing of an earlier one, or one of the three, so that a
part of both is the same change. Git's own merge says which pairs are clean.
"""

import argparse
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from psmp.cli.diffs import git
from psmp.cli.diffs.unified import parse
from psmp.compat.paths.edits import FileChange
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.merge import settle

Patch = tuple[FileChange, ...]

WINDOW: Final = 25
"""How many commits after the first the second may be."""

CONSOLE: Final = Console(width=110, highlight=False)
_WHO: Final = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")


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
        self._folder = folder
        _run(source, "clone", "--quiet", "--bare", "--shared", ".", str(folder)).check_returncode()
        listed = self._git("log", "--no-merges", "--reverse", "--format=%H %P", "HEAD").split("\n")
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
        touched = [set(self._git("diff", "--name-only", *two).split("\n")) for two in ((base, one), (before, after))]
        if not touched[0] & touched[1]:
            return None
        if place.kind == "undone":
            before, after = after, before
        picked, tree = self._merge(before, base, after)
        if not picked:
            return None
        other = self._commit(tree, base)
        mine, theirs = (self._patch(base, each) for each in (one, other))
        if not locked(mine, theirs):
            return None
        return Pair(place.kind, mine, theirs, self._merge(base, one, other)[0])

    def _patch(self, old: str, new: str) -> Patch:
        return parse(git.diff(git.States(self._folder, old, new), new))

    def _merge(self, base: str, one: str, other: str) -> tuple[bool, str]:
        """Whether the trees merge as from ``base``, and to which tree."""
        root = self._commit(f"{base}^{{tree}}")
        sides = [self._commit(f"{each}^{{tree}}", root) for each in (one, other)]
        done = _run(self._folder, "merge-tree", "--write-tree", *sides)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stderr)
        return done.returncode == 0, done.stdout.split("\n")[0]

    def _commit(self, tree: str, *parents: str) -> str:
        of = [word for parent in parents for word in ("-p", parent)]
        return self._git("commit-tree", tree, *of, "-m", "x")

    def _git(self, *words: str) -> str:
        done = _run(self._folder, *words)
        done.check_returncode()
        return done.stdout.strip()


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = ["git", *_WHO, *words]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def locked(one: Patch, other: Patch) -> bool:
    """A lock on every file that is written."""
    return bool({change.path for change in one} & {change.path for change in other})


def claimed(one: Patch, other: Patch) -> bool:
    """Path claims as ``psmp declare --from-diff`` makes them."""
    index = PathIndex()
    touched = [
        path
        for place, patch in enumerate((one, other), start=1)
        for path in index.put(f"a{place}", f"agent-{place}", place, [word for each in patch for word in each.claims()])
    ]
    return bool(index.clashes(touched)) or bool(index.unknowns("a1"))


def ranged(one: Patch, other: Patch) -> bool:
    """Path claims that say which lines, but not what comes to stand there."""
    return claimed(*(tuple(_nameless(change) for change in patch) for patch in (one, other)))


def settled(one: Patch, other: Patch) -> bool:
    """Both patches at hand, merged by lines."""
    return bool(settle(one, other))


def settled_finely(one: Patch, other: Patch) -> bool:
    """Both patches at hand, merged also where git would stop though the text is not in doubt."""
    return bool(settle(one, other, beyond_git=True))


def _nameless(change: FileChange) -> FileChange:
    if change.edits is None or change.mode != "write":
        return replace(change, result=None)
    # A line that says which side it is of makes every digest one's own.
    return replace(
        change, edits=tuple(edit._replace(new=(*edit.new, str(id(change)).encode())) for edit in change.edits)
    )


WAYS: Final[Sequence[tuple[str, Callable[[Patch, Patch], bool]]]] = (
    ("a lock on each file", locked),
    ("ranges that meet or touch", ranged),
    ("the same, known by digest", claimed),
    ("both patches, merged by lines", settled),
    ("both patches, beyond git", settled_finely),
)


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
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        pairs = list(History(chosen.repository.resolve(), Path(folder) / "copy.git").pairs(chosen.most, chosen.seed))
    show("independent patches", [pair for pair in pairs if pair.kind != "part"])
    show("patches that share a change", [pair for pair in pairs if pair.kind == "part"])


if __name__ == "__main__":
    main()
