"""What a patch does to files, line by line, and the claims that follow from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from psmp.words.values import PathClaim

MOST_RANGES: Final = 1000
"""Ranges of one claim; a file with more is claimed by several."""

DIGITS: Final = 32
"""Hexadecimal digits of a digest: 128 bits, which nobody makes collide by accident."""


class Edit(NamedTuple):
    """Lines ``[start, start + len(old))`` of the base become ``new``; every line with its end, as bytes."""

    start: int
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]

    @property
    def end(self) -> int:
        """The line after the last that is replaced."""
        return self.start + len(self.old)


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a patch does to one file.

    ``base`` is the id of the blob that it was, ``result`` that of the one it becomes, each None where not known. What
    is deleted and lives on elsewhere says in ``moved`` where, and in ``edits`` what changes on the way.

    # Invariant: ``path`` is normal. ``edits`` are sorted and no two meet; None where they cannot be told by lines, ()
    # where nothing but the file's mode changes, or its place.
    """

    path: str
    mode: Literal["write", "create", "delete"]
    base: str | None = None
    result: str | None = None
    edits: tuple[Edit, ...] | None = None
    moved: str | None = None

    def claims(self) -> Iterator[PathClaim]:
        """The claims that who makes this change has to make."""
        if self.mode == "create":
            known = None if self.result is None else ((1, 1, self.result),)
            yield PathClaim(path=self.path, mode="create", ranges=known)
        elif (self.mode == "delete" and self.moved is None) or self.edits is None:
            yield PathClaim(path=self.path, mode=self.mode, base=self.base, moved=self.moved)
        else:
            ranges = tuple((edit.start, edit.end, digest(edit.new)) for edit in self.edits)
            for start in range(0, max(len(ranges), 1), MOST_RANGES):
                part = ranges[start : start + MOST_RANGES]
                yield PathClaim(path=self.path, mode=self.mode, base=self.base, ranges=part, moved=self.moved)


def digest(lines: Iterable[bytes]) -> str:
    """What the lines that come to stand somewhere are known by."""
    return sha256(b"".join(lines)).hexdigest()[:DIGITS]


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits from top to bottom, those that touch as one. Raises ValueError where two are over each other."""
    found: list[Edit] = []
    for edit in edits:
        if found and edit.start < found[-1].end:
            raise ValueError(f"two changes of line {edit.start}")
        if found and edit.start == found[-1].end:
            before = found.pop()
            found.append(Edit(before.start, before.old + edit.old, before.new + edit.new))
        else:
            found.append(edit)
    return tuple(found)
