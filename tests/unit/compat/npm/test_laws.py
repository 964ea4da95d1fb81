"""Ranges of npm are an algebra: what is admitted, met, joined and spelled follows from the single versions."""

from functools import reduce
from itertools import permutations
from operator import and_

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.npm.ecosystem import NPM
from psmp.compat.npm.ranges import EVERYTHING, RELEASES, Span, parse
from psmp.compat.npm.spelling import join, spell
from tests.unit.compat.npm.oracle import EVERY, FINALS, Range, admitted, text_of
from tests.unit.compat.npm.sets import constraint, many, mask, often, ranges, span, texts


def common(wanted: list[Range]) -> int:
    return reduce(and_, map(admitted, wanted), EVERY)


@often
@given(ranges)
def test_a_range_admits_what_the_readme_says(wanted: Range) -> None:
    assert texts(mask(span(wanted))) == texts(admitted(wanted))


@often
@given(ranges, ranges)
def test_what_two_ranges_admit_together_is_what_both_admit(one: Range, other: Range) -> None:
    both = span(one) & span(other)
    assert mask(both) == admitted(one) & admitted(other)
    assert both == span(other) & span(one)


@often
@given(ranges, ranges)
def test_a_difference_admits_what_one_admits_and_not_the_other(one: Range, other: Range) -> None:
    assert mask(span(one) - span(other)) == admitted(one) & ~admitted(other)
    assert mask(EVERYTHING - span(other)) == EVERY & ~admitted(other)
    assert EVERYTHING - (EVERYTHING - span(other)) == span(other)


@often
@given(ranges, ranges)
def test_a_union_admits_what_one_of_them_admits(one: Range, other: Range) -> None:
    assert mask(span(one) | span(other)) == admitted(one) | admitted(other)


@often
@given(ranges, ranges, ranges)
def test_the_algebra_does_not_depend_on_how_it_is_bracketed(one: Range, two: Range, three: Range) -> None:
    a, b, c = span(one), span(two), span(three)
    assert (a & b) & c == a & (b & c)
    assert (a - b) - c == a - (b | c)
    assert a - (b & c) == (a - b) | (a - c)
    assert (a - b) & c == (a & c) - b


@often
@given(many)
def test_nothing_is_left_if_and_only_if_no_version_satisfies_every_range(wanted: list[Range]) -> None:
    assert NPM.meet(map(constraint, wanted)).is_empty == (not common(wanted))


@often
@given(many)
def test_only_prereleases_are_left_if_and_only_if_no_release_satisfies_every_range(wanted: list[Range]) -> None:
    left = common(wanted)
    assert NPM.meet(map(constraint, wanted)).only_prereleases == (left != 0 and not left & FINALS)


@often
@given(ranges, ranges)
def test_covering_is_admitting_all_that_the_other_admits(one: Range, other: Range) -> None:
    assert span(one).covers(span(other)) == (admitted(other) & ~admitted(one) == 0)
    assert EVERYTHING.covers(span(one))
    assert span(one).covers(span(one) & span(other))


@often
@given(ranges, ranges, ranges)
def test_equal_sets_are_equal_and_others_are_not(one: Range, two: Range, three: Range) -> None:
    for left, right, same in (
        (span(one), span(two), admitted(one) == admitted(two)),
        (span(one) & span(two), span(three), admitted(one) & admitted(two) == admitted(three)),
        (span(one) - span(two), span(one) - span(three), not admitted(one) & (admitted(two) ^ admitted(three))),
    ):
        assert (left == right) == same
        assert not same or hash(left) == hash(right)


@often
@given(ranges)
def test_everything_is_what_nobody_has_restricted(wanted: Range) -> None:
    assert EVERYTHING & span(wanted) == span(wanted) == span(wanted) & NPM.everything
    assert mask(EVERYTHING) == EVERY
    assert mask(RELEASES) == FINALS


@often
@given(ranges)
def test_the_clauses_of_a_range_admit_together_what_it_admits(wanted: Range) -> None:
    whole = constraint(wanted)
    assert reduce(and_, (parse(clause).span for clause in whole.clauses)) == whole.span
    assert parse(whole.text) == whole


@often
@given(many)
def test_what_is_spelled_admits_exactly_what_all_admit(wanted: list[Range]) -> None:
    spelled = spell(map(constraint, wanted))
    assert parse(spelled).span == NPM.meet(map(constraint, wanted))
    assert mask(parse(spelled).span) == common(wanted)


@often
@given(many)
def test_what_is_joined_admits_exactly_what_all_admit(wanted: list[Range]) -> None:
    assert parse(join(list(map(constraint, wanted)))).span == NPM.meet(map(constraint, wanted))


@often
@given(st.lists(ranges, min_size=2, max_size=3))
def test_the_order_of_ranges_does_not_change_how_they_are_spelled(wanted: list[Range]) -> None:
    assert len({spell(map(constraint, order)) for order in permutations(wanted)}) == 1


@often
@given(ranges, ranges)
def test_a_further_range_leaves_no_more_versions(one: Range, other: Range) -> None:
    assert span(one).covers(span(one) & span(other))
    assert not (span(one) - span(other) - span(one)).releases


@often
@given(ranges)
def test_a_range_weighs_by_whether_newer_versions_will_do(wanted: Range) -> None:
    admitting = span(wanted)
    weight = NPM.weigh(admitting, spell([constraint(wanted)]))
    assert (weight.tightness == 0) == admitting.contains("9.9.9")
    if weight.tightness == 2:
        assert admitting.contains(str(weight.newest))
        assert admitted(wanted).bit_count() == 1


@pytest.mark.parametrize("wanted", [(), ((),), ((), ())], ids=repr)
def test_nothing_at_all_is_any_release(wanted: Range) -> None:
    assert parse(text_of(wanted)).span == Span(RELEASES.releases, ()) == parse("*").span
