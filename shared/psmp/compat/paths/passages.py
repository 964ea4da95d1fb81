"""How lines of one base are found again on another, and which changes that other base has already."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from psmp.compat.paths.edits import Edit, digest
from psmp.words.values import Hunk

Range = tuple[int, int, str | None]
"""Lines ``[start, end)`` counted from 1, and the digest of the lines that come to stand there where it is known."""


class Made(NamedTuple):
    """What need not be made any more: ``of_older`` are changes of the older base that the newer one has already.

    ``of_newer`` are changes of the newer base that lead back to what the older one has.
    """

    of_older: frozenset[Range]
    of_newer: frozenset[Range]


NOTHING_MADE = Made(frozenset(), frozenset())


def carry(ranges: Iterable[Range], hunks: Sequence[Hunk]) -> list[Range]:
    """Where ``ranges`` of an older base are on the newer one that ``hunks`` lead to.

    What meets or touches a hunk comes to the hull of itself and all that the hunk became, and is known by no digest.
    """
    if not hunks:
        return list(ranges)
    starts, ends = [hunk[0] for hunk in hunks], [hunk[1] for hunk in hunks]
    growth = list(accumulate((hunk[2] - (hunk[1] - hunk[0]) for hunk in hunks), initial=0))
    carried: list[Range] = []
    for start, end, known in ranges:
        first, beyond = bisect_left(ends, start), bisect_right(starts, end)
        if first == beyond:
            carried.append((start + growth[first], end + growth[first], known))
        else:
            reach = min(start, starts[first]) + growth[first], max(end, ends[beyond - 1]) + growth[beyond]
            carried.append((*reach, None))
    return carried


def made(hunks: Iterable[Hunk]) -> Made:
    """The changes that the two bases of a passage differ by: whoever claims one of them asks for what is there already.

    Only a hunk that says what stood and what stands is known so, and only a change of exactly its lines.
    """
    of_older: list[Range] = []
    of_newer: list[Range] = []
    growth = 0
    for start, end, became, *digests in hunks:
        if digests:
            of_older.append((start, end, digests[1]))
            of_newer.append((start + growth, start + growth + became, digests[0]))
        growth += became - (end - start)
    return Made(frozenset(of_older), frozenset(of_newer)) if of_older else NOTHING_MADE


def undone(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """The way back."""
    back: list[Hunk] = []
    growth = 0
    for start, end, became, *digests in hunks:
        there = (start + growth, start + growth + became, end - start)
        back.append((*there, digests[1], digests[0]) if digests else there)
        growth += became - (end - start)
    return tuple(back)


def passed(edits: Iterable[Edit]) -> tuple[Hunk, ...]:
    """The hunks of a passage from the blob that ``edits`` are of to the one that they make of it."""
    return tuple((edit.start, edit.end, len(edit.new), digest(edit.old), digest(edit.new)) for edit in edits)
