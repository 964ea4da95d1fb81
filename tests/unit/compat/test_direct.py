"""Demands clash if and only if no version satisfies all, with minimal causes and suggestions that work."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.direct import Clash
from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.proof import MOST_CAUSES
from psmp.compat.pypi.ranges import parse
from psmp.compat.requirement import Requirement
from psmp.compat.suggest import MOST, MOST_CHANGES
from psmp.words.values import Suggestion
from tests.unit.compat import sets
from tests.unit.compat.oracle import FINALS, common
from tests.unit.compat.sets import Fits, requires
from tests.unit.compat.sets import verdict as check


def project(**constraints: str) -> list[Requirement]:
    """One artifact ``a_<agent>`` for each agent, requiring package ``pkg``."""
    return [requires(f"a_{agent}", agent, "pkg", constraint) for agent, constraint in constraints.items()]


def clash_of(requirements: Sequence[Requirement]) -> Clash:
    verdict = check(requirements)
    assert isinstance(verdict, Clash)
    return verdict


def applied(requirements: Sequence[Requirement], suggestion: Suggestion) -> list[Requirement]:
    staying = [each for each in suggestion.changes if each.action is None]
    changed = [requires(c.artifact, c.agent, c.name, c.constraint) for c in staying]
    return [*sets.without(requirements, (change.artifact for change in suggestion.changes)), *changed]


def told(verdict: Fits | Clash) -> list[str]:
    assert isinstance(verdict, Clash)
    return [each.text for each in verdict.suggestions if each.changes[0].action is None]


@sets.often
@given(sets.demands)
def test_demands_clash_if_and_only_if_no_version_satisfies_them_all(demands: list[Requirement]) -> None:
    assert isinstance(check(demands), Clash) == (not sets.admitted(demands))


@sets.often
@given(sets.demands)
def test_a_fit_says_when_only_prereleases_are_left(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Fits):
        assert verdict.prerelease_only == (not sets.admitted(demands) & FINALS)


@sets.often
@given(sets.demands)
def test_the_witness_admits_what_all_admit(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Fits):
        witness = parse(verdict.witness).span
        span = parse(",".join(requirement.ask.constraint for requirement in demands)).span
        assert witness.covers(span)
        assert span.covers(witness)


@sets.often
@given(sets.demands)
def test_causes_are_all_minimal_clashing_sets_and_corrections_all_minimal_ways_to_stand(
    demands: list[Requirement],
) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        assert verdict.complete
        assert set(verdict.causes) == sets.clashing_sets(demands)
        assert set(verdict.corrections) == sets.correcting_sets(demands)


@sets.often
@given(sets.demands)
def test_a_core_stands_without_any_one_of_its_members(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        for cause in verdict.causes:
            assert isinstance(check(sets.only(demands, cause)), Clash)
            for spared in cause:
                assert isinstance(check(sets.without(sets.only(demands, cause), [spared])), Fits)


@sets.often
@given(sets.demands)
def test_the_rest_stands_without_a_correction(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        assert all(isinstance(check(sets.without(demands, one)), Fits) for one in verdict.corrections)


@sets.often
@given(sets.demands)
def test_every_suggestion_works(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        assert [suggestion.n for suggestion in verdict.suggestions] == list(range(1, len(verdict.suggestions) + 1))
        assert 1 <= len(verdict.suggestions) <= MOST
        for suggestion in verdict.suggestions:
            assert isinstance(check(applied(demands, suggestion)), Fits)


@sets.often
@given(sets.demands)
def test_suggestions_come_with_the_fewest_artifacts_first(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        touched = [len(suggestion.changes) for suggestion in verdict.suggestions]
        assert touched == sorted(touched)
        assert touched[0] == len(verdict.corrections[0])


@sets.often
@given(sets.demands.flatmap(lambda demands: st.tuples(st.just(demands), st.permutations(demands))))
def test_the_order_of_arrival_changes_nothing(orders: tuple[list[Requirement], list[Requirement]]) -> None:
    assert check(orders[0]) == check(orders[1])


@sets.often
@given(sets.demands, sets.requirements)
def test_adding_a_demand_never_clears_a_clash(demands: list[Requirement], more: Requirement) -> None:
    assert isinstance(check([*demands, more]), Clash) or isinstance(check(demands), Fits)


@sets.often
@given(sets.requirements, sets.requirements)
def test_overlap_is_symmetric(one: Requirement, other: Requirement) -> None:
    assert type(check([one, other])) is type(check([other, one]))


@sets.often
@given(sets.demands)
def test_the_parties_are_the_requirements_of_the_artifacts_that_clash(demands: list[Requirement]) -> None:
    verdict = check(demands)
    if isinstance(verdict, Clash):
        involved = {artifact for cause in verdict.causes for artifact in cause}
        assert list(verdict.parties) == sorted(sets.only(demands, involved))


def test_nothing_demanded_fits() -> None:
    assert check([]) == Fits("")


def test_the_story_of_the_chatbot() -> None:
    verdict = clash_of(
        [
            requires("backend", "CoderAgent", "langchain", ">=0.1.0", "Retrieval chains", 7),
            requires("embedding-pipeline", "DataScienceAgent", "LangChain", "==0.0.350", "Document loaders", 8),
        ]
    )
    assert verdict.subject.name == "langchain"
    assert verdict.causes == (("backend", "embedding-pipeline"),)
    assert verdict.corrections == (("backend",), ("embedding-pipeline",))
    assert [(party.subject.name, party.purpose, party.position) for party in verdict.parties] == [
        ("langchain", "Retrieval chains", 7),
        ("langchain", "Document loaders", 8),
    ]
    assert verdict.text == (
        "Because CoderAgent requires langchain>=0.1.0 and DataScienceAgent requires langchain==0.0.350, "
        "no version of langchain satisfies the runtime scope."
    )
    assert told(verdict) == [
        "DataScienceAgent -> langchain>=0.1.0 in embedding-pipeline (was ==0.0.350)",
        "CoderAgent -> langchain==0.0.350 in backend (was >=0.1.0)",
    ]


def test_who_does_not_clash_is_no_party() -> None:
    verdict = clash_of(project(A=">=1.24", B="<2", C=">=2.0"))
    assert verdict.causes == (("a_B", "a_C"),)
    assert {party.agent for party in verdict.parties} == {"B", "C"}
    assert told(verdict) == ["B -> pkg>=2.0 in a_B (was <2)", "C -> pkg>=1.24,<2 in a_C (was >=2.0)"]


def test_three_that_only_clash_together() -> None:
    verdict = clash_of(project(A=">=4.21,<4.23", B="!=4.21.*", C="!=4.22.*"))
    assert verdict.causes == (("a_A", "a_B", "a_C"),)
    assert verdict.text == (
        "Because A requires pkg>=4.21,<4.23, B requires pkg!=4.21.*, and C requires pkg!=4.22.*, "
        "no version of pkg satisfies the runtime scope."
    )
    assert told(verdict) == [
        "A -> pkg>=4.21,!=4.21.*,!=4.22.* in a_A (was >=4.21,<4.23)",
        "B -> pkg>=4.21,<4.22 in a_B (was !=4.21.*)",
        "C -> pkg==4.22.* in a_C (was !=4.22.*)",
        "A -> pkg<4.21 in a_A (was >=4.21,<4.23)",
    ]


def test_a_constraint_that_admits_no_version_clashes_with_itself() -> None:
    verdict = clash_of(project(A="==2.0,!=2.0", B=">=1"))
    assert verdict.causes == (("a_A",),)
    assert verdict.text == (
        "Because A requires pkg==2.0,!=2.0, which admits no version, no version of pkg satisfies the runtime scope."
    )
    assert told(verdict) == [
        "A -> pkg>=1,!=2.0 in a_A (was ==2.0,!=2.0)",
        "A -> pkg==2.0 in a_A (was ==2.0,!=2.0)",
    ]


def test_what_nobody_can_narrow_down_becomes_any_version() -> None:
    assert told(check(project(A="<0"))) == ["A -> any pkg in a_A (was <0)"]


def test_a_package_named_twice_counts_twice() -> None:
    twice = [
        requires("a", "A", "pkg", ">=2"),
        requires("a", "A", "Pkg", "<3"),
        requires("b", "B", "pkg", ">=3"),
    ]
    verdict = clash_of(twice)
    assert verdict.causes == (("a", "b"),)
    assert len(verdict.parties) == 3
    assert "A requires pkg<3,>=2 and B requires pkg>=3" in verdict.text
    assert told(verdict) == ["A -> pkg>=3 in a (was <3,>=2)", "B -> pkg>=2,<3 in b (was >=3)"]


def test_exact_strings_are_compared_as_strings() -> None:
    verdict = clash_of(project(A="", B="===foo", C=">=0.dev0"))
    assert verdict.causes == (("a_B", "a_C"),)
    assert check(project(A="", B="===foo", C="===FOO")) == Fits("===FOO")


def test_an_agent_with_several_artifacts_is_told_apart_by_them() -> None:
    verdict = clash_of([requires("a", "A", "pkg", ">=2"), requires("b", "A", "pkg", "<1")])
    assert verdict.text == (
        "Because A (a) requires pkg>=2 and A (b) requires pkg<1, no version of pkg satisfies the runtime scope."
    )


def test_who_demands_the_same_is_told_in_one_breath() -> None:
    two = clash_of(project(A=">=2", B="==1.0", C="==1.00"))
    assert two.causes == (("a_A", "a_B"), ("a_A", "a_C"))
    assert "Because A requires pkg>=2 and B and C each require pkg==1.0, no version" in two.text
    many = clash_of([*project(**{f"B{number}": ">=2" for number in range(5)}), *project(A="<1")])
    assert "Because A requires pkg<1 and B0, B1, and 3 more each require pkg>=2, no version" in many.text


def test_several_clashes_get_a_sentence_each_and_the_rest_are_counted() -> None:
    four = clash_of(project(A="<1", B=">=1", C=">=2", D=">=3", E=">=4"))
    assert four.text.count("no version of pkg") == 3
    assert four.text.endswith("Also, because A requires pkg<1 and D requires pkg>=3, no version of pkg satisfies the "
                              "runtime scope. 1 more combination clashes.")  # fmt: skip
    assert clash_of(project(A="<1", B=">=1", C=">=2", D=">=3", E=">=4", F=">=5")).text.endswith(
        " 2 more combinations clash."
    )


def test_suggestions_prefer_what_is_open_to_what_ends_and_what_ends_to_a_pin() -> None:
    assert told(check(project(A="==1.0", B="~=2.0", C=">=3"))) == [
        "A -> pkg>=3 in a_A (was ==1.0); B -> pkg>=3 in a_B (was ~=2.0)",
        "A -> pkg~=2.0 in a_A (was ==1.0); C -> pkg~=2.0 in a_C (was >=3)",
        "B -> pkg==1.0 in a_B (was ~=2.0); C -> pkg==1.0 in a_C (was >=3)",
    ]


def test_suggestions_prefer_newer_versions() -> None:
    assert told(check(project(A="==1.0", B="==1.2"))) == [
        "A -> pkg==1.2 in a_A (was ==1.0)",
        "B -> pkg==1.0 in a_B (was ==1.2)",
    ]


def test_suggestions_prefer_releases_to_prereleases() -> None:
    assert told(check(project(A="==3.0a1", B="==1.2"))) == [
        "A -> pkg==1.2 in a_A (was ==3.0a1)",
        "B -> pkg==3.0a1 in a_B (was ==1.2)",
    ]


def test_the_suggestion_keeps_of_the_own_demand_what_still_fits() -> None:
    assert (
        told(check(project(A=">=2.0,!=1.5.3", B="==1.5.*")))[-1] == "A -> pkg==1.5.*,!=1.5.3 in a_A (was >=2.0,!=1.5.3)"
    )


def test_one_against_many_is_asked_to_give_way() -> None:
    verdict = clash_of([*project(**{f"B{number:02}": ">=2" for number in range(MOST_CHANGES + 20)}), *project(A="<1")])
    assert not verdict.complete
    assert len(verdict.causes) == MOST_CAUSES
    assert verdict.corrections[0] == ("a_A",)
    assert told(verdict) == ["A -> pkg>=2 in a_A (was <1)"]


def test_where_many_have_to_give_way_there_is_still_a_suggestion() -> None:
    low = {f"L{number:02}": "<1" for number in range(MOST_CHANGES + 5)}
    high = {f"H{number:02}": ">=2" for number in range(MOST_CHANGES + 5)}
    verdict = clash_of(project(**low, **high))
    assert len(verdict.suggestions) == 1
    assert len(verdict.suggestions[0].changes) == MOST_CHANGES + 5
    assert verdict.suggestions[0].text.endswith(f"; and {MOST_CHANGES} more alike")


def test_very_many_different_demands_are_cut_and_say_so() -> None:
    holes = {f"A{number:02}": f"!=1.{number}.*" for number in range(40)}
    verdict = clash_of(project(**holes, Z=">=1.0,<1.40"))
    assert not verdict.complete
    assert [len(cause) for cause in verdict.causes] == [41]
    assert "A07 requires pkg!=1.7.*, and 33 more demands exclude the rest, no version" in verdict.text
    assert verdict.text.endswith("There may be more clashes than this.")
    assert "A39 -> pkg==1.39.* in a_A39 (was !=1.39.*)" in told(verdict)


def test_what_is_too_long_to_be_declared_is_not_suggested() -> None:
    long = {f"A{part}": ",".join(f"!=1.{part}.{number:03}" for number in range(90)) for part in range(2)}
    verdict = clash_of(project(**long, Y="==2.0", Z="!=2.0"))
    assert [each.changes[0].agent for each in verdict.suggestions if each.changes[0].action is None] == ["Z"]


def test_an_invalid_constraint_is_not_judged() -> None:
    with pytest.raises(InvalidConstraint):
        check(project(A="=>2"))


def test_a_requirement_is_ordered_and_hashable_and_normalises_its_name() -> None:
    assert requires("a", "A", "Py_YAML") == requires("a", "A", "py.yaml")
    assert len({requires("a", "A", "Py_YAML"), requires("a", "A", "py-yaml")}) == 1


@sets.often
@given(
    st.lists(
        st.sampled_from([">=1", "<2", "!=1.5", "==1.*", "~=1.2", ">1.0.post1", ">1.0", "<=1.7", "<1.5rc1", "<1.5"])
    )
)
def test_the_same_set_of_constraints_is_spelled_the_same(constraints: list[str]) -> None:
    def witness(ordered: list[str]) -> Fits | Clash:
        return check([requires(f"a{n}", "A", "pkg", constraint) for n, constraint in enumerate(ordered)])

    assert witness(constraints) == witness(constraints[::-1])


@pytest.mark.parametrize(
    ("constraints", "witness"),
    [
        ([">=1.0", "<2"], ">=1.0,<2"),
        ([">=1.0", ">=1.2", "<2", "<3"], ">=1.2,<2"),
        ([">=2", ">=2.0"], ">=2"),
        (["~=1.26", ">=1.24", "<2"], "~=1.26"),
        (["==1.5.*", ">=1.5.2"], ">=1.5.2,==1.5.*"),
        (["<=1.0", ">=1.0"], "==1.0"),
        ([">=4.21,<4.23", "!=4.21.*"], "==4.22.*"),
        ([">=4.21", "!=4.21.*"], ">=4.21,!=4.21.*"),
        (["<1.5rc1", "<1.5"], "<1.5"),
        ([">1.0", ">1.0.post1"], ">1.0"),
        ([">1.0", ">1.1"], ">1.1"),
        (["<=1.7", "<=1.5"], "<=1.5"),
        (["===1.0", ">=1"], "===1.0"),
        (["!=1.1", ">=1", "<2"], ">=1,<2,!=1.1"),
        (["", ""], ""),
        ([f"!={number}" for number in range(20)], ",".join(f"!={number}" for number in range(20))),
    ],
)
def test_a_witness_reads_as_a_person_would_write_it(constraints: list[str], witness: str) -> None:
    requirements = [requires(f"a{n}", "A", "pkg", constraint) for n, constraint in enumerate(constraints)]
    assert check(requirements) == Fits(witness)


def test_the_oracle_and_the_strategies_know_the_same_clauses() -> None:
    assert common([]) == sets.admitted([requires("a", "A", "pkg")])
