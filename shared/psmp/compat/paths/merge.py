"""Where both patches are at hand: can they be merged, and if not, where not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, product
from typing import Final, NamedTuple

from psmp.compat.paths.edits import Edit, FileChange

MOST_LINES: Final = 1000
"""Above this many lines of one place no merge is looked for that git would not make."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where two patches of one base cannot both be made: ``lines`` ``[start, end)`` of the base, None for all.

    ``merged`` is the text that both come to where there is no doubt about it, though git would stop and ask; it is None
    where somebody has to decide.
    """

    path: str
    reason: str
    lines: tuple[int, int] | None = None
    merged: tuple[bytes, ...] | None = None


def settle(one: Iterable[FileChange], other: Iterable[FileChange], *, beyond_git: bool = False) -> list[Stop]:
    """Where two patches clash, by path and line; an empty list is a clean merge.

    The patches are of one base, or of bases in which the files are the same: files whose bases differ are a clash. What
    one changes in a file that the other moves comes along. It is as strict as git's own merge; ``beyond_git`` leaves
    out where a finer look shows that the text is not in doubt.
    """
    mine = {change.path: change for change in one}
    theirs = {change.path: change for change in other}
    stops: list[Stop] = []
    both = mine.keys() & theirs.keys()
    alike = {mine[path].moved for path in both if _move_alike(mine[path], theirs[path])}
    for path in sorted(both - alike):
        stops.extend(_of_file(mine[path], theirs[path]))
    stops.extend(_of_folders(mine, theirs))
    stops.extend(_of_folders(theirs, mine))
    return [stop for stop in stops if stop.merged is None or not beyond_git]


def merged(base: Sequence[bytes], one: Sequence[bytes], other: Sequence[bytes]) -> tuple[bytes, ...] | None:
    """The text that two versions of ``base`` come to if it is not in doubt.

    It is not where both say the same, in whole or in part, and beyond that change different lines, be they next to each
    other; it is where something is put in or taken out right beside what the other changes.
    """
    if max(len(base), len(one), len(other)) > MOST_LINES:
        return None
    mine, theirs = _changes(base, one), _changes(base, other)
    left = chain(product(mine - theirs, theirs), product(theirs - mine, mine & theirs))
    if any(_in_doubt(change, rival) for change, rival in left):
        return None
    result = list(base)
    for start, end, new in sorted(mine | theirs, reverse=True):
        result[start:end] = new
    return tuple(result)


_Change = tuple[int, int, tuple[bytes, ...]]


def _changes(base: Sequence[bytes], version: Sequence[bytes]) -> set[_Change]:
    """What is changed; where as many lines come as go, each line is a change of its own."""
    changes: set[_Change] = set()
    for tag, i, j, k, m in SequenceMatcher(None, base, version, autojunk=False).get_opcodes():
        if tag == "replace" and j - i == m - k:
            changes.update((i + n, i + n + 1, (version[k + n],)) for n in range(j - i))
        elif tag != "equal":
            changes.add((i, j, tuple(version[k:m])))
    return changes


def _in_doubt(one: _Change, other: _Change) -> bool:
    if one[1] < other[0] or other[1] < one[0]:
        return False
    beside = one[1] == other[0] or other[1] == one[0]
    replaced = all(change[0] < change[1] and change[2] for change in (one, other))
    return not (beside and replaced)


def _of_file(one: FileChange, other: FileChange) -> Iterator[Stop]:
    modes = {one.mode, other.mode}
    in_lines = all(change.mode == "write" or change.moved is not None for change in (one, other))
    if modes == {"delete"}:
        yield from _of_deletions(one, other)
    elif (one.result is not None and one.result == other.result) or (in_lines and () in {one.edits, other.edits}):
        return
    elif "delete" in modes and not in_lines:
        yield Stop(one.path, "what one writes the other deletes")
    elif modes == {"create"}:
        if one.edits is None or one.edits != other.edits:
            yield Stop(one.path, "both create it, each with its own content")
    elif "create" in modes or one.base != other.base:
        yield Stop(one.path, "the patches are not of one base")
    elif one.edits is None or other.edits is None:
        yield Stop(one.path, "it cannot be merged by lines")
    else:
        yield from _of_lines(one.path, one.edits, other.edits)


def _move_alike(one: FileChange, other: FileChange) -> bool:
    """Whether both move the file to the same place, so that nothing but their changes of lines is to be merged."""
    told = one.edits is not None and other.edits is not None
    return one.moved is not None and one.moved == other.moved and one.base == other.base and told


def _of_deletions(one: FileChange, other: FileChange) -> Iterator[Stop]:
    if _move_alike(one, other):
        yield from _of_lines(one.path, one.edits or (), other.edits or ())
    elif one.moved != other.moved:
        both = one.moved is not None and other.moved is not None
        yield Stop(one.path, "both move it, each to its own place" if both else "what one moves the other deletes")


def _of_lines(path: str, one: Sequence[Edit], other: Sequence[Edit]) -> Iterator[Stop]:
    for place in _places(one, other):
        if place.mine and place.theirs:
            base = _base(place)
            mine, theirs = (_version(base, place.start, edits) for edits in (place.mine, place.theirs))
            if mine != theirs:
                lines = place.start, place.start + len(base)
                yield Stop(path, "both change these lines", lines, merged(base, mine, theirs))


class _Place(NamedTuple):
    """Edits of both sides that hang together: each meets or touches another."""

    start: int
    mine: list[Edit]
    theirs: list[Edit]


def _places(one: Sequence[Edit], other: Sequence[Edit]) -> list[_Place]:
    places: list[_Place] = []
    reach = 0
    sides = [(edit.start, edit.end, 0, edit) for edit in one] + [(edit.start, edit.end, 1, edit) for edit in other]
    for start, end, side, edit in sorted(sides):
        if start > reach:
            places.append(_Place(start, [], []))
        (places[-1].theirs if side else places[-1].mine).append(edit)
        reach = max(reach, end)
    return places


def _base(place: _Place) -> list[bytes]:
    """The lines that a place has in the base: what hangs together leaves none out."""
    known = {edit.start + n: line for edit in (*place.mine, *place.theirs) for n, line in enumerate(edit.old)}
    return [known[number] for number in sorted(known)]


def _version(base: Sequence[bytes], start: int, edits: Iterable[Edit]) -> list[bytes]:
    lines = list(base)
    for edit in sorted(edits, reverse=True):
        lines[edit.start - start : edit.end - start] = edit.new
    return lines


def _of_folders(files: Mapping[str, FileChange], others: Mapping[str, FileChange]) -> Iterator[Stop]:
    """Where the one keeps a file that is a folder to the other."""
    kept = [path for path, change in others.items() if change.mode != "delete"]
    folders = {path[:at] for path in kept for at, each in enumerate(path) if each == "/"}
    for path in sorted(folders & files.keys()):
        if files[path].mode != "delete":
            yield Stop(path, "a file to the one, a folder to the other")
