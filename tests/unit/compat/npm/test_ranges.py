"""Ranges of npm mean what the readme of node-semver says, prereleases included."""

import pytest

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.npm.ranges import EVERYTHING, LONGEST, RELEASES, Span, parse

NONE = Span((), ())


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1.2.3 - 2.3.4", ">=1.2.3 <=2.3.4"),
        ("1.2 - 2.3.4", ">=1.2.0 <=2.3.4"),
        ("1.2.3 - 2.3", ">=1.2.3 <2.4.0-0"),
        ("1.2.3 - 2", ">=1.2.3 <3.0.0-0"),
        ("*", ">=0.0.0"),
        ("", ">=0.0.0"),
        ("1.x", ">=1.0.0 <2.0.0-0"),
        ("1.2.x", ">=1.2.0 <1.3.0-0"),
        ("1", "1.x.x"),
        ("1.2", "1.2.*"),
        ("~1.2.3", ">=1.2.3 <1.3.0-0"),
        ("~1.2", ">=1.2.0 <1.3.0-0"),
        ("~1", ">=1.0.0 <2.0.0-0"),
        ("~0.2.3", ">=0.2.3 <0.3.0-0"),
        ("~0.2", ">=0.2.0 <0.3.0-0"),
        ("~0", ">=0.0.0 <1.0.0-0"),
        ("~1.2.3-beta.2", ">=1.2.3-beta.2 <1.3.0-0"),
        ("~>1.2", "~1.2"),
        ("^1.2.3", ">=1.2.3 <2.0.0-0"),
        ("^0.2.3", ">=0.2.3 <0.3.0-0"),
        ("^0.0.3", ">=0.0.3 <0.0.4-0"),
        ("^1.2.3-beta.2", ">=1.2.3-beta.2 <2.0.0-0"),
        ("^0.0.3-beta", ">=0.0.3-beta <0.0.4-0"),
        ("^1.2.x", ">=1.2.0 <2.0.0-0"),
        ("^0.0.x", ">=0.0.0 <0.1.0-0"),
        ("^0.0", ">=0.0.0 <0.1.0-0"),
        ("^1.x", ">=1.0.0 <2.0.0-0"),
        ("^0.x", ">=0.0.0 <1.0.0-0"),
        (">1", ">=2.0.0"),
        (">1.2", ">=1.3.0"),
        ("<=1.2", "<1.3.0-0"),
        (">=1.x", ">=1.0.0"),
        ("<1.2", "<1.2.0-0"),
        ("=v1.2.3", "1.2.3"),
        ("1.2.3+build", "1.2.3"),
        ("1.2.3-a - 1.2.3-b", ">=1.2.3-a <=1.2.3-b"),
    ],
)
def test_a_range_means_what_the_readme_says_it_does(text: str, meaning: str) -> None:
    assert parse(text).span == parse(meaning).span


@pytest.mark.parametrize(
    ("text", "version", "admitted"),
    [
        (">1.2.3-alpha.3", "1.2.3-alpha.7", True),
        (">1.2.3-alpha.3", "3.4.5-alpha.9", False),
        (">1.2.3-alpha.3", "3.4.5", True),
        ("^1.2.3-beta.2", "1.2.3-beta.4", True),
        ("^1.2.3-beta.2", "1.2.4-beta.2", False),
        ("^0.0.3-beta", "0.0.3-pr.2", True),
        ("*", "1.0.0-alpha", False),
        ("<2.0.0", "2.0.0-rc.1", False),
        ("<=2.0.0-rc.1 >=1.0.0", "2.0.0-rc.1", True),
        ("<=2.0.0-rc.1 <1.5.0", "2.0.0-rc.1", False),
        ("1.0.0-a || *", "1.0.0-a", False),
        ("1.0.0-a || >=0", "1.0.0-a", False),
        ("1.0.0-a || >=v0.0.0", "1.0.0-a", True),
        ("^1.0.0", "1.5.0+build", True),
        ("^1.0.0", "latest", False),
    ],
)
def test_a_prerelease_is_admitted_where_its_release_has_a_license(text: str, version: str, *, admitted: bool) -> None:
    assert parse(text).span.contains(version) == admitted


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        (">1.2.3", "<1.2.4", "nothing"),
        (">=16 <17", "^17.0.0-0", "nothing"),
        ("^1.2.3-alpha", "1.2.3-alpha", "pre-releases"),
        ("*", "1.0.0-alpha", "nothing"),
        ("<2.0.0-b", "2.0.0-a", "pre-releases"),
        ("<2.0.0-a", ">=2.0.0-a", "nothing"),
        (">1.2.3-a", "<1.2.3-a.0", "nothing"),
        (">1.2.3-a", "<=1.2.3-a.0", "pre-releases"),
        ("<1.0.0-0", ">=0.9007199254740991.9007199254740991", "releases"),
        (">0.9007199254740991.9007199254740991", "<1.0.0", "nothing"),
        (">9007199254740991.9007199254740991.9007199254740991", "*", "nothing"),
        ("1.x || 3.x", "2.x || 3.1", "releases"),
        ("<0.0.0-0", "", "nothing"),
    ],
)
def test_what_two_ranges_leave_is_exact_where_node_semver_guesses(one: str, other: str, left: str) -> None:
    both = parse(one).span & parse(other).span
    assert left == ("nothing" if both.is_empty else "pre-releases" if both.only_prereleases else "releases")
    assert both.is_empty == (both == NONE)


def test_everything_takes_in_prereleases_which_no_range_does() -> None:
    assert EVERYTHING.contains("1.0.0-alpha")
    assert not parse("").span.contains("1.0.0-alpha")
    assert EVERYTHING - RELEASES != NONE
    assert (EVERYTHING - RELEASES).only_prereleases
    assert (EVERYTHING - parse(">=1.0.0").span).contains("1.0.0-alpha")
    assert not (EVERYTHING - parse(">=1.0.0-alpha").span).contains("1.0.0-beta")


def test_the_end_of_all_versions_is_an_end_to_no_set() -> None:
    last = "9007199254740991.9007199254740991.9007199254740991"
    assert parse(f"<={last}").span == RELEASES
    assert parse(f"<={last} >=1.0.0").span == parse(">=1.0.0").span
    assert parse(f"^1.0.0 || >=2.0.0 <{last} || {last}").span == parse(">=1.0.0").span


@pytest.mark.parametrize(
    ("text", "shown", "clauses"),
    [
        ("", "*", ("*",)),
        (" >= 1.2  < 2 ", ">=1.2 <2", (">=1.2", "<2")),
        ("^1||  ~> 2.1", "^1 || ~>2.1", ("^1 || ~>2.1",)),
        ("1 || ", "1 || *", ("1 || *",)),
        ("1.2 - 2", "1.2 - 2", (">=1.2", "<=2")),
        ("v 1.2 - 2", "v1.2 - 2", (">=1.2", "<=2")),
        ("v1.2.3  -  v2.0.0", "v1.2.3 - v2.0.0", (">=v1.2.3", "<=2.0.0")),
        ("x - *", "x - *", ("*",)),
        ("x - 2", "x - 2", ("<=2",)),
        ("1 - x", "1 - x", (">=1",)),
        ("0.0.0 - 2.0.0-a", "0.0.0 - 2.0.0-a", ("0.0.0 - 2.0.0-a",)),
        ("> =1", ">=1", (">=1",)),
        (">=1.0.0-a <2", ">=1.0.0-a <2", (">=1.0.0-a <2",)),
        ("1.0.0+b", "1.0.0+b", ("1.0.0+b",)),
    ],
)
def test_clauses_are_what_can_stand_alone(text: str, shown: str, clauses: tuple[str, ...]) -> None:
    constraint = parse(text)
    assert (constraint.text, constraint.clauses) == (shown, clauses)


def test_a_range_is_at_most_1000_characters_long() -> None:
    assert parse("1" + " " * (LONGEST - 1)).text == "1"
    with pytest.raises(InvalidConstraint) as caught:
        parse("1" + " " * LONGEST)
    assert caught.value.at == LONGEST


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("||".join("1" * 334), "||".join("1" * 334)),
        ("1||" * 333, "||".join("1" * 333 + "*")),
        ("||" * 500, "*"),
    ],
    ids=["versions", "versions and nothing", "nothing"],
)
def test_the_text_of_a_range_is_itself_a_range_however_long(text: str, shown: str) -> None:
    constraint = parse(text)
    assert constraint.text == shown
    assert parse(constraint.text) == constraint
