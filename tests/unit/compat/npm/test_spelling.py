"""Ranges of npm are spelled shortly, as people write them; one that gets too long loses its oldest alternatives."""

import pytest

from psmp.compat.npm.ecosystem import NPM
from psmp.compat.npm.ranges import EVERYTHING, LONGEST, parse
from psmp.compat.npm.spelling import join, spell

LONG = "1.2.3-" + "a" * 250


@pytest.mark.parametrize(
    ("wanted", "spelled"),
    [
        ([], ""),
        (["^18.2.0"], "^18.2.0"),
        ([">=1.0.0 <2.0.0-0"], ">=1.0.0 <2.0.0-0"),
        (["^18.2.0", ">=18.3"], "^18.3.0"),
        (["^1.2.3", "<1.8"], "^1.2.3 <1.8"),
        (["^1.2.3", "^1"], "^1.2.3"),
        (["*", ""], "*"),
        (["*", "^1.2"], "^1.2"),
        ([">=1", "<2"], "1.x"),
        ([">=1.2", "<1.3"], "1.2.x"),
        ([">=0.2.1", "<0.3.0"], "^0.2.1"),
        ([">=1.2.1 <1.9", "<1.3.0 || 9"], "~1.2.1"),
        (["<1.3.0 || 7", "<1.4.0 || 8"], "<1.3.0"),
        ([">=1.2.3", "<=1.2.3 || 0"], "1.2.3"),
        (["^16 || ^17", ">=16.8"], ">=16.8.0 <18.0.0"),
        (["^16 || ^18", ">=16.8"], "^16.8.0 || 18.x"),
        ([">=2.1.0 || 1", ">=2 || 0"], ">=2.1.0"),
        ([">=1 || 0.5", "* || 7"], ">=1 || 0.5"),
        (["^1.2.3-b", "^1.2.3-a"], "^1.2.3-b"),
        (["^1.2.3-a", "*"], "^1.2.3"),
        (["1.2.3-a || 1", "1.2.3-a || 2"], "1.2.3-a"),
        (["<2.0.0-rc", "^1.5.0 || 2.0.0-a"], "^1.5.0 || 2.0.0-a"),
        (["<2.0.0-rc || 5", "<=2.0.0-b || 6"], "<=2.0.0-b"),
        ([">=1.0.0 <2.0.0-rc || 5", "<2.0.0-b || 6"], ">=1.0.0 <2.0.0-b"),
        ([">=1.2.3-a <1.2.3 || 5", "<1.2.3-b || 1.2.3-a || 6"], ">=1.2.3-a <1.2.3-b"),
        (["1.2.3-0 || 5", "1.2.3-0 || 6"], "1.2.3-0"),
        ([">=1.2.3-0 <1.5.0 || 5", ">=1.2.3-0 || 6"], ">=1.2.3-0 <1.5.0 || 5"),
        (["<2 || >=2.0.0-a", "<3 || >=3.0.0-a"], "*"),
        (["<2 || >=2.0.0-a || 3.0.0-a", "<3 || >=3.0.0-a || 2.0.0-a"], "2.0.0-a || 3.0.0-a || <1.0.0 || >=1.0.0"),
        (["<=0.0.0 || 3", "<=0.0.0 || 4"], "0.0.0"),
        (["^0.0.3-a || 3", "^0.0.3-b || 4"], "^0.0.3-b"),
        (["~1.2.3-a || 3", "~1.2.3-b || 4"], "~1.2.3-b"),
        (["~0.2.3-a || 3", "~0.2.3-b || 4"], "^0.2.3-b"),
        (["^1", "^2"], "^1 ^2"),
        ([">1.2.3", "<1.2.4"], ">1.2.3 <1.2.4"),
        (["^1 ^2", "^3"], "^1 ^2"),
        ([">*", "^3"], ">*"),
        (["*", "1.2.3-a"], "<0.0.0-0"),
        (["1 || 2", "3 || 4"], "<0.0.0-0"),
        ([f"<2 >{LONG} || 7", f">{LONG} || 8"], f"<2 >{LONG} || 7"),
        ([f"<1.9 >{LONG} || 7", f"^1 || >{LONG} <2 || 8"], f">{LONG} <1.9.0"),
        ([f">{LONG} <1.3.0 || 7", f">{LONG} <1.4.0 || 8"], f">{LONG} <1.3.0"),
    ],
)
def test_ranges_are_spelled_shortly_and_as_people_write_them(wanted: list[str], spelled: str) -> None:
    assert spell(map(parse, wanted)) == spelled
    assert spell(map(parse, reversed(wanted))) == spelled


@pytest.mark.parametrize(
    ("wanted", "joined"),
    [
        ([], ""),
        (["^1 || ^2"], "^1 || ^2"),
        (["^18.2.0", ">=18.3"], "^18.2.0 >=18.3"),
        ([">=18.3", "^18.2.0", "*"], ">=18.3 ^18.2.0"),
        (["1.2 - 2", "<1.5"], ">=1.2 <=2 <1.5"),
        (["*", ""], "*"),
        (["^16 || ^17", ">=16.8"], ">=16.8.0 <18.0.0"),
        # Side by side these would admit 1.2.3-b, which * does not.
        (["^1.2.3-a", "*"], "^1.2.3"),
        (["^1.2.3-a", "^1.2.3-b"], "^1.2.3-a ^1.2.3-b"),
        # A hyphen range that licenses a pre-release cannot be taken apart, nor stand beside others.
        (["1.2.3-a - 2", "<1.5"], ">=1.2.3 <1.5.0"),
        (["x", "*"], "x"),
    ],
)
def test_ranges_are_joined_as_declared_where_that_says_the_same(wanted: list[str], joined: str) -> None:
    assert join([parse(text) for text in wanted]) == joined


def test_a_range_too_long_to_be_one_is_spelled_without_its_oldest_alternatives() -> None:
    tags = [(f"1.0.{patch}-a{'x' * 170}", f"1.0.{patch}-b{'x' * 170}") for patch in range(5)]
    wide = [parse(" || ".join(f">={low}" for low, _ in tags)), parse(" || ".join(f"<{high}" for _, high in tags))]
    spelled, meant = spell(wide), NPM.meet(wide)
    assert len(spelled) <= LONGEST
    assert not parse(spelled).span.is_empty
    assert meant.covers(parse(spelled).span)
    assert parse(spelled).span.contains(f"1.0.4-b{'a' * 170}")


@pytest.mark.parametrize(
    ("text", "tightness", "newest"),
    [
        (">=1.2.0", 0, "1.2.0"),
        ("*", 0, "0.0.0"),
        ("^1.2.0", 1, "2.0.0"),
        ("1 || 3", 1, "4.0.0"),
        ("1.2.3", 2, "1.2.3"),
        ("1.2.3-a", 2, "1.2.3-a"),
        ("1.2.3-0", 2, "1.2.3-0"),
        ("1.2.3-a || 1.2.3-b", 1, "1.2.3-b.0"),
        ("1.2.3 || 2.0.0-a", 1, "2.0.0-a.0"),
        ("<0.0.0-0", 1, "0.0.0"),
    ],
)
def test_a_set_weighs_by_its_end(text: str, tightness: int, newest: str) -> None:
    weight = NPM.weigh(parse(text).span, text)
    assert (weight.tightness, str(weight.newest)) == (tightness, newest)


def test_everything_weighs_less_than_any_end() -> None:
    assert NPM.weigh(EVERYTHING, "").tightness == 0
    assert NPM.weigh(EVERYTHING - parse("*").span, "").tightness == 0


def test_names_are_kept_as_they_are() -> None:
    assert NPM.canonical("@Scope/JSONStream") == "@Scope/JSONStream"
    tail = "act"
    assert NPM.canonical(f"re{tail}") is NPM.canonical(f"re{tail}")
