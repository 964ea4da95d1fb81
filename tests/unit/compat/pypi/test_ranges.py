"""Constraints of PyPI are exact sets of versions as PEP 440 has them, and a fault is told with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.ecosystems import canonical
from psmp.compat.pypi.ranges import LONGEST, Span, parse
from tests.unit.compat.oracle import CLAUSES, FINALS, UNIVERSE, Clause, admitted, common
from tests.unit.compat.sets import often

clause_sets = st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=6)


def span_of(clauses: list[Clause]) -> Span:
    return parse(",".join(clause.text for clause in clauses)).span


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.text)
def test_a_clause_admits_what_pep_440_says_of_every_kind_of_version(clause: Clause) -> None:
    span = parse(clause.text).span
    expected = admitted(clause)
    assert [v.text for v in UNIVERSE if span.any.contains(v.text)] == [
        v.text for place, v in enumerate(UNIVERSE) if expected >> place & 1
    ]


@often
@given(clause_sets)
def test_a_constraint_is_empty_if_and_only_if_no_version_satisfies_it(clauses: list[Clause]) -> None:
    assert span_of(clauses).is_empty == (not common(clauses))


@often
@given(clause_sets)
def test_only_prereleases_are_left_if_and_only_if_no_final_version_satisfies_it(clauses: list[Clause]) -> None:
    left = common(clauses)
    assert span_of(clauses).only_prereleases == (left != 0 and not left & FINALS)


@often
@given(clause_sets, clause_sets)
def test_what_two_constraints_admit_together_is_what_both_admit(one: list[Clause], other: list[Clause]) -> None:
    both = span_of(one) & span_of(other)
    assert both.is_empty == (not common([*one, *other]))
    assert both.is_empty == (span_of(other) & span_of(one)).is_empty


@often
@given(clause_sets, clause_sets)
def test_covering_is_admitting_all_that_the_other_admits(one: list[Clause], other: list[Clause]) -> None:
    assert span_of(one).covers(span_of(other)) == (common(other) & ~common(one) == 0)


@often
@given(clause_sets, clause_sets, clause_sets)
def test_what_is_lacking_is_admitted_no_more(one: list[Clause], other: list[Clause], more: list[Clause]) -> None:
    left = common([*one, *more]) & ~common(other)
    for span in (span_of(one) - span_of(other)) & span_of(more), (span_of(one) & span_of(more)) - span_of(other):
        assert span.is_empty == (not left)
        assert span.only_prereleases == (left != 0 and not left & FINALS)


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        ("<2.0rc2", "2.0rc1"),
        ("<=1.0", "1.0+local"),
        ("==1.0", "1.0+local"),
        ("~=2.2.post3", "2.2.post3"),
        ("~=2.2.post3", "2.9"),
        ("==1.0.*", "1.0a1"),
        ("==1.0.*", "1.0.dev0"),
        (">=2023.1", "1!0.5"),
        ("==1.0", "1.00"),
        ("==v1.0", "1.0"),
        (">1.9", "1.10"),
        ("<1.0.post1", "1.0a1"),
        (">1.0a1", "1.0.post1"),
        (">1.0.post1", "1.0.post2+l"),
        ("", "not a version"),
        ("===not-a-version", "not-a-version"),
    ],
)
def test_what_naive_checkers_wrongly_keep_out(constraint: str, version: str) -> None:
    assert parse(constraint).span.any.contains(version)


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        (">1.7", "1.7.post1"),
        (">1.7", "1.7+local"),
        ("<2.0", "2.0rc1"),
        ("~=2.2.post3", "2.2.post2"),
        ("~=2.2.post3", "3.0"),
        ("===1.0", "1.00"),
    ],
)
def test_what_naive_checkers_wrongly_let_in(constraint: str, version: str) -> None:
    assert not parse(constraint).span.any.contains(version)


@pytest.mark.parametrize(
    ("constraint", "left"),
    [
        ("==1.0.*,!=1.0,<1.0.post0", "pre-releases"),
        (">=1,<2,!=1.*", "nothing"),
        ("<0", "nothing"),
        (">1.0a1,<1.0a2.dev0", "nothing"),
        (">1.0,<1.0.post1", "nothing"),
        (">2.9.0,==2.9.0.post0", "nothing"),
        (">2.9.0,<2.9.1", "finals"),
        ("==1.0a1", "pre-releases"),
        ("===1.0a1", "pre-releases"),
        ("===1.0,===1.00", "nothing"),
        ("===foo,>=1", "nothing"),
        ("===foo", "finals"),
        (">=1.26,<2,!=1.26.*", "finals"),
    ],
)
def test_what_is_left_of_curious_constraints(constraint: str, left: str) -> None:
    span = parse(constraint).span
    assert left == ("nothing" if span.is_empty else "pre-releases" if span.only_prereleases else "finals")


def test_white_space_and_trailing_commas_do_not_count() -> None:
    assert parse(" >= 1.0 , < 2, ").text == ">=1.0,<2"
    assert parse(",").text == ""
    assert parse(",").clauses == ()


def test_equal_sets_are_equal_however_they_are_spelled() -> None:
    assert parse("==1.0").span == parse("== 1.00").span
    assert hash(parse("==1.0").span) == hash(parse("== 1.00").span)
    assert parse(">1.0a1").span == parse(">=1.0a2.dev0").span


def test_names_have_one_spelling() -> None:
    assert canonical("Foo._-Bar") == canonical("foo-bar") == "foo-bar"


@pytest.mark.parametrize(
    ("text", "at", "fault", "hint"),
    [
        ("=>2", 0, "'=>' is not an operator", "did you mean '>=2'?"),
        ("=<2", 0, "'=<' is not an operator", "did you mean '<=2'?"),
        ("<>2", 0, "'<>' is not an operator", "did you mean '!=2'?"),
        ("=2", 0, "'=' is not an operator", "did you mean '==2'?"),
        ("!2", 0, "'!' is not an operator", "did you mean '!=2'?"),
        ("~1.2", 0, "'~' is not an operator", "did you mean '~=1.2'?"),
        ("~1", 0, "'~' is not an operator", "did you mean '==1.*'?"),
        ("^1.2.3", 0, "'^' is not an operator", "did you mean '>=1.2.3,<2'?"),
        ("^0.2.3", 0, "'^' is not an operator", "did you mean '>=0.2.3,<0.3'?"),
        ("^0.0", 0, "'^' is not an operator", "did you mean '>=0.0,<0.1'?"),
        ("1.2", 0, "an operator is missing", "did you mean '==1.2'?"),
        (">=1, 2", 5, "an operator is missing", "did you mean '>=1, ==2'?"),
        ("*", 0, "any version is written as nothing at all", "leave the constraint empty for any version"),
        ("latest,>=1", 0, "any version is written as nothing at all", "did you mean '>=1'?"),
        (">=1 <2", 4, "a comma is missing", "did you mean '>=1,<2'?"),
        (">=1; <2", 5, "a comma is missing", "did you mean '>=1,<2'?"),
        (">=1.*", 3, "'.*' goes with == and != alone", "did you mean '>=1'?"),
        ("~=1.2.*", 5, "'.*' goes with == and != alone", "did you mean '==1.2.*'?"),
        ("==1.x", 3, "a wildcard is written '.*'", "did you mean '==1.*'?"),
        ("~=1", 2, "'~=' needs at least two numbers", "did you mean '~=1.0'?"),
        (">=1+x", 3, "a local version goes with == and != alone", "did you mean '>=1'?"),
        ("(>=1)", 0, "parentheses do not belong here", ""),
        (">=1)", 3, "parentheses do not belong here", ""),
        (">=1 || <0", 4, "PEP 440 has no 'or'", ""),
        ("==", 2, "a version is missing", ""),
        ("=== ", 3, "a version is missing", ""),
        (">=1,<2,>=", 9, "a version is missing", ""),
        (">=1.2?", 5, "'?' does not belong to a version", ""),
        (">==1", 2, "'=1' does not belong to a version", ""),
        ("@ file:x", 0, "'@ file:x' does not start with an operator", ""),
        ("=>one", 0, "'=>' is not an operator", ""),
        ("?" * 80, 0, "'" + "?" * 57 + "...' does not start with an operator", ""),
        ("1" * (LONGEST + 1), LONGEST, "it is longer than 1000 characters", ""),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_meant(text: str, at: int, fault: str, hint: str) -> None:
    with pytest.raises(InvalidConstraint) as caught:
        parse(text)
    error = caught.value
    assert (error.text, error.at, error.fault, error.hint) == (text, at, fault, hint)
    assert str(error).endswith(f"is not a PEP 440 constraint: {fault}, at character {at}")


@often
@given(st.text(alphabet="<>=!~^|*+.;,() vx0123rcpostdev", max_size=20))
def test_every_text_is_a_constraint_or_has_a_fault_inside_it_and_a_hint_that_holds(text: str) -> None:
    try:
        parse(text)
    except InvalidConstraint as error:
        at, hint = error.at, error.hint
    else:
        return
    assert 0 <= at <= len(text)
    if hint.startswith("did you mean"):
        parse(hint.removeprefix("did you mean '").removesuffix("'?"))
