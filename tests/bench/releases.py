"""``python -m tests.bench.patches --releases``: what path claims block and miss on other people's patches.

Releases are planted as trees, and of three of them git's merge says for each file that two sides touch whether it is
clean. Three kinds of pairs, each file of a pair counted by itself and once:

- *steps*: one step of a maintained branch, and a later step of it, applied to the same base;
- *ahead*: each of these steps, applied to where the branch began, and a whole release made beside the branch;
- *single*: of the pairs above one change of one side, and each of its neighbours among the other's.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, Literal

from rich.console import Console
from rich.table import Table

from psmp.compat.paths.edits import Edit, FileChange
from tests.bench.merges import Merges
from tests.bench.registry import ALL, Series, release
from tests.bench.verdicts import WAYS, Patch

CONSOLE: Final = Console(width=130, highlight=False)

WINDOW: Final = 4
"""How many steps later the second of two may be."""

MOST_SINGLE: Final = 1500
"""How many pairs of single changes are drawn from one project."""

MOST_OF_FILE: Final = 6
"""How many of them from one pair of a file's changes."""

BATCH: Final = 250
"""How many of them are merged at once."""

CLAIMED, STRICT = 2, 4
"""Which of the ways are claims, and how many are as strict as git; the next one is meant to let more through."""

Kind = Literal["steps", "ahead", "single"]
Release = Callable[[Series, str], Mapping[str, bytes] | None]


@dataclass(frozen=True, slots=True)
class FilePair:
    """Two changes of one file of one base, whether git merges them, and what both do where git sees it renamed to."""

    project: str
    kind: Kind
    one: FileChange
    other: FileChange
    clean: bool
    renamed: tuple[Patch, Patch] = ((), ())

    @property
    def group(self) -> str:
        """What kind of pair it is, in a few words."""
        if any(self.renamed):
            return "beside a rename"
        return f"{self.kind}, {'sharing a change' if self.shares else 'independent'}"

    @property
    def shares(self) -> bool:
        """Whether a part of both is the same change."""
        if self.one.edits and self.other.edits:
            return bool(set(self.one.edits) & set(self.other.edits))
        return self.one.result is not None and self.one.result == self.other.result


class Branches:
    """The pairs that the releases of one project give."""

    def __init__(self, trees: Merges, project: str) -> None:
        self._trees = trees
        self._project = project
        self._seen: set[tuple[str, str | None, str | None, str | None]] = set()

    def pairs(self, kept: Sequence[str], ahead: Sequence[str], seed: int) -> list[FilePair]:
        """All pairs of whole steps, and of single changes some that are drawn with ``seed``."""
        whole = [*self._steps(kept), *self._ahead(kept, ahead)]
        return [*whole, *self._single(whole, Random(seed))]

    def _steps(self, kept: Sequence[str]) -> Iterator[FilePair]:
        for first, (base, one) in enumerate(pairwise(kept)):
            for later in range(first + 1, min(first + 1 + WINDOW, len(kept) - 1)):
                yield from self._picked("steps", base, one, (kept[later], kept[later + 1]))

    def _ahead(self, kept: Sequence[str], ahead: Sequence[str]) -> Iterator[FilePair]:
        for release_ahead in ahead:
            for step in pairwise(kept):
                yield from self._picked("ahead", kept[0], release_ahead, step)

    def _picked(self, kind: Kind, base: str, one: str, step: tuple[str, str]) -> Iterator[FilePair]:
        """The pairs of ``one`` and of what ``step`` changes, as far as it can be applied to ``base``."""
        before, after = step
        picked = self._trees.merge(before, base, after)
        yield from self._of(kind, base, one, self._trees.commit(picked.tree), picked.stopped)

    def _of(
        self, kind: Kind, base: str, one: str, other: str, left_out: frozenset[str] = frozenset()
    ) -> Iterator[FilePair]:
        mine, theirs = ({each.path: each for each in self._trees.patch(base, side)} for side in (one, other))
        stopped = self._trees.merge(base, one, other).stopped
        moved = [self._trees.renamed(base, side) for side in (one, other)]
        for path in sorted((mine.keys() & theirs.keys()) - left_out):
            names = {each[path] for each in moved if path in each}
            there, too = (tuple(side[name] for name in sorted(names & side.keys())) for side in (mine, theirs))
            clean = not {path, *names} & stopped
            pair = FilePair(self._project, kind, mine[path], theirs[path], clean, (there, too))
            about = pair.one.path, pair.one.base, pair.one.result, pair.other.result
            if kind == "single" or about not in self._seen:
                self._seen.add(about)
                yield pair

    def _single(self, pairs: Iterable[FilePair], chance: Random) -> Iterator[FilePair]:
        drawn: list[tuple[str, Edit, Edit]] = []
        for pair in pairs:
            if pair.one.base and pair.one.mode == pair.other.mode == "write":
                of_file = list(neighbours(pair.one.edits or (), pair.other.edits or ()))
                chosen = chance.sample(of_file, min(len(of_file), MOST_OF_FILE))
                drawn += [(pair.one.base, *two) for two in chosen]
        chance.shuffle(drawn)
        for start in range(0, min(len(drawn), MOST_SINGLE), BATCH):
            yield from self._planted(drawn[start : min(start + BATCH, MOST_SINGLE)])

    def _planted(self, drawn: Sequence[tuple[str, Edit, Edit]]) -> Iterator[FilePair]:
        """The pairs that git reads out of files with one change each: it may see the change at another place."""
        sides: tuple[dict[str, bytes | str], ...] = ({}, {}, {})
        contents = self._trees.contents([base for base, *_ in drawn])
        for number, ((base, *edits), content) in enumerate(zip(drawn, contents, strict=True)):
            sides[0][f"{number}"] = base
            for side, edit in zip(sides[1:], edits, strict=True):
                side[f"{number}"] = applied(content, edit)
        base, one, other = self._trees.plant(sides)
        yield from self._of("single", base, one, other)


def neighbours(one: Sequence[Edit], other: Sequence[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Each change of the one side with those of the other that stand next to it: above, below and at its place."""
    starts = [edit.start for edit in other]
    for edit in one:
        at = bisect_left(starts, edit.start)
        yield from ((edit, near) for near in other[max(at - 1, 0) : at + 2])


def applied(content: bytes, edit: Edit) -> bytes:
    """The content once one change is made."""
    *ended, last = content.split(b"\n")
    lines = [line + b"\n" for line in ended] + ([last] if last else [])
    lines[edit.start - 1 : edit.end - 1] = edit.new
    return b"".join(lines)


@dataclass(frozen=True, slots=True)
class Tally:
    """What each way did to some pairs: how many clean ones it blocked, and how many conflicts it missed."""

    pairs: int = 0
    clean: int = 0
    blocked: tuple[int, ...] = (0,) * len(WAYS)
    missed: tuple[int, ...] = (0,) * len(WAYS)

    @property
    def is_odd(self) -> bool:
        """Whether claims block what is clean, or any way that is as strict as git misses a conflict."""
        return any(self.blocked[CLAIMED:STRICT]) or any(self.missed[:STRICT])

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.pairs + other.pairs,
            self.clean + other.clean,
            tuple(map(sum, zip(self.blocked, other.blocked, strict=True))),
            tuple(map(sum, zip(self.missed, other.missed, strict=True))),
        )


def judged(pair: FilePair) -> Tally:
    """What each way says to one pair, held against git."""
    one, other = (pair.one, *pair.renamed[0]), (pair.other, *pair.renamed[1])
    blocks = [way(one, other) for _, way in WAYS]
    blocked = tuple(int(pair.clean and each) for each in blocks)
    missed = tuple(int(not pair.clean and not each) for each in blocks)
    return Tally(1, int(pair.clean), blocked, missed)


def gathered(folder: Path, series: Series, fetch: Release, seed: int) -> list[FilePair]:
    """The pairs that one project gives; what cannot be had is left out and said."""
    trees = Merges(folder / f"{series.project}.git")
    ids: dict[str, str] = {}
    for version in (*series.kept, *series.ahead):
        files = fetch(series, version)
        if files is None:
            CONSOLE.print(f"{series.project} {version}: not to be had, left out")
        else:
            (ids[version],) = trees.plant([files])
    kept, ahead = ([ids[each] for each in wanted if each in ids] for wanted in (series.kept, series.ahead))
    return Branches(trees, series.project).pairs(kept, ahead, seed)


def measure(seed: int, fetch: Release = release, every: Sequence[Series] = ALL) -> None:
    """Fetch, merge and print: of each project when it is done, and the table at the end."""
    if fetch(every[0], every[0].kept[0]) is None:
        CONSOLE.print("skipped: no registry")
        return
    projects: dict[str, Tally] = {}
    groups: dict[str, Tally] = {}
    with TemporaryDirectory(prefix="psmp-releases-") as name:
        for series in every:
            for pair in gathered(Path(name), series, fetch, seed):
                tally = judged(pair)
                for sums, key in ((projects, series.project), (groups, pair.group)):
                    sums[key] = sums.get(key, Tally()) + tally
                if tally.is_odd:
                    CONSOLE.print(f"  {pair.one.path}, {pair.group}: {'' if pair.clean else 'not '}clean")
            CONSOLE.print(f"{series.project}: {projects.get(series.project, Tally()).pairs} pairs")
    show([*projects.items(), *sorted(groups.items()), ("all", sum(projects.values(), Tally()))])


def show(rows: Sequence[tuple[str, Tally]]) -> None:
    """Print one row for each group of pairs: of each way the clean ones it blocks and the conflicts it misses."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "pairs", "clean", *(f"{name}" for name, _ in WAYS)):
        table.add_column(column, justify="right" if column else "left")
    for name, tally in rows:
        ways = (
            f"{blocked} ({blocked / max(tally.clean, 1):.1%}), {missed}"
            for blocked, missed in zip(tally.blocked, tally.missed, strict=True)
        )
        table.add_row(name, str(tally.pairs), str(tally.clean), *ways)
    CONSOLE.print(table)
    CONSOLE.print("of each way: clean pairs that it blocks (part of them), conflicts that it misses")
