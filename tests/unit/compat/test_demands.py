"""The index of demands answers as a check from scratch, whatever was put, withdrawn or asked before."""

import gc
import tracemalloc
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat import needs
from psmp.compat.demands import Demands
from psmp.compat.direct import Finding, check
from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.environments import Environments
from psmp.compat.requirement import Requirement, Subject
from psmp.words.values import Dependency, Target
from tests.unit.compat import sets
from tests.unit.compat.sets import requires

PLACES = Environments((Target(python="3.11"), Target(python="3.12", platform="windows"), Target(python="3.13.1")))
NAMES = ("pkg", "lib")
MARKERS = (None, "sys_platform == 'win32'", "python_version < '3.13'", "platform_machine == 'arm64'")
REFERENCES = ("https://example.org/pkg-1.1-py3-none-any.whl", "git+https://example.org/pkg.git@main", "./pkg")

Declaration = tuple[str, tuple[Requirement, ...], str]

dependencies = st.builds(
    Dependency,
    name=st.sampled_from(NAMES),
    constraint=st.one_of(st.just(""), sets.constraints),
    scope=st.sampled_from(["runtime", "runtime", "dev", "build"]),
    marker=st.sampled_from(MARKERS),
    purpose=st.just("why"),
    extras=st.sampled_from([(), (), ("fast",), ("Fast", "old_one")]),
) | st.builds(Dependency, name=st.just("pkg"), reference=st.sampled_from(REFERENCES), marker=st.sampled_from(MARKERS))


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """All that one artifact requires; nothing at all is a withdrawal."""
    artifact, position = f"a{draw(st.integers(0, 4))}", draw(st.integers(1, 9))
    said, python = draw(st.lists(dependencies, max_size=4)), draw(st.sampled_from(["", "", ">=3.12", "<3.12.5"]))
    own = draw(st.sampled_from(["", "", "", "apart"]))
    found = needs.read(artifact, "A", said, requires_python=python, environment=own, position=position)
    return artifact, found, own


histories = st.lists(declarations(), max_size=10)


def told(history: list[Declaration]) -> Demands:
    demands = Demands(PLACES)
    for artifact, requirements, own in history:
        demands.put(artifact, requirements, own)
    return demands


def latest_of(history: list[Declaration]) -> dict[str, Declaration]:
    return {artifact: (artifact, requirements, own) for artifact, requirements, own in history}


def subjects(history: list[Declaration]) -> list[Subject]:
    return sorted({each.subject for _, requirements, _ in history for each in requirements})


def from_scratch(history: list[Declaration], subject: Subject) -> Finding:
    latest = latest_of(history).values()
    taken = {own for _, _, own in latest if own}
    requirements = [each for _, said, _ in latest for each in said if each.subject == subject]
    torn = {artifact for artifact, said, _ in latest if is_torn(said)}
    return check(requirements, PLACES, taken, torn) if requirements else Finding()


def is_torn(said: tuple[Requirement, ...]) -> bool:
    """Whether an artifact would clash if it were the only one."""
    apart = [[each for each in said if each.subject == subject] for subject in {each.subject for each in said}]
    return any(check(own, PLACES).clashes for own in apart)


@sets.often
@given(histories)
def test_nobody_is_sent_away_with_a_clash_of_its_own(history: list[Declaration]) -> None:
    demands, latest = told(history), latest_of(history)
    for subject in subjects(history):
        suggestions = [each for clash in demands.find(subject).clashes for each in clash.suggestions]
        sent = {change.artifact for each in suggestions for change in each.changes if change.action == "isolate"}
        assert not any(is_torn(latest[artifact][1]) for artifact in sent)


@sets.often
@given(histories)
def test_the_index_answers_as_a_check_from_scratch(history: list[Declaration]) -> None:
    demands = told(history)
    for subject in subjects(history):
        assert demands.find(subject) == from_scratch(history, subject)


@sets.often
@given(histories)
def test_it_answers_the_same_when_it_was_asked_all_along(history: list[Declaration]) -> None:
    demands = Demands(PLACES)
    for count, (artifact, requirements, own) in enumerate(history, 1):
        demands.put(artifact, requirements, own)
        for subject in subjects(history):
            assert demands.find(subject) == from_scratch(history[:count], subject)


@sets.seldom
@given(histories, declarations())
def test_withdrawing_restores_what_was_before(history: list[Declaration], more: Declaration) -> None:
    before = told([*history, (more[0], (), "")])
    after = told([*history, more])
    after.drop(more[0])
    for subject in subjects([*history, more]):
        assert after.find(subject) == before.find(subject)
        assert after.witness(subject) == before.witness(subject)
        assert after.lookalikes(subject) == before.lookalikes(subject)
    assert after.of(more[0]) == before.of(more[0]) == ()


@sets.seldom
@given(histories.map(latest_of).flatmap(lambda one: st.tuples(st.just(one), st.permutations(list(one.values())))))
def test_the_order_of_arrival_changes_nothing(orders: tuple[dict[str, Declaration], list[Declaration]]) -> None:
    one, other = told(list(orders[0].values())), told(orders[1])
    for subject in subjects(orders[1]):
        assert one.find(subject) == other.find(subject)
        assert one.witness(subject) == other.witness(subject)


@sets.seldom
@given(histories, declarations())
def test_putting_the_same_again_changes_nothing(history: list[Declaration], last: Declaration) -> None:
    demands = told([*history, last])
    about = subjects([*history, last])
    before = [demands.find(subject) for subject in about]
    demands.put(*last)
    assert [demands.find(subject) for subject in about] == before


@sets.seldom
@given(histories)
def test_what_an_artifact_requires_is_given_back(history: list[Declaration]) -> None:
    demands = told(history)
    for artifact, (_, requirements, own) in latest_of(history).items():
        assert demands.of(artifact) == requirements
        assert demands.environment_of(artifact) == own
        assert demands.subjects(artifact) == tuple(sorted({each.subject for each in requirements}))


def names(found: tuple[Subject, ...]) -> tuple[str, ...]:
    return tuple(subject.name for subject in found)


@sets.often
@given(histories)
def test_extras_have_no_say_in_a_verdict(history: list[Declaration]) -> None:
    bare = [
        (artifact, tuple(replace(each, ask=each.ask._replace(extras="")) for each in requirements), own)
        for artifact, requirements, own in history
    ]
    for subject in subjects(history):
        found, plain = told(history), told(bare)
        assert found.witness(subject) == plain.witness(subject)
        assert _said(found.find(subject)) == _said(plain.find(subject))


def _said(finding: Finding) -> tuple[object, ...]:
    clashes = [
        (each.scope, each.kind, each.environments, each.causes, each.complete, each.text, each.suggestions)
        for each in finding.clashes
    ]
    return clashes, finding.unknown, finding.warnings


def test_extras_are_kept_in_one_spelling() -> None:
    [found] = needs.read("a", "A", [Dependency(name="httpx", extras=("Http_2", "brotli", "http2", "http-2"))])
    assert found.ask.extras == "brotli,http-2,http2"


def test_what_was_touched_is_what_was_named_before_or_is_now() -> None:
    demands = Demands(sets.HERE)
    assert names(demands.put("a", [requires("a", "A", "Foo"), requires("a", "A", "bar", ">=1")])) == ("bar", "foo")
    assert names(demands.put("a", [requires("a", "A", "baz")])) == ("bar", "baz", "foo")
    assert names(demands.drop("a")) == ("baz",)
    assert names(demands.drop("a")) == ()


def test_shared_are_the_packages_that_others_name_too() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [requires("a", "A", "foo"), requires("a", "A", "bar", ">=1")])
    demands.put("b", [requires("b", "B", "bar", ">=1"), requires("b", "B", "baz")])
    shared = [each.name for each in demands.subjects("a") if demands.is_shared(each)]
    assert shared == ["bar"]
    assert not demands.is_shared(requires("c", "C", "unknown").subject)


def test_a_witness_stays_until_something_else_is_asked() -> None:
    demands = Demands(sets.HERE)
    (subject,) = demands.put("a", [requires("a", "A", "foo", ">=1")])
    demands.put("b", [requires("b", "B", "foo", ">=1")])
    told = demands.witness(subject)
    demands.put("b", [requires("b", "B", "foo", ">=1", position=2)])
    assert demands.witness(subject) is told
    demands.put("b", [requires("b", "B", "foo", ">=1"), requires("b", "B", "foo", "<3")])
    assert demands.witness(subject) == ">=1,<3"
    demands.put("b", [requires("b", "B", "foo", "<3")])
    demands.drop("a")
    assert demands.witness(subject) == "<3"


def test_a_name_has_one_spelling() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", needs.read("a", "A", [Dependency(name="PyYAML", constraint=">=6.0.2")]))
    (subject,) = demands.put("b", needs.read("b", "B", [Dependency(name="pyyaml", constraint="==6.0.1")]))
    assert [clash.causes for clash in demands.find(subject).clashes] == [(("a", "b"),)]
    assert demands.find(requires("c", "C", "unknown").subject) == Finding()
    assert demands.witness(requires("c", "C", "unknown").subject) == ""
    assert demands.lookalikes(needs.subject("npm", "pyyaml")) == ()


def test_an_invalid_constraint_changes_nothing() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [requires("a", "A", "foo", ">=1")])
    with pytest.raises(InvalidConstraint):
        demands.put("a", [requires("a", "A", "bar", "<2"), requires("a", "A", "foo", "=>2")])
    assert demands.witness(requires("a", "A", "foo").subject) == ">=1"
    assert demands.subjects("a") == (requires("a", "A", "foo").subject,)


@pytest.mark.parametrize(
    "stray", [requires("b", "A", "foo"), requires("a", "B", "foo"), requires("a", "A", "foo", position=1)]
)
def test_a_declaration_has_one_artifact_one_agent_and_one_position(stray: Requirement) -> None:
    with pytest.raises(ValueError, match="more than one artifact, agent or position"):
        Demands(sets.HERE).put("a", [requires("a", "A", "foo"), stray])
    with pytest.raises(ValueError, match="more than one"):
        Demands(sets.HERE).put("elsewhere", [stray])


def test_one_letter_apart_is_noticed_as_long_as_somebody_says_so() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [requires("a", "A", "requests")])
    (subject,) = demands.put("b", [requires("b", "B", "reqeusts")])
    assert demands.lookalikes(subject) == ("requests",)
    demands.drop("a")
    assert demands.lookalikes(subject) == ()


def test_a_project_of_500_artifacts_with_10_dependencies_takes_some_half_a_megabyte() -> None:
    random = Random(440)
    packages = [f"package-{number}" for number in range(200)]
    texts = ["", *(f">={low}" for low in range(1, 5)), *(f">={low},<9" for low in range(1, 5)), "<8", "!=5.1.*"]

    def fill(demands: Demands) -> Demands:
        for number in range(500):
            name, position = f"artifact-{number}", 1000 + number
            chosen = [(package, random.choice(texts)) for package in random.sample(packages, 10)]
            demands.put(name, [requires(name, "A", package, text, "why", position) for package, text in chosen])
        assert not any(demands.find(each).clashes for each in demands.subjects("artifact-0"))
        return demands

    fill(Demands(sets.HERE))  # the caches of parsed constraints and names are shared by all projects
    gc.collect()
    tracemalloc.start()
    demands = fill(Demands(sets.HERE))
    gc.collect()  # when the collector last ran is chance
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert demands.witness(requires("a", "A", "package-1").subject)
    assert size < 600_000
