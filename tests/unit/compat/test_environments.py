"""Markers are read as what must hold and what may hold on a target, and too many worlds are not guessed at."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.environments import MOST_MARKERS, MOST_WORLDS, Environments, read
from psmp.words.values import Target

LINUX = Target(python="3.11")
PLACES = Environments((LINUX, Target(python="3.12.4", platform="windows", machine="x86_64"), Target(platform="macos")))


def where(marker: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where a marker surely holds, and where it only may."""
    sure, possible = PLACES.where(marker)
    return PLACES.named(sure), PLACES.named(possible & ~sure)


ALL = ("python3.11-linux", "python3.12.4-windows-x86_64", "python3.11-macos")


@pytest.mark.parametrize(
    ("marker", "sure", "possible"),
    [
        ("", ALL, ()),
        ("sys_platform == 'linux'", ALL[:1], ()),
        ("platform_system == 'Windows' or os_name == 'nt'", ALL[1:2], ()),
        ("python_version >= '3.12'", ALL[1:2], ()),
        ("python_full_version >= '3.11.4'", ALL[1:2], ALL[::2]),
        ("python_full_version >= '3.11.0'", ALL, ()),
        ("python_full_version < '3.10.7'", (), ()),
        ("implementation_version < '3.11.999'", (), ALL[::2]),
        ("implementation_name == 'cpython' and platform_python_implementation != 'PyPy'", ALL, ()),
        ("platform_machine == 'AMD64'", ALL[1:2], ALL[::2]),
        ("platform_machine == 'x86_64' or platform_machine != 'x86_64'", ALL, ()),
        ("'arm' in platform_machine", (), ALL[::2]),
        ("platform_machine in 'x86_64 aarch64'", (), ALL[::2]),
        ("platform_release == 'x' and sys_platform == 'win32'", (), ALL[1:2]),
        ("extra == 'test'", (), ()),
    ],
)
def test_a_marker_holds_where_it_must_and_may_hold_where_that_is_not_said(
    marker: str, sure: tuple[str, ...], possible: tuple[str, ...]
) -> None:
    assert where(marker) == (sure, possible)


_TESTS = st.sampled_from(
    [
        "sys_platform == 'linux'",
        "python_full_version >= '3.11.2'",
        "python_full_version < '3.11.5'",
        "platform_machine == 'x86_64'",
        "platform_machine != 'arm64'",
        "python_version == '3.11'",
    ]
)
markers = st.recursive(
    _TESTS,
    lambda deeper: st.builds(lambda a, o, b: f"({a} {o} {b})", deeper, st.sampled_from(["and", "or"]), deeper),
    max_leaves=5,
)


@given(markers)
def test_what_may_hold_is_what_holds_in_some_world_and_not_in_another(text: str) -> None:
    """Tried on every patch of the series and on machines that are named and one that is not."""
    marker = Marker(text)
    base = {"sys_platform": "linux", "python_version": "3.11", "platform_machine": "", "python_full_version": ""}
    worlds = product(["x86_64", "arm64", "riscv64"], range(9))
    answers = {
        marker.evaluate({**base, "platform_machine": machine, "python_full_version": f"3.11.{patch}"})
        for machine, patch in worlds
    }
    sure, possible = Environments((LINUX,)).where(text)
    assert (bool(sure), bool(possible)) == (answers == {True}, True in answers)


@pytest.mark.parametrize(
    ("marker", "at"),
    [("python_version >", 16), ("sys_platform = 'x'", 13), ("foo == 'x'", 0), ("", 0), ("os_name == 'a' and", 18)],
)
def test_a_faulty_marker_is_told_with_the_place_of_its_fault(marker: str, at: int) -> None:
    with pytest.raises(InvalidConstraint, match="is not a PEP 508 marker") as caught:
        read(marker)
    assert caught.value.at == at
    assert caught.value.hint


def test_too_many_worlds_to_try_are_not_guessed_at() -> None:
    names = " or ".join(f"platform_machine == 'm{n}' and platform_release == 'r{n}'" for n in range(MOST_WORLDS))
    assert where(f"({names}) and sys_platform == 'linux' or platform_version == '{'x' * 9}'")[0] == ()


def test_no_more_markers_are_remembered_than_are_worth_it() -> None:
    places = Environments((LINUX,))
    for number in range(MOST_MARKERS + 5):
        assert places.where(f"platform_release == '{number}'").possible == 1
    assert places.where("platform_release == '1'").sure == 0
