"""The covers of a set of pairs are minimal, and they are all there are unless there are too many."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.paths.covers import MOST_COVERS, covers
from tests.unit.compat.paths.worlds import often

pairs_of_names = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(lambda pair: pair[0] < pair[1]), max_size=8
)


def by_trying(pairs: list[tuple[str, str]]) -> set[tuple[str, ...]]:
    names = sorted(set(chain.from_iterable(pairs)))
    every = [set(some) for size in range(len(names) + 1) for some in combinations(names, size)]
    hitting = [some for some in every if all(some & set(pair) for pair in pairs)]
    return {tuple(sorted(some)) for some in hitting if not any(other < some for other in hitting)}


@often
@given(pairs_of_names)
def test_the_covers_are_all_minimal_sets_with_one_of_each_pair_the_smallest_first(pairs: list[tuple[str, str]]) -> None:
    found = covers(pairs)
    assert set(found) == by_trying(pairs)
    assert [len(each) for each in found] == sorted(map(len, found))


def test_where_there_are_too_many_some_are_found_and_those_are_minimal() -> None:
    pairs = [(f"a{number}", f"b{number % 5}") for number in range(10)] + [("a0", "a1"), ("b1", "b2"), ("a2", "b3")]
    found = covers(pairs)
    assert 1 <= len(found) <= MOST_COVERS
    assert set(found) <= by_trying(pairs)
