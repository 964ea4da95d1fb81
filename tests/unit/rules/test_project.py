"""A project is its log folded: given what happened, this is how it stands."""

from dataclasses import replace
from typing import TypeVar, get_args

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.conflicts import direct
from psmp.rules.project import Artifact, NotCreated, Project, evolve
from psmp.rules.slots import Slot, Slots
from psmp.rules.status import describe, transitive
from psmp.words.answers import Transitive
from psmp.words.envelope import open_event
from psmp.words.events import (
    EVENTS,
    AgentReturned,
    AgentSilenced,
    ArtifactWithdrawn,
    CommandRefused,
    Compatibility,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    Event,
    ProjectChanged,
    ProjectCreated,
    ProjectStalled,
    RetentionApplied,
    SlotExpired,
    SlotFinished,
    SlotGranted,
)
from psmp.words.orchestration.facts import RunEvent
from psmp.words.refusals import Code
from psmp.words.values import Phase, Policy, Severity, Target, Word
from tests.golden import story
from tests.histories import KEY, History, accepted, amended, conflict, created, declared, detected, lifetime, moved

PLANNED = (created(), moved(Phase.INITIALIZED, Phase.PLANNING))
W = TypeVar("W", bound=Word)

CLASH = conflict(1, "api", "web")


def after(*events: Event, actor: str = "ada") -> Project:
    """The project after its events."""
    history = History()
    for event in events:
        history.add(event, actor)
    return folded(history)


def folded(history: History) -> Project:
    project: Project | None = None
    for record in history.records:
        project = evolve(project, open_event(record.body))
    assert project is not None
    return project


def working(*events: Event) -> Project:
    return after(*PLANNED, *events)


def lenient(*events: Event) -> Project:
    begun = ProjectCreated(name="RAG", targets=(Target(),), policy=Policy(strict_mode=False))
    return after(begun, moved(Phase.INITIALIZED, Phase.PLANNING), *events)


def test_a_new_project_is_initialized() -> None:
    project = after(created())
    assert (project.phase, project.state, project.sequence) == (Phase.INITIALIZED, Phase.INITIALIZED, 1)
    assert project.created == project.since == project.time
    assert (project.artifacts, project.conflicts, project.slots, project.silent) == ({}, {}, Slots(), {})


def test_a_log_that_does_not_begin_with_a_creation_is_no_project() -> None:
    with pytest.raises(NotCreated, match=r"^acme/rag starts with artifact\.declared, not with project\.created$"):
        after(declared("api"))


def test_a_second_creation_changes_nothing_but_the_sequence() -> None:
    first = after(created(), declared("api"))
    second = after(created(), declared("api"), created("Another"))
    assert second == replace(first, sequence=3, time=second.time)


def test_a_transition_sets_the_phase_and_when_it_was_entered() -> None:
    project = after(created(), moved(Phase.INITIALIZED, Phase.PLANNING), declared("api"))
    assert project.phase is Phase.PLANNING
    assert project.created < project.since < project.time


def test_a_stall_is_reported_until_the_phase_changes() -> None:
    stalled = ProjectStalled(phase=Phase.PLANNING, since="2026-11-18T00:00:00Z")
    assert working(stalled).stalled
    assert not working(stalled, moved(Phase.PLANNING, Phase.IN_PROGRESS)).stalled


def test_a_declared_artifact_is_a_draft_until_its_verdict() -> None:
    project = working(declared("api"))
    assert project.artifacts == {"api": Artifact("ada", declared("api"), 3, project.time)}
    assert project.status_of("api") == "DRAFT"
    assert working(declared("api"), accepted("api")).status_of("api") == "ACTIVE"


def test_an_amendment_replaces_the_declaration_and_awaits_its_own_verdict() -> None:
    project = working(declared("api"), accepted("api"), amended("api", 1, 2))
    assert project.artifacts["api"].declaration == amended("api", 1, 2)
    assert project.artifacts["api"].sequence == 5
    assert project.status_of("api") == "DRAFT"


def test_a_verdict_on_an_older_version_does_not_settle_the_newer_one() -> None:
    project = working(declared("api"), amended("api", 1, 2), accepted("api", 1))
    before = working(declared("api"), amended("api", 1, 2))
    assert project == replace(before, sequence=5, time=project.time, progress=project.time)
    assert project.status_of("api") == "DRAFT"
    assert working(declared("api"), amended("api", 1, 2), accepted("api", 1), accepted("api", 2)).status_of("api") == (
        "ACTIVE"
    )


def test_a_withdrawn_artifact_is_archived_and_awaits_nothing() -> None:
    project = working(declared("api"), ArtifactWithdrawn(artifact="api", version=1, reason="no"))
    assert project.status_of("api") == "ARCHIVED"
    assert not project.artifacts["api"].pending


def test_a_late_verdict_does_not_bring_a_withdrawn_artifact_back() -> None:
    withdrawal = ArtifactWithdrawn(artifact="api", version=1, reason="no")
    assert working(declared("api"), withdrawal, accepted("api")).status_of("api") == "ARCHIVED"


def test_a_withdrawn_artifact_declared_again_is_a_draft_again() -> None:
    withdrawal = ArtifactWithdrawn(artifact="api", version=1, reason="no")
    assert working(declared("api"), withdrawal, declared("api", version=2)).status_of("api") == "DRAFT"


def test_whoever_is_party_to_an_open_conflict_is_a_draft() -> None:
    project = working(
        declared("api"), accepted("api"), declared("cli"), accepted("cli"), declared("web"), detected("web", CLASH)
    )
    assert {name: project.status_of(name) for name in project.artifacts} == {
        "api": "DRAFT",
        "cli": "ACTIVE",
        "web": "DRAFT",
    }


def test_a_project_is_blocked_from_the_detection_on_before_the_keeper_has_written_it() -> None:
    project = working(declared("api"), declared("web"), detected("web", CLASH))
    assert (project.phase, project.state, project.blockers) == (Phase.PLANNING, Phase.BLOCKED, ("C-1",))


def test_a_project_is_free_from_the_clearing_on_only_when_the_keeper_has_written_it() -> None:
    cleared = ConflictCleared(artifact="web", version=2, cleared=("C-1",))
    clash = (declared("api"), declared("web"), detected("web", CLASH))
    assert working(*clash, amended("web", 0, 2), cleared).state is Phase.PLANNING
    blocked = working(*clash, moved(Phase.PLANNING, Phase.BLOCKED), amended("web", 0, 2), cleared)
    assert (blocked.state, blocked.blockers) == (Phase.BLOCKED, ())


def test_a_conflict_in_a_phase_without_work_blocks_nothing() -> None:
    assert after(created(), declared("web"), detected("web", CLASH)).state is Phase.INITIALIZED


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.MEDIUM, Severity.HIGH])
def test_without_strict_mode_only_critical_conflicts_block(severity: Severity) -> None:
    mild = conflict(1, "web", severity=severity)
    assert lenient(declared("web"), detected("web", mild)).state is Phase.PLANNING
    assert working(declared("web"), detected("web", mild)).state is Phase.BLOCKED
    critical = conflict(2, "web")
    assert lenient(declared("web"), detected("web", mild, critical)).blockers == ("C-2",)


def test_numbers_of_conflicts_are_never_used_again() -> None:
    cleared = ConflictCleared(artifact="web", version=2, cleared=("C-7",))
    project = working(declared("web"), detected("web", conflict(7, "web")), amended("web", 0, 2), cleared)
    assert (project.conflicts, project.detected) == ({}, 7)
    assert working(declared("web"), detected("web", conflict(7, "web"), conflict(3, "web"))).detected == 7


def test_a_slot_is_fenced_by_the_sequence_of_its_grant_and_ends_when_finished_or_expired() -> None:
    grant = SlotGranted(agent="ada", lease_seconds=30)
    project = working(grant)
    assert project.slots == Slots({3: Slot("ada", project.time, 30, project.time, declared=False)})
    assert working(grant, SlotFinished(agent="ada")).slots == Slots()
    assert working(grant, SlotExpired(agent="ada", last_seen="2026-11-18T00:00:00Z")).slots == Slots()
    assert working(SlotFinished(agent="ada")).slots == Slots()


def test_a_declaration_under_a_slot_keeps_the_duty_of_its_own_agent_only() -> None:
    both = (SlotGranted(agent="ada", lease_seconds=30), SlotGranted(agent="bob", lease_seconds=30))
    project = working(*both, declared("api"))
    assert {slot.agent: slot.declared for slot in project.slots.held.values()} == {"ada": True, "bob": False}
    again = working(*both, declared("api"), SlotFinished(agent="ada"), both[0])
    assert not any(slot.declared for slot in again.slots.of("ada").values())


def test_agents_fall_silent_and_return() -> None:
    gone = AgentSilenced(agent="bob", last_seen="2026-11-18T00:00:00Z")
    assert set(working(gone).silent) == {"bob"}
    assert working(gone, AgentReturned(agent="bob", last_seen="2026-11-18T00:00:01Z")).silent == {}


def test_who_has_been_silent_for_two_days_is_forgotten_when_the_next_falls_silent() -> None:
    gone = replace(working(), silent={"long": "2026-01-01T00:00:00.000000Z", "late": working().time})
    history = lifetime()
    envelope = open_event(history.records[-1].body)
    silenced = AgentSilenced(agent="bob", last_seen="2026-11-18T00:00:00Z")
    now = evolve(gone, envelope.model_copy(update={"data": silenced}))
    assert set(now.silent) == {"late", "bob"}
    assert evolve(gone, envelope.model_copy(update={"data": created()})).silent == gone.silent


def test_a_refusal_is_a_fact_that_changes_nothing() -> None:
    refusal = CommandRefused(command="slot.request", code=Code.PROJECT_BLOCKED, reason="blocked")
    project = working(refusal)
    assert project == replace(working(), sequence=3, time=project.time)


def test_the_fold_never_changes_a_state_that_it_was_given() -> None:
    project: Project | None = None
    seen: list[tuple[Project, bytes]] = []
    for record in lifetime().records:
        project = evolve(project, open_event(record.body))
        seen.append((project, PROJECT_FOLD.dump(project)))
    assert [PROJECT_FOLD.dump(project) for project, _ in seen] == [dumped for _, dumped in seen]


@pytest.mark.parametrize("length", range(1, len(lifetime().records) + 1))
def test_a_state_that_was_written_down_is_read_back_as_it_was(length: int) -> None:
    history = lifetime()
    del history.records[length:]
    project = folded(history)
    assert PROJECT_FOLD.load(PROJECT_FOLD.dump(project)) == project


def test_nothing_can_be_written_down_too() -> None:
    assert PROJECT_FOLD.load(PROJECT_FOLD.dump(PROJECT_FOLD.initial())) is None


def test_the_histories_of_these_tests_have_every_kind_of_event() -> None:
    kinds = {event.KIND for event in EVENTS}
    # After what prunes there is nothing left of a lifetime: see unit/log/test_pruning.py.
    graphs = {event.KIND for event in get_args(RunEvent)}
    assert {record.kind for record in lifetime().records} == kinds - graphs - {RetentionApplied.KIND}
    told = (
        *story.log(),
        *story.second(),
        *story.third(),
        *story.fourth(),
        *story.fifth(),
        *story.sixth(),
        *story.seventh(),
        *story.eighth(),
    )
    assert {record.kind for record in told} == kinds


def test_a_status_tells_the_derived_state_and_the_written_phase() -> None:
    clash = working(declared("web"), declared("api"), detected("api", CLASH), SlotGranted(agent="bob", lease_seconds=9))
    status = describe(KEY, clash)
    assert (status.tenant, status.project, status.sequence) == ("acme", "rag", 6)
    assert (status.state, status.phase) == (Phase.BLOCKED, Phase.PLANNING)
    assert [each.artifact for each in status.artifacts] == ["web", "api"]
    assert [each.status for each in status.artifacts] == ["DRAFT", "DRAFT"]
    assert [(each.agent, each.fence, each.lease_seconds, each.declared) for each in status.slots] == [
        ("bob", 6, 9, False)
    ]
    assert status.conflicts == (CLASH,)
    assert type(status).model_validate_json(status.model_dump_json()) == status


def resolved(sequence: int, verdict: Compatibility, *reasons: str) -> CompatibilityChecked:
    return CompatibilityChecked(
        sequence=sequence,
        verdict=verdict,
        reasons=reasons,
        digest="0" * 64,
        index="https://i.example",
        exclude_newer="x",
    )


def test_a_status_tells_how_the_project_stands_with_the_resolver() -> None:
    web, begun = declared("web"), CompatibilityStarted(sequence=3, index="https://i.example")
    assert transitive(working(web, accepted("web"))) == Transitive()
    assert transitive(working(web, accepted("web"), begun)) == Transitive(verdict="pending")
    unknown = resolved(3, "unknown", "it is down")
    checked = (web, accepted("web"), begun, unknown)
    told = Transitive(verdict="unknown", reasons=("it is down",), sequence=3, exclude_newer="x")
    assert transitive(working(*checked)) == told
    assert transitive(working(*checked, resolved(3, "compatible"))) == replaced(told, verdict="compatible", reasons=())
    again = (*checked, declared("api"))
    assert transitive(working(*again)) == Transitive(verdict="pending", sequence=3)
    blocked = Transitive(verdict="pending", reasons=("C-1 must be cleared first",), sequence=3)
    assert transitive(working(*again, detected("api", CLASH))) == blocked
    gone = ArtifactWithdrawn(artifact="web", version=1, reason="not needed")
    assert transitive(working(*checked, gone)).verdict == "pending"
    elsewhere = ProjectChanged(name="RAG", targets=(Target(python="3.13"),), policy=Policy(), reason="newer")
    assert transitive(working(*checked, elsewhere)).verdict == "pending"


def test_what_the_resolver_runs_into_as_well_are_constraints_on_packages_of_pypi() -> None:
    kinds = [replaced(CLASH, id="C-2", kind="transitive"), replaced(CLASH, id="C-3", ecosystem="npm"), CLASH]
    assert direct(kinds) == ("C-1",)
    assert direct([replaced(CLASH, kind="path", ecosystem=None), replaced(CLASH, kind="reference")]) == ("C-1",)


def replaced(word: W, **changes: object) -> W:
    return word.model_copy(update=changes)
