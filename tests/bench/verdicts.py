"""The ways to tell whether two patches of one base can both be made, each as a function that says whether it blocks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from psmp.compat.paths.edits import FileChange
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.merge import settle

Patch = tuple[FileChange, ...]


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
