"""What intake decides."""

import pytest

from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import (
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ProjectCreated,
    ProjectTransitioned,
    SlotFailed,
    SlotFinished,
    SlotGranted,
)
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Dependency, PathClaim, Phase, Policy, Severity
from psmp_intake.rules import decide
from tests.unit.services.history import BLOCKED, PLANNED, STARTED, accepted, clash, declared, detected, project

DECLARE = DeclareArtifact(artifact="backend", type="code")
GRANTED = SlotGranted(agent="coder", lease_seconds=90)
CONTESTED = (PLANNED, declared("backend"), detected("backend", clash("C-1", "backend")))


def refusal(decision: object) -> Code | Gs:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


def test_a_project_is_created_once() -> None:
    create = CreateProject(name="RAG chatbot")
    assert decide(None, "coder", create) == ProjectCreated(name="RAG chatbot", targets=create.targets, policy=Policy())
    assert refusal(decide(project(), "coder", create)) is Code.PROJECT_EXISTS


@pytest.mark.parametrize("command", [DECLARE, RequestSlot(), FinishSlot(), WithdrawArtifact(artifact="a", reason="r")])
def test_nothing_can_be_asked_of_a_project_that_does_not_exist(command: Command) -> None:
    assert refusal(decide(None, "coder", command)) is Code.UNKNOWN_PROJECT


def test_a_legal_transition_says_where_from_and_why() -> None:
    command = TransitionProject(to=Phase.PLANNING, reason="go")
    assert decide(project(), "coder", command) == ProjectTransitioned(
        origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="go"
    )


def test_an_illegal_transition_names_the_legal_ones() -> None:
    decision = decide(project(), "coder", TransitionProject(to=Phase.COMPLETED, reason="done"))
    assert refusal(decision) is Code.ILLEGAL_TRANSITION
    assert isinstance(decision, Refused)
    assert "PLANNING" in decision.reason


@pytest.mark.parametrize("to", [Phase.BLOCKED, Phase.RESOLVING])
def test_nobody_may_ask_for_the_keepers_transitions(to: Phase) -> None:
    decision = decide(project(PLANNED), "coder", TransitionProject(to=to, reason="because"))
    assert refusal(decision) is Code.ILLEGAL_TRANSITION


def test_a_project_is_blocked_from_the_detection_on_before_the_keeper_has_written_it() -> None:
    contested = project(*CONTESTED)
    assert contested.phase is Phase.PLANNING
    decision = decide(contested, "coder", TransitionProject(to=Phase.IN_PROGRESS, reason="go"))
    assert refusal(decision) is Code.PROJECT_BLOCKED
    assert isinstance(decision, Refused)
    assert decision.conflicts == ("C-1",)
    assert refusal(decide(contested, "other", RequestSlot())) is Code.PROJECT_BLOCKED


def test_a_project_is_not_completed_while_a_verdict_is_awaited_or_an_agent_runs() -> None:
    complete = TransitionProject(to=Phase.COMPLETED, reason="done")
    assert refusal(decide(project(PLANNED, STARTED, declared("backend")), "coder", complete)) is Code.WORK_UNFINISHED
    assert refusal(decide(project(PLANNED, STARTED, GRANTED), "coder", complete)) is Code.WORK_UNFINISHED
    finished = project(PLANNED, STARTED, declared("backend"), accepted("backend"))
    assert isinstance(decide(finished, "coder", complete), ProjectTransitioned)


def test_an_artifact_is_declared_as_version_1() -> None:
    assert decide(project(PLANNED), "coder", DECLARE) == ArtifactDeclared(artifact="backend", version=1, type="code")


def test_what_was_made_can_be_declared_while_the_project_is_blocked() -> None:
    other = DeclareArtifact(artifact="other", type="code")
    assert isinstance(decide(project(*CONTESTED, BLOCKED), "other", other), ArtifactDeclared)


@pytest.mark.parametrize(
    "closed", [(), (PLANNED, STARTED, ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done"))]
)
def test_nothing_is_declared_before_planning_and_after_completion(closed: tuple[ProjectTransitioned, ...]) -> None:
    assert refusal(decide(project(*closed), "coder", DECLARE)) is Code.PROJECT_NOT_OPEN


def test_an_artifact_is_declared_once_and_again_after_it_was_withdrawn() -> None:
    once = (PLANNED, declared("backend"))
    gone = ArtifactWithdrawn(artifact="backend", version=1, reason="wrong")
    assert refusal(decide(project(*once), "coder", DECLARE)) is Code.ARTIFACT_EXISTS
    again = decide(project(*once, gone), "coder", DECLARE)
    assert isinstance(again, ArtifactDeclared)
    assert again.version == 2


def test_an_invalid_constraint_is_refused_with_its_place_and_a_hint() -> None:
    wrong = DECLARE.model_copy(
        update={"dependencies": (Dependency(name="numpy"), Dependency(name="pandas", constraint="=>2"))}
    )
    decision = decide(project(PLANNED), "coder", wrong)
    assert refusal(decision) is Code.INVALID_CONSTRAINT
    assert isinstance(decision, Refused)
    assert decision.reason.startswith("/data/dependencies/1/constraint, pandas:")
    assert ">=2" in decision.hint


@pytest.mark.parametrize(
    ("update", "code", "place"),
    [
        ({"requires_python": "3.11"}, Code.INVALID_CONSTRAINT, "/data/requires_python, python:"),
        (
            {"dependencies": (Dependency(name="x", marker="os = 'nt'"),)},
            Code.INVALID_MARKER,
            "/data/dependencies/0/marker, x:",
        ),
        (
            {"dependencies": (Dependency(name="x", reference="https://me:pw@example.org/x.whl"),)},
            Code.INVALID_REFERENCE,
            "/data/dependencies/0/reference, x:",
        ),
        (
            {"dependencies": (Dependency(name="x", constraint="latest", ecosystem="npm"),)},
            Code.INVALID_CONSTRAINT,
            "/data/dependencies/0/constraint, x:",
        ),
        ({"paths": (PathClaim(path="a"), PathClaim(path="../b"))}, Code.INVALID_PATH, "/data/paths/1: path '../b'"),
    ],
)
def test_whatever_cannot_be_read_is_refused_with_its_place_and_a_hint(
    update: dict[str, object], code: Code, place: str
) -> None:
    decision = decide(project(PLANNED), "coder", DECLARE.model_copy(update=update))
    assert refusal(decision) is code
    assert isinstance(decision, Refused)
    assert decision.reason.startswith(place)
    assert decision.hint


def test_interpreter_and_environment_are_kept_until_they_are_emptied() -> None:
    first = decide(
        project(PLANNED), "coder", DECLARE.model_copy(update={"requires_python": ">=3.11", "environment": "lab"})
    )
    assert isinstance(first, ArtifactDeclared)
    assert (first.requires_python, first.environment) == (">=3.11", "lab")
    kept = decide(project(PLANNED, first), "coder", AmendArtifact(artifact="backend"))
    assert isinstance(kept, ArtifactAmended)
    assert (kept.requires_python, kept.environment) == (">=3.11", "lab")
    emptied = AmendArtifact(artifact="backend", requires_python="", environment="")
    gone = decide(project(PLANNED, first), "coder", emptied)
    assert isinstance(gone, ArtifactAmended)
    assert (gone.requires_python, gone.environment) == (None, None)


def test_an_amendment_keeps_what_it_does_not_name() -> None:
    known = declared("backend", "pandas>=2").model_copy(update={"summary": "as it was"})
    decision = decide(project(PLANNED, known), "coder", AmendArtifact(artifact="backend", dependencies=()))
    assert decision == ArtifactAmended(artifact="backend", version=2, type="code", summary="as it was")


def test_only_the_owner_amends_and_withdraws() -> None:
    theirs = project(PLANNED, ("other", declared("backend")))
    assert refusal(decide(theirs, "coder", AmendArtifact(artifact="backend"))) is Code.NOT_OWNER
    assert refusal(decide(theirs, "coder", WithdrawArtifact(artifact="backend", reason="r"))) is Code.NOT_OWNER


def test_what_is_not_there_cannot_be_amended_or_withdrawn() -> None:
    assert refusal(decide(project(PLANNED), "coder", AmendArtifact(artifact="no"))) is Code.UNKNOWN_ARTIFACT
    decision = decide(project(PLANNED), "coder", WithdrawArtifact(artifact="no", reason="r"))
    assert refusal(decision) is Code.UNKNOWN_ARTIFACT


def test_a_withdrawal_names_the_version_withdrawn() -> None:
    decision = decide(
        project(PLANNED, declared("backend")), "coder", WithdrawArtifact(artifact="backend", reason="wrong")
    )
    assert decision == ArtifactWithdrawn(artifact="backend", version=1, reason="wrong")


def test_a_slot_is_granted_while_the_project_works() -> None:
    grant = SlotGranted(agent="coder", lease_seconds=90, term_seconds=3600)
    assert decide(project(PLANNED), "coder", RequestSlot()) == grant
    assert refusal(decide(project(), "coder", RequestSlot())) is Code.PROJECT_NOT_OPEN


def test_an_agent_holds_one_slot_and_a_project_has_so_many() -> None:
    assert refusal(decide(project(PLANNED, GRANTED), "coder", RequestSlot())) is Code.SLOT_HELD
    five = [SlotGranted(agent=f"a{number}", lease_seconds=90) for number in range(5)]
    assert refusal(decide(project(PLANNED, *five), "coder", RequestSlot())) is Code.SLOTS_EXHAUSTED
    freed = project(PLANNED, *five, SlotFinished(agent="a0"))
    assert isinstance(decide(freed, "coder", RequestSlot()), SlotGranted)


def test_a_slot_is_finished_by_a_declaration_or_a_failure_and_by_nothing_else() -> None:
    running = (PLANNED, GRANTED)
    assert refusal(decide(project(*running), "coder", FinishSlot())) is Code.NOT_DECLARED
    assert decide(project(*running), "coder", FinishSlot(failure="no key")) == SlotFailed(
        agent="coder", fence=3, failure="no key"
    )
    done = decide(project(*running, declared("backend")), "coder", FinishSlot())
    assert done == SlotFinished(agent="coder", fence=3)
    assert refusal(decide(project(PLANNED), "coder", FinishSlot())) is Code.NO_SLOT


def test_without_strict_mode_only_critical_conflicts_block() -> None:
    mild = (PLANNED, declared("backend"), detected("backend", clash("C-1", "backend", severity=Severity.HIGH)))
    assert refusal(decide(project(*mild), "other", RequestSlot())) is Code.PROJECT_BLOCKED
    relaxed = project(*mild)
    relaxed = type(relaxed)(
        **{
            **{name: getattr(relaxed, name) for name in relaxed.__slots__},
            "policy": Policy(strict_mode=False),
        }
    )
    assert isinstance(decide(relaxed, "other", RequestSlot()), SlotGranted)
