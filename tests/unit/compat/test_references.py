"""Sources of a package are compared by what they mean, and an address that carries a secret is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.pypi.ranges import Span, parse
from psmp.compat.references import Sourced, canonical, version_of
from tests.unit.compat.oracle import UNIVERSE
from tests.unit.compat.sets import constraints, seldom


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example.org/a.whl", "https://example.org:443/a.whl#sha256=ab"),
        ("git+https://example.org/a.git@v1#egg=a", "git+https://example.org/a.git@v1"),
        ("./libs/a", "libs/a"),
        (" https://example.org/a.whl ", "https://example.org/a.whl"),
        ("git+ssh://git@example.org:22/a.git", "git+ssh://git@example.org/a.git"),
    ],
)
def test_what_has_no_meaning_makes_no_difference(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a.whl", "http://example.org/a.whl"),
        ("https://example.org/a.whl", "https://example.org:8443/a.whl"),
        ("git+https://example.org/a.git@v1", "git+https://example.org/a.git@v2"),
        ("git+https://h/a.git#subdirectory=x&egg=a", "git+https://h/a.git#subdirectory=y"),
        ("https://example.org/a.whl?v=1", "https://example.org/a.whl?v=2"),
    ],
)
def test_what_has_a_meaning_makes_a_difference(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("reference", "fault"),
    [
        ("", "names nothing"),
        ("https://me:secret@example.org/a.whl", "user or a password"),
        ("https://token@example.org/a.whl", "user or a password"),
        ("git+ssh://git:secret@example.org/a.git", "user or a password"),
        ("https://example.org:port/a.whl", "port"),
        ("a\nb", "names nothing"),
    ],
)
def test_a_reference_that_names_nothing_or_carries_a_secret_is_refused(reference: str, fault: str) -> None:
    with pytest.raises(InvalidConstraint, match="is not a reference to a package") as caught:
        canonical(reference)
    assert fault in caught.value.fault
    assert caught.value.hint


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("https://example.org/my_pkg-1.5.post1-py3-none-any.whl", "1.5.post1"),
        ("./dist/My.Pkg-2.0.tar.gz", "2.0"),
        ("https://example.org/other-1.5-py3-none-any.whl", None),
        ("https://example.org/broken.whl", None),
        ("git+https://example.org/my-pkg.git@1.5", None),
    ],
)
def test_a_file_of_the_package_tells_its_version(reference: str, version: str | None) -> None:
    assert version_of(reference, "my-pkg") == version


NAMES = ("x", "y")
spans = constraints.map(lambda text: parse(text).span)
sourced = st.builds(
    lambda elsewhere, by: Sourced.of(elsewhere, by.items()), spans, st.dictionaries(st.sampled_from(NAMES), spans)
)


def points(one: Sourced[Span]) -> set[tuple[str, str]]:
    """What is admitted, version by version and source by source, one that nobody names among them."""
    places = {name: one.at(name) for name in (*NAMES, "elsewhere")}
    return {(name, v.text) for name, span in places.items() for v in UNIVERSE[::7] if span.contains(v.text)}


@seldom
@given(sourced, sourced)
def test_sources_are_sets(one: Sourced[Span], other: Sourced[Span]) -> None:
    assert points(one & other) == points(one) & points(other)
    assert points(one - other) == points(one) - points(other)
    assert one.covers(one & other)
    assert (one - one).is_empty
    assert (one & other) == (other & one)
    if one.covers(other):
        assert points(other) <= points(one)


def test_only_prereleases_means_from_every_source() -> None:
    pre, final, nothing = parse(">=1a1,<1a5").span, parse(">=1").span, parse("<0").span
    assert Sourced.of(pre, [("x", nothing)]).only_prereleases
    assert not Sourced.of(pre, [("x", final)]).only_prereleases
    assert not Sourced.of(nothing, [("x", nothing)]).only_prereleases
    assert Sourced.of(nothing, [("x", final)]).contains("1.5")
