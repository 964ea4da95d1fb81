"""Versions of npm are read, ordered and followed by the next one as semver says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.npm.versions import LARGEST, after, read, written
from tests.unit.compat.npm.oracle import UNIVERSE, V, compared


def test_versions_stand_in_the_order_that_semver_gives_as_an_example() -> None:
    row = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    versions = [version for text in [*row, "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"] if (version := read(text))]
    assert len(versions) == 11
    assert all(one < other for one, other in pairwise(versions))


@given(st.sampled_from(UNIVERSE), st.sampled_from(UNIVERSE))
def test_versions_compare_as_semver_says(one: V, other: V) -> None:
    mine, theirs = read(one.text), read(other.text)
    assert mine is not None
    assert theirs is not None
    assert ((mine > theirs) - (mine < theirs)) == (compared(one, other) > 0) - (compared(one, other) < 0)
    assert str(mine) == one.text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("v1.2.3", "1.2.3"),
        (" 1.2.3\ufeff", "1.2.3"),
        ("1.2.3+build.01", "1.2.3"),
        ("1.2.3-a+b", "1.2.3-a"),
        # JavaScript cannot tell these apart.
        ("1.2.3-9007199254740993", "1.2.3-9007199254740992"),
        ("9007199254740991.0.0", "9007199254740991.0.0"),
    ],
)
def test_what_no_comparison_looks_at_is_left_out(text: str, same: str) -> None:
    assert read(text) == read(same) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.x", "=1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.3.4", "latest"),
        *("1.2.3-a..b", "9007199254740992.0.0", "1.2.3-" + "a" * 251, "\x1c1.2.3"),
    ],
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert read(text) is None


def test_the_longest_version_is_256_characters_long() -> None:
    version = read("1.2.3-" + "a" * 250)
    assert version is not None
    assert written(version.prerelease) == "a" * 250


def test_after_the_largest_number_comes_the_next_one_to_its_left() -> None:
    assert after((1, 2, 3)) == (1, 2, 4)
    assert after((1, 2, LARGEST)) == (1, 3, 0)
    assert after((1, LARGEST, LARGEST)) == (2, 0, 0)
    assert after((LARGEST, LARGEST, LARGEST)) == (LARGEST + 1, 0, 0)
