"""What clashes is dissected into all its minimal cores and corrections, and what is cut short stays minimal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from psmp.compat.cores import MOST_CELLS, MOST_CORES, MOST_GIVING, MOST_REGIONS, dissect
from tests.unit.compat.sets import often, seldom


@dataclass(frozen=True)
class Points:
    """The plainest sets there are."""

    points: frozenset[int]

    @property
    def is_empty(self) -> bool:
        return not self.points

    def __and__(self, other: "Points") -> "Points":
        return Points(self.points & other.points)

    def __sub__(self, other: "Points") -> "Points":
        return Points(self.points - other.points)


def points(*members: int) -> Points:
    return Points(frozenset(members))


def stand(regions: Sequence[Points]) -> bool:
    """Whether the regions have a point in common; no region at all leaves everything."""
    return not regions or bool(frozenset.intersection(*(region.points for region in regions)))


def minimal(regions: Sequence[Points], *, clashing: bool) -> set[tuple[int, ...]]:
    places = range(len(regions))
    every = [frozenset(one) for size in range(len(regions) + 1) for one in combinations(places, size)]

    def holds(one: frozenset[int]) -> bool:
        kept = one if clashing else frozenset(places) - one
        return stand([regions[place] for place in kept]) != clashing

    found = [one for one in every if holds(one)]
    return {tuple(sorted(one)) for one in found if not any(other < one for other in found)}


regions_with_nothing_in_common = st.lists(st.frozensets(st.integers(0, 6)).map(Points), min_size=1, max_size=7).filter(
    lambda regions: not stand(regions)
)


@often
@given(regions_with_nothing_in_common)
def test_cores_and_corrections_are_all_the_minimal_ones(regions: list[Points]) -> None:
    anatomy = dissect(regions)
    assert anatomy.complete
    assert set(anatomy.cores) == minimal(regions, clashing=True)
    assert set(anatomy.corrections) == minimal(regions, clashing=False)
    assert len(set(anatomy.cores)) == len(anatomy.cores)


@often
@given(st.permutations([points(1, 2), points(2, 3), points(3, 1), points(1, 2, 3), points(1)]))
def test_the_order_of_the_regions_does_not_change_what_clashes(regions: list[Points]) -> None:
    named = {frozenset(regions[place].points for place in core) for core in dissect(regions).cores}
    assert named == {
        frozenset({frozenset({1, 2}), frozenset({2, 3}), frozenset({3, 1})}),
        frozenset({frozenset({2, 3}), frozenset({1})}),
    }


def holds(regions: Sequence[Points], core: tuple[int, ...]) -> bool:
    """Whether ``core`` clashes, and no longer does without any one member."""
    members = [regions[place] for place in core]
    return not stand(members) and all(stand(members[:i] + members[i + 1 :]) for i in range(len(members)))


def mends(regions: Sequence[Points], correction: tuple[int, ...]) -> bool:
    """Whether the rest stands without ``correction``, and with any one of it no longer does."""
    rest = [region for place, region in enumerate(regions) if place not in correction]
    return stand(rest) and all(not stand([*rest, regions[place]]) for place in correction)


def pierced(most: int) -> st.SearchStrategy[Points]:
    """All of 12 points but a few."""
    return st.lists(st.integers(0, 11), max_size=most).map(lambda holes: Points(frozenset(range(12)).difference(holes)))


@seldom
@given(st.lists(pierced(2), min_size=MOST_REGIONS + 1, max_size=MOST_REGIONS + 8))
def test_of_very_many_regions_one_minimal_core_and_some_minimal_corrections_are_found(regions: list[Points]) -> None:
    assume(not stand(regions))
    anatomy = dissect(regions)
    assert not anatomy.complete
    assert [holds(regions, core) for core in anatomy.cores] == [True]
    assert 1 <= len(anatomy.corrections) <= MOST_GIVING
    assert all(mends(regions, correction) for correction in anatomy.corrections)


def test_each_of_many_that_all_need_each_other_is_a_way_out() -> None:
    everything = frozenset(range(40))
    regions = [Points(everything - {place}) for place in range(40)]
    anatomy = dissect(regions)
    assert anatomy.cores == (tuple(range(40)),)
    assert anatomy.corrections == tuple((place,) for place in range(40 - MOST_GIVING, 40))


def test_an_empty_region_is_the_core_among_very_many() -> None:
    anatomy = dissect([*(points(1, place) for place in range(2, 50)), points()])
    assert anatomy.cores == ((48,),)
    assert anatomy.corrections == ((48,),)


def test_too_many_cells_are_cut() -> None:
    universe = range(4 * MOST_CELLS)
    halves = [Points(frozenset(point for point in universe if point >> bit & 1)) for bit in range(10)]
    regions = [*halves, points(0), points(1)]
    anatomy = dissect(regions)
    assert not anatomy.complete
    assert all(holds(regions, core) for core in anatomy.cores)
    assert all(mends(regions, correction) for correction in anatomy.corrections)


def test_too_many_cores_are_cut_and_those_that_stay_are_minimal() -> None:
    pairs = 8
    regions = [Points(frozenset(range(pairs)) - {place // 2}) for place in range(2 * pairs)]
    anatomy = dissect(regions)
    assert not anatomy.complete
    assert len(anatomy.cores) == MOST_CORES
    assert all(holds(regions, core) for core in anatomy.cores)
    assert anatomy.corrections == tuple((place, place + 1) for place in range(0, 2 * pairs, 2))


@seldom
@given(st.lists(pierced(4), min_size=8, max_size=MOST_REGIONS))
def test_whatever_is_cut_what_is_listed_is_minimal(regions: list[Points]) -> None:
    assume(not stand(regions))
    anatomy = dissect(regions)
    assert all(holds(regions, core) for core in anatomy.cores)
    assert all(mends(regions, correction) for correction in anatomy.corrections)


def test_a_core_that_outlived_a_smaller_one_is_thinned() -> None:
    pairs = 8
    excluded = [{place // 2} for place in range(2 * pairs)]
    excluded[-1].add(pairs)
    regions = [Points(frozenset(range(pairs + 1)) - holes) for holes in [*excluded, {pairs}]]
    anatomy = dissect(regions)
    assert not anatomy.complete
    assert all(holds(regions, core) for core in anatomy.cores)
