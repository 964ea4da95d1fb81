"""Sets of places on a line, by the cuts where they begin and end.

Both kinds of version lie on a line of their own. Releases do, each followed by the next. So do pre-releases: ``-0`` is
the first one of its release, ``-x`` is followed by ``-x.0``, and after the last ones of a release, which has no last
one, come those of the next release. Every bound that a comparator can set is therefore a cut just before some place,
and a set is the ascending row of its cuts: the first begins it, the second ends it, and so on. Two rows are equal if
and only if the sets are.
"""

from bisect import bisect_right
from typing import Final

from psmp.compat.npm.versions import LARGEST, Core, Prerelease

Place = tuple[int, int, int, Prerelease]
"""A release, or just before all pre-releases of it, if without identifiers; else a pre-release."""

Line = tuple[Place, ...]
"""The cuts of a set, strictly ascending; none stands at ``END``. A set without end has an odd number of them."""

START: Final[Place] = (0, 0, 0, ())
END: Final[Place] = (LARGEST + 1, 0, 0, ())
"""Beyond all places."""

NOTHING: Final[Line] = ()
WHOLE: Final[Line] = (START,)

_Kept = tuple[bool, bool, bool, bool]
_BOTH: Final[_Kept] = (False, False, False, True)
_EITHER: Final[_Kept] = (False, True, True, True)
_FIRST: Final[_Kept] = (False, True, False, False)


def first(core: Core) -> Place:
    """The release, or where its pre-releases begin."""
    return (*core, ())


def between(begin: Place, end: Place) -> Line:
    """What lies from ``begin`` on and before ``end``."""
    if begin >= end:
        return NOTHING
    return (begin,) if end >= END else (begin, end)


def both(one: Line, other: Line) -> Line:
    """What is in both."""
    if not one or not other:
        return NOTHING
    if len(one) == len(other) == 2:  # noqa: PLR2004 - a stretch with an end, which is what most ranges are
        return between(max(one[0], other[0]), min(one[1], other[1]))
    return _swept(one, other, _BOTH)


def either(one: Line, other: Line) -> Line:
    """What is in one of them at least."""
    return _swept(one, other, _EITHER)


def without(one: Line, other: Line) -> Line:
    """What is in ``one`` and not in ``other``."""
    return _swept(one, other, _FIRST) if one and other else one


def holds(line: Line, place: Place) -> bool:
    """Whether ``place`` is in the set."""
    return bisect_right(line, place) % 2 == 1


def stretches(line: Line) -> list[tuple[Place, Place]]:
    """The parts of the set that hang together: where each begins and ends."""
    ends = line if len(line) % 2 == 0 else (*line, END)
    return list(zip(ends[::2], ends[1::2], strict=True))


def _swept(one: Line, other: Line, kept: _Kept) -> Line:
    """What of that which is in neither, in one alone, in the other alone, in both is ``kept``."""
    sides = dict.fromkeys(one, 1)
    for cut in other:
        sides[cut] = sides.get(cut, 0) | 2
    cuts: list[Place] = []
    where, inside = 0, False
    for cut in sorted(sides):
        where ^= sides[cut]
        if kept[where] != inside:
            cuts.append(cut)
            inside = not inside
    return tuple(cuts)
