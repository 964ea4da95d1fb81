"""Scopes, environments, interpreters and references, held against an oracle that tries every version everywhere."""

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.demands import Demands
from psmp.compat.direct import Clash, Finding, check
from psmp.compat.environments import Environments
from psmp.compat.requirement import PYTHON, Ask, Requirement, Subject
from psmp.words.values import Scope, Target
from tests.unit.compat import sets
from tests.unit.compat.sets import requires

TARGETS = (Target(python="3.11"), Target(python="3.12", platform="windows"), Target(python="3.12", platform="macos"))
PLACES = Environments(TARGETS)

MARKERS = {
    "": {0, 1, 2},
    "sys_platform == 'win32'": {1},
    "python_version >= '3.12'": {1, 2},
    "os_name == 'posix' and python_version < '4'": {0, 2},
    "sys_platform == 'cygwin'": set[int](),
}
GROUPS: dict[Scope, set[str]] = {"runtime": {"runtime"}, "dev": {"runtime", "dev"}, "build": {"build"}}

asks = st.builds(
    Ask,
    st.one_of(st.just(""), sets.constraints),
    st.sampled_from(["runtime", "dev", "build"]),
    st.sampled_from(list(MARKERS)),
    st.just(""),
)
demands = st.lists(
    st.builds(lambda number, ask: requires(f"a{number}", f"agent-{number % 3}", ask=ask), st.integers(0, 4), asks),
    min_size=1,
    max_size=7,
)


def failing(requirements: Iterable[Requirement], scope: Scope) -> set[int]:
    """The places of the environments in which no version satisfies all that count there."""
    counted = [each for each in requirements if each.ask.scope in GROUPS[scope]]
    return {
        place
        for place in range(len(TARGETS))
        if not sets.admitted([each for each in counted if place in MARKERS[each.ask.marker]])
    }


def clashing_sets(requirements: list[Requirement], scope: Scope) -> set[tuple[str, ...]]:
    """Every minimal set of artifacts that clashes in some environment."""
    artifacts = sorted({each.artifact for each in requirements})
    every = [one for size in range(1, len(artifacts) + 1) for one in combinations(artifacts, size)]
    return sets.minimal(one for one in every if failing(sets.only(requirements, one), scope))


def by_scope(found: Finding) -> dict[str, Clash]:
    return {clash.scope: clash for clash in found.clashes}


@sets.often
@given(demands)
def test_what_runs_or_builds_together_clashes_exactly_where_no_version_satisfies_it(said: list[Requirement]) -> None:
    found = by_scope(check(said, PLACES))
    for scope in ("runtime", "build"):
        expected = failing(said, scope)
        assert (scope in found) == bool(expected)
        if expected:
            assert found[scope].environments == tuple(str(TARGETS[place]) for place in sorted(expected))
            assert set(found[scope].causes) == clashing_sets(said, scope)
            assert found[scope].complete


@sets.often
@given(demands)
def test_dev_tells_what_runtime_does_not(said: list[Requirement]) -> None:
    found = by_scope(check(said, PLACES))
    more = clashing_sets(said, "dev") - clashing_sets(said, "runtime")
    assert set(found["dev"].causes if "dev" in found else ()) == more


def indexed(said: Iterable[Requirement]) -> Demands:
    index, all_ = Demands(PLACES), list(said)
    for artifact in dict.fromkeys(each.artifact for each in all_):
        index.put(artifact, [each for each in all_ if each.artifact == artifact])
    return index


@sets.often
@given(demands)
def test_the_bare_verdict_is_one_minimal_set_of_what_clashes_somewhere(said: list[Requirement]) -> None:
    core = indexed(said).core(said[0].subject)
    alone = [requires(f"x{number}", "A", ask=ask) for number, ask in enumerate(core)]
    assert set(core) <= {each.ask for each in said}
    assert bool(core) == any(failing(said, scope) for scope in GROUPS)
    assert not core or any(
        not any(place in failing(sets.without(alone, [each.artifact]), scope) for each in alone)
        for scope in GROUPS
        for place in failing(alone, scope)
    )


@sets.often
@given(demands)
def test_the_bare_verdict_is_the_same_for_every_order_of_arrival(said: list[Requirement]) -> None:
    assert indexed(said).core(said[0].subject) == indexed(reversed(said)).core(said[0].subject)


def test_what_an_interpreter_cannot_be_is_a_bare_verdict_of_one() -> None:
    index = Demands(PLACES)
    python = Subject(PYTHON, PYTHON)
    index.put("a", [Requirement("a", "A", python, Ask(">=3.11"))])
    assert index.core(python) == ()
    index.put("b", [Requirement("b", "B", python, Ask(">=3.12"))])
    assert index.core(python) == (Ask(">=3.12"),)
    assert index.core(requires("c", "C").subject) == ()


@sets.often
@given(demands)
def test_the_rest_stands_without_a_correction(said: list[Requirement]) -> None:
    for scope, clash in by_scope(check(said, PLACES)).items():
        for correction in clash.corrections:
            assert not failing(sets.without(said, correction), scope)  # type: ignore[arg-type]


@sets.often
@given(demands)
def test_every_suggestion_works_and_moves_the_clash_nowhere_else(said: list[Requirement]) -> None:
    before = by_scope(check(said, PLACES))
    for scope, clash in before.items():
        for suggestion in clash.suggestions:
            after = list(said)
            for change in suggestion.changes:
                if change.action == "isolate":
                    after = sets.without(after, [change.artifact])
                    continue
                after = [
                    requires(each.artifact, each.agent, ask=each.ask._replace(constraint=change.constraint))
                    if each.artifact == change.artifact
                    and change.scope in (None, each.ask.scope)
                    and (change.scope is None or (change.marker or "") == each.ask.marker)
                    else each
                    for each in after
                ]
            left = {each for each in GROUPS if failing(after, each)}
            assert scope not in left, suggestion.text
            assert left <= {each for each in GROUPS if failing(said, each)}, suggestion.text


@sets.often
@given(demands.flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_the_order_of_arrival_changes_nothing(orders: tuple[list[Requirement], list[Requirement]]) -> None:
    assert check(orders[0], PLACES) == check(orders[1], PLACES)


def said(artifact: str, constraint: str = "", scope: Scope = "runtime", marker: str = "", ref: str = "") -> Requirement:
    return requires(artifact, artifact.upper(), ask=Ask(constraint, scope, marker, ref))


def the_clash(*requirements: Requirement, places: Environments = sets.HERE) -> Clash:
    (clash,) = check(requirements, places).clashes
    return clash


def test_a_clash_in_some_environments_names_them() -> None:
    clash = the_clash(said("a", "<2", marker="sys_platform == 'win32'"), said("b", ">=2"), places=PLACES)
    assert clash.environments == ("python3.12-windows",)
    assert clash.text == (
        "Because A requires pkg<2 where sys_platform == 'win32' and B requires pkg>=2, "
        "no version of pkg satisfies the runtime scope on python3.12-windows."
    )
    assert clash.suggestions[0].text == "A -> pkg>=2 in a (was <2)"


def test_different_clashes_in_different_environments_are_one_conflict_with_all_causes() -> None:
    low = "python_version < '3.12'"
    high = "python_version >= '3.12'"
    clash = the_clash(said("a", "<1", marker=low), said("b", "<2", marker=high), said("c", ">=3"), places=PLACES)
    assert clash.causes == (("a", "c"), ("b", "c"))
    assert clash.corrections == (("c",), ("a", "b"))
    assert len(clash.environments) == len(TARGETS)
    assert clash.text.count("Because") + clash.text.count("because") == 2
    assert all(suggestion.changes for suggestion in clash.suggestions)


def test_needs_of_one_artifact_that_change_alike_are_one_change_and_others_are_named() -> None:
    windows = "sys_platform == 'win32'"
    alike = the_clash(said("a", "<2", marker=windows), said("a", "<9"), said("b", ">=2"), places=PLACES)
    assert alike.suggestions[0].text == f"A -> pkg>=2 where {windows} in a (was <2)"
    single = the_clash(said("a", "<2", marker=windows), said("a", "<1", "build"), said("b", ">=2"), places=PLACES)
    (change,) = single.suggestions[0].changes
    assert (change.artifact, change.scope, change.marker, change.constraint) == ("a", "runtime", windows, ">=2")
    assert single.suggestions[0].text == f"A -> pkg>=2 where {windows} in a (was <2)"


def test_dev_is_installed_with_runtime_and_build_is_not() -> None:
    assert the_clash(said("a", "<2"), said("b", ">=2", "dev")).scope == "dev"
    assert (
        "B requires pkg>=2 (dev), no version of pkg satisfies the runtime and dev scopes."
        in the_clash(said("a", "<2"), said("b", ">=2", "dev")).text
    )
    assert the_clash(said("a", "<2", "build"), said("b", ">=2", "build")).scope == "build"


def test_runtime_against_build_is_a_warning() -> None:
    found = check([said("a", "<2"), said("b", ">=2", "build")], sets.HERE)
    assert found.clashes == ()
    assert found.unknown == ()
    assert found.warnings == ("build-differs: pkg: no version satisfies both the runtime and the build scope",)
    some = check([said("a", "<2", marker="sys_platform == 'win32'"), said("b", ">=2", "build")], PLACES)
    assert some.warnings[0].endswith("the build scope on python3.12-windows")


def test_whether_a_marker_holds_may_not_be_known_and_matters_only_where_it_would_clash() -> None:
    arm = "platform_machine == 'aarch64'"
    assert check([said("a", "<2", marker=arm), said("b", "<3")], sets.HERE) == Finding()
    doubt = check([said("a", "<2", marker=arm), said("b", ">=2")], sets.HERE)
    assert doubt.clashes == ()
    assert doubt.unknown == (
        f"pkg: whether {arm} holds on python3.11-linux is not known; if so, the runtime scope clashes",
    )
    known = Environments((Target(machine="arm64"), Target(machine="x86_64")))
    clash = the_clash(said("a", "<2", marker=arm), said("b", ">=2"), places=known)
    assert clash.environments == ("python3.11-linux-arm64",)


PYTHON_SUBJECT = Subject(PYTHON, PYTHON)


def interpreter(artifact: str, constraint: str) -> Requirement:
    return Requirement(artifact, artifact.upper(), PYTHON_SUBJECT, Ask(constraint))


def test_an_artifact_that_no_target_can_run_clashes_with_the_target_alone() -> None:
    clash = the_clash(interpreter("a", ">=3.12"), interpreter("b", ">=3.9"), places=PLACES)
    assert (clash.kind, clash.causes, clash.environments) == ("python", (("a",),), ("python3.11-linux",))
    assert clash.text == "Because A requires Python>=3.12, no Python satisfies the runtime scope on python3.11-linux."
    assert [each.changes[0].action for each in clash.suggestions] == ["python"]
    assert clash.suggestions[0].text == "A -> Python>=3.9 in a (was >=3.12)"


def test_two_that_want_different_interpreters_of_one_series_clash_with_each_other() -> None:
    clash = the_clash(interpreter("a", ">=3.11.5"), interpreter("b", "<3.11.3"))
    assert clash.causes == (("a", "b"),)
    assert {suggestion.changes[0].artifact for suggestion in clash.suggestions} == {"a", "b"}
    exact = Environments((Target(python="3.11.4"),))
    assert the_clash(interpreter("a", ">=3.11.5"), interpreter("b", ">=3.11"), places=exact).causes == (("a",),)
    assert check([interpreter("a", ">=3.11"), interpreter("b", "<4")], PLACES) == Finding()


WHEEL = "https://example.org/pkg-1.5-py3-none-any.whl"
GIT = "git+https://example.org/pkg.git@main"


def test_two_references_clash_unless_they_are_one() -> None:
    clash = the_clash(said("a", ref=WHEEL), said("b", ref=GIT))
    assert (clash.kind, clash.causes) == ("reference", (("a", "b"),))
    assert clash.text == (
        f"Because A requires pkg @ {WHEEL} and B requires pkg @ {GIT}, no source of pkg satisfies the runtime scope."
    )
    assert clash.suggestions[0].text == f"A -> pkg @ {GIT} in a (was @ {WHEEL})"
    assert check([said("a", ref=GIT), said("b", ref=GIT)], sets.HERE) == Finding()


def test_a_file_names_its_version_and_that_is_held_against_constraints() -> None:
    assert check([said("a", ref=WHEEL), said("b", ">=1")], sets.HERE) == Finding()
    clash = the_clash(said("a", ref=WHEEL), said("b", ">=2"), said("c", "<9"))
    assert (clash.kind, clash.causes) == ("reference", (("a", "b"),))
    assert [each.text for each in clash.suggestions if each.changes[0].action is None] == [
        f"A -> pkg>=2,<9 in a (was @ {WHEEL})",
        f"B -> pkg @ {WHEEL} in b (was >=2)",
    ]


def test_what_version_a_repository_has_is_not_known() -> None:
    found = check([said("a", ref=GIT), said("b", ">=2")], sets.HERE)
    assert found.clashes == ()
    assert found.unknown == (f"pkg: which version {GIT} has is not known; >=2 is not held against it",)
    assert check([said("a", ref=GIT), said("b")], sets.HERE) == Finding()


def test_the_bare_verdict_of_two_references_names_both() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [said("a", ref=WHEEL)])
    (subject,) = demands.put("b", [said("b", ref=GIT)])
    assert {each.reference for each in demands.core(subject)} == {WHEEL, GIT}
    demands.drop("b")
    assert demands.core(subject) == ()
    demands.put("b", [said("b", ">=2")])
    assert {(each.reference, each.constraint) for each in demands.core(subject)} == {(WHEEL, ""), ("", ">=2")}


def test_taking_the_last_reference_away_makes_a_package_plain_again() -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [said("a", ref=WHEEL)])
    (subject,) = demands.put("b", [said("b", ">=2")])
    assert demands.find(subject).clashes
    demands.drop("a")
    assert demands.find(subject) == Finding()
    assert demands.witness(subject) == ">=2"


def test_a_witness_may_differ_from_environment_to_environment() -> None:
    demands = Demands(PLACES)
    demands.put("a", [said("a", "<2", marker="sys_platform == 'win32'")])
    (subject,) = demands.put("b", [said("b", ">=2", marker="python_version < '3.12'")])
    assert demands.witness(subject) == ">=2 on python3.11-linux; <2 on python3.12-windows; any on python3.12-macos"
    demands.put("a", [said("a", "<2", "build")])
    demands.put("b", [said("b", ">=1", "build")])
    assert demands.witness(subject) == ">=1,<2"


@pytest.mark.parametrize("scope", ["runtime", "dev", "build"])
def test_isolation_is_offered_with_a_name_that_is_free(scope: Scope) -> None:
    demands = Demands(sets.HERE)
    demands.put("a", [said("a", "<2", scope)])
    (subject,) = demands.put("b", [said("b", ">=2", scope)])
    demands.put("z", [], "b")
    (clash,) = demands.find(subject).clashes
    apart = [each.changes[0] for each in clash.suggestions if each.changes[0].action == "isolate"]
    assert [(each.artifact, each.environment) for each in apart] == [("a", "a"), ("b", "b-2")]
    demands.put("a", [requires("a", "A", ask=Ask("<2", scope), environment="a")], "a")
    assert demands.find(subject) == Finding()


def test_what_clashes_with_itself_is_not_isolated() -> None:
    clash = the_clash(said("a", ">2,<1"), said("b", ">=1"))
    assert all(each.changes[0].action is None for each in clash.suggestions)
