"""Why sets have nothing in common: every minimal clashing set and every minimal correction, at once.

The sets cut their universe into cells; two points of one cell lie in the same sets. So what must go to make some cell
common to all is the complement of the sets it lies in, and the minimal complements are the minimal corrections. A clash
has to touch every correction: the minimal clashing sets (cores) are the minimal hitting sets of the corrections
(Reiter 1987, Berge 1989).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

MOST_REGIONS: Final = 32
"""Above this many different sets one core and a few corrections are looked for, not all."""

MOST_CELLS: Final = 256
"""Above this many cells likewise."""

MOST_CORES: Final = 64
"""How many cores are kept while they are looked for."""

MOST_GIVING: Final = 8
"""Where only one core is looked for: for how many of its members a correction is, the last ones first."""


class Region(Protocol):
    """A set that can be cut by another of its kind."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""

    def __and__(self, other: Self, /) -> Self:
        """What is in both."""

    def __sub__(self, other: Self, /) -> Self:
        """What is here and not there."""


R = TypeVar("R", bound=Region)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """All minimal clashing sets and all minimal corrections of sets with nothing in common, by place, each ascending.

    Where ``complete`` is false there may be more of either; what is listed is still minimal.
    """

    cores: tuple[tuple[int, ...], ...]
    corrections: tuple[tuple[int, ...], ...]
    complete: bool


def dissect(regions: Sequence[R]) -> Anatomy:
    """The anatomy of ``regions``, whose intersection must be empty."""
    found = _corrections(regions)
    if found is None:
        return _sketch(regions)
    cores, complete = _hitting_sets(found)
    return Anatomy(tuple(map(_places, cores)), tuple(map(_places, found)), complete)


def corrections(regions: Sequence[R]) -> tuple[tuple[int, ...], ...]:
    """The corrections of ``regions``, without the cores."""
    found = _corrections(regions)
    return _sketch(regions).corrections if found is None else tuple(map(_places, found))


def one_core(regions: Sequence[R]) -> tuple[int, ...]:
    """One core, found in as many passes as it has members: the region that completes a clash belongs to it."""
    core: list[int] = []
    common: R | None = None
    while common is None or not common.is_empty:
        left, place = common, -1
        while left is None or not left.is_empty:  # each pass ends before the last did
            place += 1
            left = regions[place] if left is None else left & regions[place]
        core.append(place)
        common = regions[place] if common is None else common & regions[place]
    return tuple(sorted(core))


def corrections_of(cores: Sequence[tuple[str, ...]]) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The minimal sets of names that take one from each of ``cores``, smallest first, and whether these are all."""
    names = sorted({name for core in cores for name in core})
    place = {name: number for number, name in enumerate(names)}
    found, complete = _hitting_sets([sum(1 << place[name] for name in core) for core in cores])
    named = (tuple(names[number] for number in _places(mask)) for mask in found)
    return tuple(sorted(named, key=lambda one: (len(one), one))), complete


def _corrections(regions: Sequence[R]) -> list[int] | None:
    """The minimal corrections as bit masks; None: there are too many regions or cells."""
    cells = _cells(regions) if len(regions) <= MOST_REGIONS else None
    everything = (1 << len(regions)) - 1
    return None if cells is None else _minimal(everything & ~mask for mask in cells)


def _cells(regions: Sequence[R]) -> list[int] | None:
    """For each cell the bit mask of the regions it lies in; what lies in none counts too. None: there are too many."""
    cells: list[tuple[int, R]] = []
    for place, region in enumerate(regions):
        if len(cells) > MOST_CELLS:
            return None
        bit, rest, cut = 1 << place, region, []
        for mask, cell in cells:
            inside = cell & region
            if inside.is_empty:
                cut.append((mask, cell))
                continue
            cut.append((mask | bit, inside))
            rest = rest - inside
            outside = cell - region
            if not outside.is_empty:
                cut.append((mask, outside))
        if not rest.is_empty:
            cut.append((bit, rest))
        cells = cut
    return [0, *(mask for mask, _ in cells)]


def _minimal(masks: Iterable[int]) -> list[int]:
    """Those of ``masks`` that contain no other, smallest first."""
    kept: list[int] = []
    for mask in sorted(sorted(set(masks)), key=int.bit_count):
        if not any(small & ~mask == 0 for small in kept):
            kept.append(mask)
    return kept


def _hitting_sets(corrections: Sequence[int]) -> tuple[list[int], bool]:
    """The minimal sets that share a member with every correction (Berge's algorithm), and whether these are all."""
    sets, complete = [0], True
    for correction in corrections:
        hits = [known for known in sets if known & correction]
        misses = [known for known in sets if not known & correction]
        sets = _minimal([*hits, *(known | 1 << place for known in misses for place in _places(correction))])
        if len(sets) > MOST_CORES:
            sets, complete = sets[:MOST_CORES], False
    # What was cut away may have been part of a set that stayed: such a set still hits everything, but is not minimal.
    return (sets, True) if complete else (_minimal(_thinned(found, corrections) for found in sets), False)


def _thinned(found: int, corrections: Sequence[int]) -> int:
    for place in _places(found):
        without = found & ~(1 << place)
        if all(without & correction for correction in corrections):
            found = without
    return found


def _places(mask: int) -> tuple[int, ...]:
    return tuple([place for place in range(mask.bit_length()) if mask >> place & 1])


def _sketch(regions: Sequence[R]) -> Anatomy:
    """One core, and for each of its last members a correction that leaves the others of the core alone."""
    core = one_core(regions)
    beside = [place for place in range(len(regions)) if place not in core]
    orders = ([place for place in core if place != giving] + [*beside, giving] for giving in core[-MOST_GIVING:])
    corrections = _minimal(_correction(regions, order) for order in orders)
    return Anatomy((core,), tuple(map(_places, corrections)), complete=False)


def _correction(regions: Sequence[R], order: Iterable[int]) -> int:
    """What is left over when regions are kept in ``order`` as long as something is common to them."""
    kept, common = 0, None
    for place in order:
        narrowed = regions[place] if common is None else common & regions[place]
        if not narrowed.is_empty:
            kept, common = kept | 1 << place, narrowed
    return (1 << len(regions)) - 1 & ~kept
