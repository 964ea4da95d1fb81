"""Claims on files as values: which lines they touch, and what two of them are to each other."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from itertools import islice
from sys import intern
from typing import Final, NamedTuple

from psmp.compat.paths.names import InvalidPath, normal
from psmp.compat.paths.passages import Range, carry, made
from psmp.words.values import Hunk, Mode, Passage, PathClaim

WHOLE: Final = (1, 1)
"""The range by which a created file says the digest of all that is in it."""

_ENDS: Final = 2


class Relation(Enum):
    """What two claims of different agents are to each other."""

    APART = auto()
    UNKNOWN = auto()
    MEET = auto()
    LOST = auto()
    TWICE = auto()
    INSIDE = auto()

    @property
    def clashes(self) -> bool:
        """Whether they cannot stand together."""
        return self not in {Relation.APART, Relation.UNKNOWN}


class Claim(NamedTuple):
    """What one artifact does to one path, who declared it and where in the log.

    # Invariant: ``path`` is normal. ``ranges`` are sorted and no two of them meet or touch; None is the whole file, and
    # so it is for what is neither written nor moved. ``digest`` is that of a created file, where it is known; that has
    # no base. ``moved`` is where a deleted file lives on, normal too.
    """

    artifact: str
    agent: str
    sequence: int
    path: str
    mode: Mode
    base: str | None = None
    ranges: tuple[Range, ...] | None = None
    passages: tuple[tuple[str, tuple[Hunk, ...]], ...] = ()
    digest: str | None = None
    moved: str | None = None

    @property
    def key(self) -> str:
        """The path without the ``/`` of a folder."""
        return self.path.removesuffix("/")

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.mode != "read"

    @property
    def carries(self) -> bool:
        """Whether it moves a file and says which lines change: what others change on other lines comes along."""
        return self.moved is not None and self.ranges is not None

    @property
    def makes(self) -> bool:
        """Whether the path exists afterwards because of it."""
        return self.mode in {"write", "create"}

    def word(self) -> PathClaim:
        """The claim as it is declared."""
        ranges = self.ranges
        if self.digest is not None:
            ranges = ((*WHOLE, self.digest),)
        plain = (
            None if ranges is None else tuple((s, e) if digest is None else (s, e, digest) for s, e, digest in ranges)
        )
        passages = tuple(Passage(base=base, hunks=hunks) for base, hunks in self.passages) or None
        return PathClaim(
            path=self.path, mode=self.mode, base=self.base, ranges=plain, passages=passages, moved=self.moved
        )


def claims_of(artifact: str, agent: str, sequence: int, words: Iterable[PathClaim]) -> tuple[Claim, ...]:
    """The claims that ``words`` make; those on the same path, mode, base and way as one. Raises InvalidPath.

    What is said twice counts once, and a part beside the whole does not count.
    """
    artifact, agent = intern(artifact), intern(agent)
    found: dict[tuple[str, Mode, str | None, str | None, str | None], Claim] = {}
    for word in words:
        claim = _claim(artifact, agent, sequence, word)
        key = (claim.path, claim.mode, claim.base, claim.digest, claim.moved)
        before = found.get(key)
        found[key] = claim if before is None else _joined(before, claim)
    return tuple(found.values())


def relate(one: Claim, other: Claim) -> Relation:
    """What two claims are to each other. It is symmetric, and looks at nothing but the two."""
    if one.agent == other.agent or not (one.writes and other.writes):
        return Relation.APART
    if one.key != other.key:
        return _nested(one, other)
    match one.mode, other.mode:
        case "delete", "delete":
            return Relation.APART if one.moved == other.moved else Relation.LOST
        case "create", "create":
            same = one.digest is not None and one.digest == other.digest
            return Relation.APART if same else Relation.TWICE
        case "create", _:
            return _created(one, other)
        case _, "create":
            return _created(other, one)
        case ("delete", _) | (_, "delete"):
            moved = all(claim.mode == "write" or claim.carries for claim in (one, other))
            return _written(one, other) if moved else Relation.LOST
        case _:
            return _written(one, other)


class Meeting(NamedTuple):
    """Where two claims meet: a range of each, and what the older one's comes to on the base of the newer."""

    older: Claim
    newer: Claim
    lines: Range
    others: Range
    carried: Range


def meeting(one: Claim, other: Claim) -> Meeting | None:
    """The first place where two claims that write lines meet; None where none is known.

    Of claims on two bases what one asks for and the other's base has already is left out.
    """
    for older, newer, hunks in _on_one_base(one, other):
        there = made(hunks)
        mine = [lines for lines in older.ranges or () if lines not in there.of_older]
        theirs = [lines for lines in newer.ranges or () if lines not in there.of_newer]
        passed = 0
        for lines, carried in zip(mine, carry(mine, hunks), strict=True):
            while passed < len(theirs) and theirs[passed][1] < carried[0]:
                passed += 1
            for others in islice(theirs, passed, None):
                if others[0] > carried[1]:
                    break
                if not _same(carried, others):
                    return Meeting(older, newer, lines, others, carried)
    return None


def _same(one: Range, other: Range) -> bool:
    """Whether two ranges of one base are known to be the same change."""
    return one[2] is not None and one == other


def _nested(one: Claim, other: Claim) -> Relation:
    below = other.path.startswith(f"{one.key}/") or one.path.startswith(f"{other.key}/")
    undone = one.mode == other.mode == "delete"
    return Relation.INSIDE if below and not undone else Relation.APART


def _created(creation: Claim, other: Claim) -> Relation:
    """A file is made of which the other, where it has a base, knows that it was there."""
    if other.base is None:
        return Relation.LOST if other.mode == "delete" else Relation.MEET
    follows = creation.digest in {other.base, *(base for base, _ in other.passages)}
    return Relation.APART if follows else Relation.UNKNOWN


def _written(one: Claim, other: Claim) -> Relation:
    if one.ranges is None or other.ranges is None:
        return Relation.MEET
    if meeting(one, other) is not None:
        return Relation.MEET
    known = not (one.ranges and other.ranges) or any(True for _ in _on_one_base(one, other))
    return Relation.APART if known else Relation.UNKNOWN


def _on_one_base(one: Claim, other: Claim) -> Iterator[tuple[Claim, Claim, tuple[Hunk, ...]]]:
    """The two in the order in which the hunks carry the lines of the first to the base of the second."""
    if one.base == other.base:
        yield one, other, ()
        return
    for older, newer in ((one, other), (other, one)):
        yield from ((older, newer, hunks) for base, hunks in newer.passages if base == older.base)


def _claim(artifact: str, agent: str, sequence: int, word: PathClaim) -> Claim:
    path = normal(word.path)
    base = None if word.base is None else intern(word.base)
    ranges = _ranges(word)
    passages = _passages(word)
    claim = Claim(artifact, agent, sequence, path, word.mode, base, ranges, passages, None, _moved(word))
    if word.mode != "create":
        return claim
    known = ranges[0][2] if ranges is not None and [each[:2] for each in ranges] == [WHOLE] else None
    return claim._replace(base=None, ranges=None, passages=(), digest=known)


def _ranges(word: PathClaim) -> tuple[Range, ...] | None:
    if word.ranges is None:
        return None
    if word.path.endswith("/") or (word.mode == "delete" and word.moved is None):
        what = "is a folder, which has no lines" if word.path.endswith("/") else "is deleted as a whole, not in lines"
        raise InvalidPath(word.path, "ranges", what, "leave the ranges out; to delete lines is to write")
    for place, (start, end, *_) in enumerate(word.ranges):
        if start < 1 or end < start:
            fault = f"has no lines [{start}, {end})"
            hint = "lines are [start, end) from 1; [n, n] inserts before line n"
            raise InvalidPath(word.path, f"ranges[{place}]", fault, hint)
    return _merged({(each[0], each[1], each[2] if len(each) > _ENDS else None) for each in word.ranges})


def _moved(word: PathClaim) -> str | None:
    if word.moved is None:
        return None
    if word.mode != "delete":
        raise InvalidPath(word.path, "moved", "is moved and yet not deleted", "say mode delete, or leave moved out")
    if word.path.endswith("/") or word.moved.endswith("/"):
        raise InvalidPath(word.path, "moved", "is moved as a folder", "claim the move of each file in it")
    return normal(word.moved)


def _merged(ranges: set[Range]) -> tuple[Range, ...]:
    """Ranges that meet as one; it keeps a digest where they only touch and each has one."""
    if len(ranges) == 1:
        return tuple(ranges)
    merged: list[Range] = []
    for start, end, digest in sorted(ranges, key=lambda each: (each[0], each[1], each[2] or "")):
        if not merged or merged[-1][1] < start:
            merged.append((start, end, digest))
            continue
        first, last, known = merged[-1]
        apart = known is not None and digest is not None and last == start
        merged[-1] = first, max(last, end), f"{known}+{digest}" if apart else None
    return tuple(merged)


def _passages(word: PathClaim) -> tuple[tuple[str, tuple[Hunk, ...]], ...]:
    if not word.passages:
        return ()
    if word.base is None:
        raise InvalidPath(word.path, "passages", "has passages that lead to no base", "say the base of the claim")
    for place, passage in enumerate(word.passages):
        done = 1
        for number, (start, end, became, *_) in enumerate(passage.hunks):
            if start < done or end < start or became < 0:
                fault = f"has a hunk that cannot be, [{start}, {end}) to {became} lines"
                hint = "hunks are [start, end) of the older base and a count of lines, in order, none over another"
                raise InvalidPath(word.path, f"passages[{place}].hunks[{number}]", fault, hint)
            done = end
    return tuple((intern(each.base), each.hunks) for each in word.passages)


def _joined(one: Claim, other: Claim) -> Claim:
    ranges = None if one.ranges is None or other.ranges is None else _merged({*one.ranges, *other.ranges})
    return one._replace(ranges=ranges, passages=tuple(dict.fromkeys((*one.passages, *other.passages))))
