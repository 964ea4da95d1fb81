import tracemalloc
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.demands import Demands
from psmp.compat.direct import Clash, Fits, check
from psmp.compat.faults import InvalidConstraint
from psmp.compat.requirement import Requirement
from tests.unit.compat import sets

NAMES = ("pkg", "lib", "tool")

Declaration = tuple[str, tuple[Requirement, ...]]


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """All that one artifact requires; nothing at all is a withdrawal."""
    artifact, position = f"a{draw(st.integers(0, 4))}", draw(st.integers(1, 9))
    said = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.just(""), sets.constraints)), max_size=4))
    return artifact, tuple(Requirement(artifact, "A", name, text, "why", position) for name, text in said)


histories = st.lists(declarations(), max_size=12)


def told(history: list[Declaration]) -> tuple[Demands, dict[str, tuple[Requirement, ...]]]:
    demands = Demands()
    for artifact, requirements in history:
        demands.put(artifact, requirements)
    return demands, dict(history)


def from_scratch(latest: dict[str, tuple[Requirement, ...]], name: str) -> Fits | Clash:
    return check(r for requirements in latest.values() for r in requirements if r.name == name)


@sets.seldom
@given(histories)
def test_the_index_answers_as_a_check_from_scratch(history: list[Declaration]) -> None:
    demands, latest = told(history)
    for name in NAMES:
        assert demands.verdict(name) == from_scratch(latest, name)
    expected = [from_scratch(latest, name) for name in sorted(NAMES)]
    assert list(demands.clashes(NAMES)) == [verdict for verdict in expected if isinstance(verdict, Clash)]


@sets.seldom
@given(histories)
def test_it_answers_the_same_when_it_was_asked_all_along(history: list[Declaration]) -> None:
    demands, latest = Demands(), dict[str, tuple[Requirement, ...]]()
    for artifact, requirements in history:
        demands.put(artifact, requirements)
        latest[artifact] = requirements
        for name in NAMES:
            assert demands.verdict(name) == from_scratch(latest, name)


@sets.seldom
@given(histories, declarations())
def test_withdrawing_restores_what_was_before(history: list[Declaration], more: Declaration) -> None:
    before, _ = told([*history, (more[0], ())])
    after, _ = told([*history, more])
    after.drop(more[0])
    assert [after.verdict(name) for name in NAMES] == [before.verdict(name) for name in NAMES]
    assert after.of(more[0]) == before.of(more[0]) == ()


@sets.seldom
@given(histories.map(dict).flatmap(lambda latest: st.tuples(st.just(latest), st.permutations(list(latest.items())))))
def test_the_order_of_arrival_changes_nothing(
    orders: tuple[dict[str, tuple[Requirement, ...]], list[Declaration]],
) -> None:
    one, _ = told(list(orders[0].items()))
    other, _ = told(orders[1])
    assert [one.verdict(name) for name in NAMES] == [other.verdict(name) for name in NAMES]


@sets.seldom
@given(histories, declarations())
def test_putting_the_same_again_changes_nothing(history: list[Declaration], last: Declaration) -> None:
    demands, _ = told([*history, last])
    before = [demands.verdict(name) for name in NAMES]
    demands.put(*last)
    assert [demands.verdict(name) for name in NAMES] == before


@sets.seldom
@given(histories)
def test_what_an_artifact_requires_is_given_back(history: list[Declaration]) -> None:
    demands, latest = told(history)
    for artifact, requirements in latest.items():
        assert demands.of(artifact) == requirements


def test_what_was_touched_is_what_was_named_before_or_is_now() -> None:
    demands = Demands()
    assert demands.put("a", [Requirement("a", "A", "Foo"), Requirement("a", "A", "bar", ">=1")]) == ("bar", "foo")
    assert demands.put("a", [Requirement("a", "A", "baz")]) == ("bar", "baz", "foo")
    assert demands.drop("a") == ("baz",)
    assert demands.drop("a") == ()


def test_shared_are_the_packages_that_others_name_too() -> None:
    demands = Demands()
    demands.put("a", [Requirement("a", "A", "foo"), Requirement("a", "A", "bar", ">=1")])
    demands.put("b", [Requirement("b", "B", "bar", ">=1"), Requirement("b", "B", "baz")])
    assert demands.shared("a") == demands.shared("b") == ("bar",)
    assert demands.shared("c") == ()


def test_names_are_normalised_when_asking() -> None:
    demands = Demands()
    demands.put("a", [Requirement("a", "A", "PyYAML", ">=6.0.2")])
    demands.put("b", [Requirement("b", "B", "pyyaml", "==6.0.1")])
    assert [clash.subject for clash in demands.clashes(["Py_Yaml", "py-yaml", "unknown", "PYYAML"])] == ["pyyaml"]
    assert demands.verdict("unknown") == Fits("")


def test_an_invalid_constraint_changes_nothing() -> None:
    demands = Demands()
    demands.put("a", [Requirement("a", "A", "foo", ">=1")])
    with pytest.raises(InvalidConstraint):
        demands.put("a", [Requirement("a", "A", "bar", "<2"), Requirement("a", "A", "foo", "=>2")])
    assert demands.verdict("foo") == Fits(">=1")
    assert demands.verdict("bar") == Fits("")


@pytest.mark.parametrize(
    "stray",
    [Requirement("b", "A", "foo"), Requirement("a", "B", "foo"), Requirement("a", "A", "foo", position=1)],
)
def test_a_declaration_has_one_artifact_one_agent_and_one_position(stray: Requirement) -> None:
    with pytest.raises(ValueError, match="more than one artifact, agent or position"):
        Demands().put("a", [Requirement("a", "A", "foo"), stray])
    with pytest.raises(ValueError, match="more than one"):
        Demands().put("elsewhere", [stray])


def test_a_project_of_500_artifacts_with_10_dependencies_takes_less_than_half_a_megabyte() -> None:
    random = Random(440)
    packages = [f"package-{number}" for number in range(200)]
    texts = ["", *(f">={low}" for low in range(1, 5)), *(f">={low},<9" for low in range(1, 5)), "<8", "!=5.1.*"]

    def fill(demands: Demands) -> Demands:
        for number in range(500):
            name, position = f"artifact-{number}", 1000 + number
            chosen = [(package, random.choice(texts)) for package in random.sample(packages, 10)]
            demands.put(name, [Requirement(name, "A", package, text, "why", position) for package, text in chosen])
        assert demands.clashes(packages) == ()
        return demands

    fill(Demands())  # the caches of parsed constraints and names are shared by all projects
    tracemalloc.start()
    demands = fill(Demands())
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert demands.verdict("package-1") != Fits("")
    assert size < 500_000
