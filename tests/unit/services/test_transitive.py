"""What a transitive check is asked, and what follows from its answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from psmp.compat.needs import read
from psmp.deep.causes import Core
from psmp.deep.clashes import Clash
from psmp.deep.problem import Need, problems
from psmp.deep.resolution import Finding, Resolution
from psmp.deep.resolution import Verdict as Found
from psmp.deep.solution import Package
from psmp.words.events import (
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectChanged,
)
from psmp.words.values import Dependency, Policy, Target
from psmp_checker.docket import DOCKET_FOLD, Docket, dump, load
from psmp_checker.rules import judge
from psmp_checker.transitive import (
    MOST_SAID,
    Answered,
    Asked,
    declaration,
    is_settled,
    is_void,
    next_word,
    question,
    started,
)
from tests.unit.deep.saying import LINUX, problem, root, unsolvable
from tests.unit.services.history import PLANNED, Said, accepted, cleared, declared, detected, view
from tests.unit.services.history import clash as direct_clash

INDEX = "https://index.example/simple"
MODEL, NOTES = Need("tensorflow", "==2.15.0"), Need("numpy", ">=2")
WHOLE = problem(root("model", MODEL), root("notes", NOTES))
DIGEST = "0" * 64
BASE: tuple[Said, ...] = (
    ("coder", declared("model", "tensorflow==2.15.0")),
    accepted("model"),
    ("notebook", declared("notes", "numpy>=2")),
    accepted("notes"),
)
"""Events 3 to 6 of a log; the second declaration is event 5."""
OTHER: tuple[Said, ...] = (("third", declared("other", "rich")), accepted("other"))


def docket(*said: Said) -> Docket:
    return view(DOCKET_FOLD, PLANNED, *said).state


def clash(
    *artifacts: str, kind: str = "transitive", subject: str = "numpy", complete: bool = True, text: str = "why"
) -> Clash:
    elements = (("model", MODEL), ("notes", NOTES)) if not artifacts else tuple((each, NOTES) for each in artifacts)
    involved = tuple(sorted({artifact for artifact, _ in elements}))
    return Clash(
        kind=kind,  # type: ignore[arg-type]
        subject=subject,
        environment=None,
        group="runtime",
        targets=(str(LINUX),),
        causes=(involved,),
        complete=complete,
        text=text,
        chain=("a", "b"),
        cores=(Core(tuple(sorted(elements)), unsolvable(WHOLE)),),
        agents=tuple((each, f"agent-{each}") for each in involved),
    )


def resolution(verdict: Found, *clashes: Clash, reason: str = "", moment: datetime | None = None) -> Resolution:
    packages = (Package("numpy", "1.0"), Package("tensorflow", "2.15.0")) if verdict == "compatible" else ()
    finding = Finding(None, LINUX, "runtime", verdict, packages, reason, ("a note",))
    return Resolution(DIGEST, moment, (finding, replace(finding, group="dev")), clashes)


COMPATIBLE = resolution("compatible")
UNKNOWN = resolution("unknown", reason="it is down")
CONFLICT = resolution("conflict", clash())


def answered(state: Docket, found: Resolution) -> Answered:
    return Answered(question(state), found, INDEX)


def words(said: Iterable[Said], found: Resolution, asked: Asked | None = None) -> list[Event]:
    """Everything that is written because of an answer, one event after another."""
    history, told = list(said), list[Event]()
    asked = asked or question(docket(*history))
    while event := next_word(docket(*history), Answered(asked, found, INDEX)):
        history.append(event)
        told.append(event)
    return told


def checked(verdict: str, sequence: int = 5, *reasons: str, **rest: object) -> CompatibilityChecked:
    return CompatibilityChecked.model_validate(
        {
            "sequence": sequence,
            "verdict": verdict,
            "reasons": reasons,
            "notes": ("a note",),
            "digest": DIGEST,
            "index": INDEX,
            **rest,
        }
    )


def test_the_question_is_what_was_declared() -> None:
    needs = (
        Dependency(
            name="HTTPX",
            constraint=">=0.27",
            extras=("Http_2", "brotli"),
            marker="python_version < '4'",
            scope="dev",
            purpose="calls",
            location="a.toml:1",
        ),
        Dependency(name="left-pad", constraint="^1", ecosystem="npm"),
        Dependency(name="mine", reference="https://index.example/mine-1.0-py3-none-any.whl"),
    )
    event = ArtifactDeclared(
        artifact="a", version=1, type="code", dependencies=needs, requires_python=">=3.11", environment="lab"
    )
    state = docket(("coder", event), accepted("a"), ("coder", declared("empty")), accepted("empty"))
    asked = question(load(dump(state)))
    [found] = asked.declarations()
    assert (asked.sequence, asked.targets, asked.unread) == (5, (Target(),), ())
    assert (found.artifact, found.agent, found.environment, found.requires_python) == ("a", "coder", "lab", ">=3.11")
    assert found.dependencies == (
        needs[0].model_copy(update={"name": "httpx", "extras": ("brotli", "http-2")}),
        needs[1],
        needs[2],
    )
    assert asked.origins["a"] == (1, 3)
    again = declaration("a", read("a", "coder", found.dependencies, requires_python=">=3.11"), "lab")
    assert problems([again], [LINUX]) == problems([found], [LINUX])


def test_an_empty_project_has_nothing_to_ask() -> None:
    assert question(Docket()) == Asked(0, (Target(),), ())


def test_what_cannot_be_read_is_never_compatible() -> None:
    said: tuple[Said, ...] = (("coder", declared("a", "x=>2")), accepted("a"))
    [told] = words(said, COMPATIBLE)
    assert isinstance(told, CompatibilityChecked)
    assert told.verdict == "unknown"
    assert told.reasons[0].startswith("a: /dependencies/0/constraint, x: ")


def test_what_fits_is_said_once_with_the_number_of_packages() -> None:
    moment = datetime(2026, 11, 21, 10, tzinfo=UTC)
    told = words(BASE, resolution("compatible", moment=moment))
    assert told == [checked("compatible", packages=2, exclude_newer="2026-11-21T10:00:00.000000Z")]
    assert words((*BASE, *told), COMPATIBLE) == []


def test_a_clash_is_told_before_the_verdict() -> None:
    found, said = words(BASE, CONFLICT)
    assert isinstance(found, ConflictDetected)
    assert (found.artifact, found.version) == ("notes", 1)
    [conflict] = found.conflicts
    assert (conflict.id, conflict.kind, conflict.chain) == ("C-1", "transitive", ("a", "b"))
    assert [(each.artifact, each.sequence) for each in conflict.parties] == [("model", 3), ("notes", 5)]
    assert said == checked("conflict")


def test_who_is_interrupted_finds_the_rest_still_to_be_said() -> None:
    found, said = words(BASE, CONFLICT)
    assert words((*BASE, found), CONFLICT) == [said]
    assert words((*BASE, found, said), CONFLICT) == []


def test_a_clash_that_is_as_it_was_is_not_told_again_and_one_that_changed_keeps_its_name() -> None:
    before = (*BASE, *words(BASE, CONFLICT), *OTHER)
    assert words(before, CONFLICT) == [checked("conflict", 9)]
    [found, _] = words(before, resolution("conflict", clash(text="another reason")))
    assert isinstance(found, ConflictDetected)
    assert [(each.id, each.text) for each in found.conflicts] == [("C-1", "another reason")]


def test_two_kinds_of_clash_on_one_package_are_two_conflicts() -> None:
    both = resolution("conflict", clash(kind="no-version"), clash())
    before = (*BASE, *words(BASE, CONFLICT), *OTHER)
    found, _ = words(before, both)
    assert isinstance(found, ConflictDetected)
    assert [(each.id, each.kind) for each in found.conflicts] == [("C-2", "no-version")]
    became, _ = words(before, resolution("conflict", clash(kind="no-version")))
    assert isinstance(became, ConflictDetected)
    assert [(each.id, each.kind) for each in became.conflicts] == [("C-1", "no-version")]
    assert became.cleared == ()


def test_one_event_says_what_came_and_what_is_gone() -> None:
    found, _ = words((*BASE, *words(BASE, CONFLICT), *OTHER), resolution("conflict", clash(subject="scipy")))
    assert isinstance(found, ConflictDetected)
    assert ([each.id for each in found.conflicts], found.cleared) == (["C-2"], ("C-1",))


def test_what_is_no_more_is_cleared() -> None:
    cleared, said = words((*BASE, *words(BASE, CONFLICT), *OTHER), COMPATIBLE)
    assert cleared == ConflictCleared(artifact="notes", version=1, cleared=("C-1",))
    assert said == checked("compatible", 9, packages=2)


def amended(artifact: str) -> tuple[Said, ...]:
    event = ArtifactAmended(artifact=artifact, version=2, type="code", dependencies=(Dependency(name="numpy"),))
    return ("coder", event), accepted(artifact, 2)


def withdrawn(artifact: str) -> tuple[Said, ...]:
    return (("coder", ArtifactWithdrawn(artifact=artifact, version=1, reason="not needed")),)


@pytest.mark.parametrize("change", [amended("notes"), withdrawn("notes"), withdrawn("model")])
def test_a_proof_is_void_when_what_it_rests_on_has_changed_and_nothing_is_known(change: tuple[Said, ...]) -> None:
    before = (*BASE, *words(BASE, CONFLICT))
    assert not is_void(docket(*before), docket(*before).conflicts["C-1"])
    cleared, said = words((*before, *change), UNKNOWN)
    assert isinstance(cleared, ConflictCleared)
    assert cleared.cleared == ("C-1",)
    assert isinstance(said, CompatibilityChecked)
    assert said.verdict == "unknown"


def test_a_conflict_of_artifacts_that_are_all_gone_is_cleared_in_the_name_of_one() -> None:
    before = (*BASE, *words(BASE, CONFLICT), *withdrawn("notes"), *withdrawn("model"))
    cleared, _ = words(before, UNKNOWN)
    assert cleared == ConflictCleared(artifact="model", version=1, cleared=("C-1",))


def test_a_proof_that_still_stands_is_not_undone_by_what_is_unknown() -> None:
    before = (*BASE, *words(BASE, CONFLICT), *OTHER)
    assert words(before, UNKNOWN) == [checked("unknown", 9, *UNKNOWN.unknown)]


def test_a_clash_that_was_not_looked_for_to_the_end_is_not_gone() -> None:
    before = (*BASE, *words(BASE, CONFLICT), *OTHER)
    found, _ = words(before, resolution("conflict", clash(subject="scipy", complete=False)))
    assert isinstance(found, ConflictDetected)
    assert ([each.id for each in found.conflicts], found.cleared) == (["C-2"], ())


def test_what_was_unknown_is_said_again_only_when_the_reasons_are_others() -> None:
    before = (*BASE, *words(BASE, UNKNOWN))
    assert words(before, UNKNOWN) == []
    assert words(before, resolution("unknown", reason="it is slow")) != []
    assert words(before, COMPATIBLE) == [checked("compatible", packages=2)]


def test_who_knows_less_or_comes_too_late_says_nothing() -> None:
    fits = (*BASE, *words(BASE, COMPATIBLE))
    assert words(fits, UNKNOWN) == []
    later = (*fits, *OTHER)
    later = (*later, *words(later, COMPATIBLE))
    assert words(later, CONFLICT, question(docket(*BASE))) == []


def test_a_stale_answer_proves_what_it_proves_of_artifacts_that_are_as_they_were() -> None:
    asked = question(docket(*BASE))
    found, said = words((*BASE, *OTHER), CONFLICT, asked)
    assert isinstance(found, ConflictDetected)
    assert said == checked("conflict")
    assert words((*BASE, *amended("notes")), CONFLICT, asked) == [checked("conflict")]


def test_a_stale_answer_about_other_targets_proves_nothing() -> None:
    asked, newer = question(docket(*BASE)), (Target(python="3.12"),)
    changed = ProjectChanged(name="RAG", targets=newer, policy=Policy(), reason="newer")
    judged = tuple(accepted(each) for each in ("model", "notes"))
    assert words((*BASE, changed, *judged), CONFLICT, asked) == [checked("conflict")]
    assert not any(isinstance(each, ConflictDetected) for each in words((*BASE, changed), CONFLICT, asked))


def test_a_stale_answer_clears_nothing() -> None:
    before = (*BASE, *words(BASE, CONFLICT), *OTHER)
    asked = question(docket(*before))
    assert words((*before, ("third", declared("more", "attrs")), accepted("more")), COMPATIBLE, asked) == [
        checked("compatible", 9, packages=2)
    ]


def test_an_artifact_that_waits_for_its_own_verdict_is_told_nothing_yet() -> None:
    waiting = BASE[:3]
    assert words(waiting, CONFLICT) == [checked("conflict")]


def test_a_withdrawal_that_another_verdict_has_settled_is_waited_for_no_more() -> None:
    """The verdict on ``other`` cleared what the withdrawal would have; then ``notes`` came back."""
    numpy = direct_clash("C-1", "model", "notes").model_copy(update={"subject": "numpy"})
    back = (("notebook", declared("notes", "numpy>=2", version=2)), accepted("notes", 2))
    said = (
        *(*BASE, detected("notes", numpy)),
        *(OTHER[0], *withdrawn("notes"), cleared("other", "C-1", version=1)),
        *back,
    )
    assert [case.withdrawal for case in docket(*said).pending.values()] == [True]
    told, _ = words(said, CONFLICT)
    assert isinstance(told, ConflictDetected)


def test_what_the_direct_check_tells_is_not_told_twice_and_what_it_does_not_is_unknown() -> None:
    [said] = words(BASE, resolution("conflict", clash(kind="version")))
    assert said == checked("unknown", 5, "the resolver alone finds: why")


def test_the_start_is_said_once_for_what_was_declared() -> None:
    state = docket(*BASE)
    began = started(state, question(state), INDEX, None)
    assert began == CompatibilityStarted(sequence=5, index=INDEX)
    after = docket(*BASE, began)
    assert started(after, question(after), INDEX, None) is None
    assert started(after, question(after), "https://other.example/simple", None) is not None
    more = docket(*BASE, began, *OTHER)
    assert started(more, question(more), INDEX, "2026-11-21T10:00:00Z") is not None


def test_nobody_asks_again_what_was_answered_nor_while_needs_exclude_each_other() -> None:
    assert not is_settled(docket(*BASE), 5)
    assert not is_settled(docket(*BASE, *words(BASE, UNKNOWN)), 5)
    fits = docket(*BASE, *words(BASE, COMPATIBLE))
    assert is_settled(fits, 5)
    assert not is_settled(fits, 9)
    assert not is_settled(docket(*BASE, *words(BASE, CONFLICT), *OTHER), 9)
    clashing = (*BASE, ("third", declared("other", "numpy<2")))
    state = docket(*clashing)
    direct = judge(state, next(iter(state.pending)))
    assert isinstance(direct, ConflictDetected)
    assert is_settled(docket(*clashing, direct), 7)


def test_of_many_reasons_the_rest_is_counted() -> None:
    findings = tuple(
        Finding(None, Target(python=f"3.{minor}"), "runtime", "unknown", reason="it is down") for minor in range(90)
    )
    [said] = words(BASE, replace(UNKNOWN, findings=findings))
    assert isinstance(said, CompatibilityChecked)
    assert len(said.reasons) == MOST_SAID
    assert said.reasons[-1] == "and 41 more"


def test_a_docket_that_was_written_down_says_the_same_next() -> None:
    before = docket(*BASE, CompatibilityStarted(sequence=5, index=INDEX), *words(BASE, CONFLICT), *OTHER)
    after = load(dump(before))
    assert dump(after) == dump(before)
    for found in (COMPATIBLE, UNKNOWN, CONFLICT):
        assert next_word(after, answered(after, found)) == next_word(before, answered(before, found))
