"""What becomes of an agent's wish to run, to wait, to run on and to stop."""

import pytest

from psmp.rules.project import Project
from psmp.words.commands import (
    AmendArtifact,
    DeclareArtifact,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    RequestSlot,
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
    SlotLeft,
    SlotRenewed,
    SlotRequested,
)
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Limits, Phase, Policy, Target
from psmp_intake.rules import decide
from tests.histories import identity
from tests.unit.rules.folding import told
from tests.unit.services.history import BLOCKED, PLANNED, Said, clash, declared, detected

GRANTED = SlotGranted(agent="coder", lease_seconds=90)
WAITS = SlotRequested(agent="other", wait_seconds=60)
LIMITS = Limits(cpus=2.0, memory_mb=512)
CONTESTED = (declared("backend"), detected("backend", clash("C-1", "backend")), BLOCKED)
GIVEN_UP = (
    *CONTESTED,
    ProjectTransitioned(origin=Phase.BLOCKED, to=Phase.RESOLVING, reason="try"),
    ProjectTransitioned(origin=Phase.RESOLVING, to=Phase.ARCHIVED, reason="given up"),
)


def project(policy: Policy, *said: Said) -> Project:
    """A planned project of this policy in which this happened, said by ``coder`` unless another is named."""
    begun = (ProjectCreated(name="RAG", targets=(Target(),), policy=policy), PLANNED, *said)
    return told(*(each if isinstance(each, tuple) else ("coder", each) for each in begun))


def refusal(decision: object) -> Code | Gs:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


ONE = Policy(max_concurrent_agents=1, lease_seconds=30, term_seconds=600, wait_seconds=120)
TWO_EACH = Policy(slots_per_agent=2)


def test_a_grant_carries_lease_term_and_limits() -> None:
    assert decide(project(ONE), "coder", RequestSlot(limits=LIMITS)) == SlotGranted(
        agent="coder", lease_seconds=30, term_seconds=600, limits=LIMITS
    )


def test_who_would_wait_is_granted_at_once_where_there_is_room() -> None:
    assert isinstance(decide(project(ONE), "coder", RequestSlot(wait_seconds=9)), SlotGranted)


def test_who_finds_no_room_waits_if_it_said_so_and_is_refused_if_not() -> None:
    full = project(ONE, GRANTED)
    assert decide(full, "other", RequestSlot(wait_seconds=60, limits=LIMITS)) == SlotRequested(
        agent="other", wait_seconds=60, limits=LIMITS
    )
    refused = decide(full, "other", RequestSlot())
    assert refusal(refused) is Code.SLOTS_EXHAUSTED
    assert isinstance(refused, Refused)
    assert refused.reason == "1 agent is running: coder"


def test_nobody_waits_longer_than_the_policy_allows() -> None:
    waiting = decide(project(ONE, GRANTED), "other", RequestSlot(wait_seconds=86_400))
    assert isinstance(waiting, SlotRequested)
    assert waiting.wait_seconds == 120


def test_nobody_overtakes_who_waits_even_where_there_is_room() -> None:
    free = project(ONE, GRANTED, WAITS, SlotFailed(agent="coder", fence=3, failure="no"))
    assert isinstance(decide(free, "eve", RequestSlot(wait_seconds=9)), SlotRequested)
    refused = decide(free, "eve", RequestSlot())
    assert refusal(refused) is Code.SLOTS_EXHAUSTED
    assert isinstance(refused, Refused)
    assert refused.reason == "0 agents are running: nobody, and 1 wait"


def test_who_runs_or_waits_already_is_refused() -> None:
    full = project(ONE, GRANTED, ("other", WAITS))
    for agent in ("coder", "other"):
        assert refusal(decide(full, agent, RequestSlot(wait_seconds=9))) is Code.SLOT_HELD


def test_an_agent_has_and_waits_for_as_many_as_the_policy_allows_and_for_no_more() -> None:
    busy = [SlotGranted(agent=f"a{number}", lease_seconds=90) for number in range(5)]
    waits = SlotRequested(agent="coder", wait_seconds=9)
    ask = RequestSlot(wait_seconds=9)
    assert isinstance(decide(project(TWO_EACH, GRANTED), "coder", RequestSlot()), SlotGranted)
    assert refusal(decide(project(TWO_EACH, GRANTED, GRANTED), "coder", ask)) is Code.SLOT_HELD
    assert isinstance(decide(project(TWO_EACH, *busy, waits), "coder", ask), SlotRequested)
    assert refusal(decide(project(TWO_EACH, *busy, waits, waits), "coder", ask)) is Code.SLOT_HELD
    assert refusal(decide(project(TWO_EACH, GRANTED, *busy[:4], waits), "coder", ask)) is Code.SLOT_HELD


def test_while_the_project_is_blocked_one_can_wait_and_not_run() -> None:
    for blocked in (project(ONE, *CONTESTED), project(ONE, *CONTESTED[:2])):
        assert refusal(decide(blocked, "other", RequestSlot())) is Code.PROJECT_BLOCKED
        assert isinstance(decide(blocked, "other", RequestSlot(wait_seconds=9)), SlotRequested)


def test_in_a_project_that_was_given_up_nobody_runs_or_waits() -> None:
    archived = project(ONE, *GIVEN_UP)
    for ask in (RequestSlot(), RequestSlot(wait_seconds=9)):
        assert refusal(decide(archived, "other", ask)) is Code.PROJECT_NOT_OPEN


def test_while_the_conflict_is_being_resolved_one_can_wait_and_not_run() -> None:
    resolving = project(ONE, *GIVEN_UP[:-1])
    assert refusal(decide(resolving, "other", RequestSlot())) is Code.PROJECT_NOT_OPEN
    assert isinstance(decide(resolving, "other", RequestSlot(wait_seconds=9)), SlotRequested)


@pytest.mark.parametrize(
    ("phase", "advice"),
    [
        ("INITIALIZED", "move it to PLANNING first"),
        ("RESOLVING", "wait in the queue until it is resolved"),
        ("ARCHIVED", "start another project"),
    ],
)
def test_who_may_not_run_is_told_what_there_is_to_wait_for(phase: str, advice: str) -> None:
    begun = told(("coder", ProjectCreated(name="RAG", targets=(Target(),), policy=ONE)))
    stands = {"INITIALIZED": begun, "RESOLVING": project(ONE, *GIVEN_UP[:-1]), "ARCHIVED": project(ONE, *GIVEN_UP)}
    refused = decide(stands[phase], "other", RequestSlot())
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.hint) == (f"the project is {phase}; no agent may run", advice)


def test_a_slot_is_renewed_for_a_term_while_the_project_is_open() -> None:
    renewed = SlotRenewed(agent="coder", fence=3, term_seconds=600)
    assert decide(project(ONE, GRANTED), "coder", RenewSlot()) == renewed
    assert decide(project(ONE, GRANTED, *CONTESTED), "coder", RenewSlot(fence=3)) == renewed
    assert refusal(decide(project(ONE, GRANTED, *GIVEN_UP), "coder", RenewSlot())) is Code.PROJECT_NOT_OPEN


@pytest.mark.parametrize("command", [RenewSlot, FinishSlot])
def test_what_is_not_held_is_neither_renewed_nor_finished(command: type[RenewSlot] | type[FinishSlot]) -> None:
    assert refusal(decide(project(ONE), "coder", command())) is Code.NO_SLOT
    assert refusal(decide(project(ONE, GRANTED), "other", command(fence=3))) is Code.SLOT_LOST
    assert refusal(decide(project(ONE, GRANTED), "coder", command(fence=2))) is Code.SLOT_LOST


def test_of_several_slots_the_fence_says_which() -> None:
    both = project(TWO_EACH, GRANTED, GRANTED)
    assert refusal(decide(both, "coder", RenewSlot())) is Code.NO_SLOT
    assert refusal(decide(both, "coder", FinishSlot(failure="no"))) is Code.NO_SLOT
    assert decide(both, "coder", FinishSlot(fence=4, failure="no")) == SlotFailed(agent="coder", fence=4, failure="no")


def test_a_slot_is_finished_by_what_was_declared_under_its_own_fence() -> None:
    under_four = declared("backend").model_copy(update={"fence": 4})
    both = project(TWO_EACH, GRANTED, GRANTED, under_four)
    assert decide(both, "coder", FinishSlot(fence=4)) == SlotFinished(agent="coder", fence=4)
    assert refusal(decide(both, "coder", FinishSlot(fence=3))) is Code.NOT_DECLARED


def test_a_slot_can_be_given_back_in_whatever_state_the_project_is() -> None:
    archived = project(ONE, GRANTED, *GIVEN_UP)
    assert decide(archived, "coder", FinishSlot()) == SlotFinished(agent="coder", fence=3)


def test_who_waits_can_leave_and_nobody_else() -> None:
    waiting = project(ONE, GRANTED, ("other", WAITS))
    request = waiting.slots.queue[0].request
    assert decide(waiting, "other", LeaveQueue()) == SlotLeft(agent="other", request=request)
    assert decide(waiting, "other", LeaveQueue(request=request)) == SlotLeft(agent="other", request=request)
    assert refusal(decide(waiting, "coder", LeaveQueue())) is Code.NOT_WAITING
    elsewhere = LeaveQueue(request=identity(1))
    assert refusal(decide(waiting, "other", elsewhere)) is Code.NOT_WAITING


DECLARE = DeclareArtifact(artifact="web", type="code")


def test_what_was_made_under_a_slot_carries_its_fence() -> None:
    found = decide(project(ONE, GRANTED), "coder", DECLARE.model_copy(update={"fence": 3}))
    assert isinstance(found, ArtifactDeclared)
    assert found.fence == 3
    amended = decide(project(ONE, GRANTED, declared("web")), "coder", AmendArtifact(artifact="web", fence=3))
    assert isinstance(amended, ArtifactAmended)
    assert amended.fence == 3


def test_what_was_made_under_a_slot_that_has_ended_comes_too_late() -> None:
    gone = project(ONE, GRANTED, declared("backend"), SlotFinished(agent="coder", fence=3), GRANTED)
    for late in (
        DECLARE.model_copy(update={"fence": 3}),
        AmendArtifact(artifact="backend", fence=3),
        WithdrawArtifact(artifact="backend", reason="no", fence=3),
    ):
        assert refusal(decide(gone, "coder", late)) is Code.SLOT_LOST
    theirs = project(ONE, GRANTED)
    assert refusal(decide(theirs, "other", DECLARE.model_copy(update={"fence": 3}))) is Code.SLOT_LOST


def test_where_declarations_are_fenced_each_names_the_slot_that_it_was_made_under() -> None:
    fenced = ONE.model_copy(update={"fenced": True})
    assert isinstance(decide(project(ONE), "coder", DECLARE), ArtifactDeclared)
    assert refusal(decide(project(fenced), "coder", DECLARE)) is Code.NO_SLOT
    running = project(fenced, GRANTED, declared("backend"))
    assert isinstance(decide(running, "coder", DECLARE.model_copy(update={"fence": 3})), ArtifactDeclared)
    for unfenced in (
        DECLARE,
        AmendArtifact(artifact="backend"),
        WithdrawArtifact(artifact="backend", reason="no"),
    ):
        assert refusal(decide(running, "coder", unfenced)) is Code.NO_SLOT


def test_a_blocked_project_is_mended_without_a_slot_for_none_can_be_had() -> None:
    blocked = project(ONE.model_copy(update={"fenced": True}), *CONTESTED)
    assert isinstance(decide(blocked, "coder", AmendArtifact(artifact="backend")), ArtifactAmended)
    withdrawn = decide(blocked, "coder", WithdrawArtifact(artifact="backend", reason="no"))
    assert isinstance(withdrawn, ArtifactWithdrawn)
    assert refusal(decide(blocked, "coder", DECLARE)) is Code.NO_SLOT


def test_an_artifact_stays_flexible_until_it_is_said_otherwise() -> None:
    first = decide(project(ONE), "coder", DECLARE.model_copy(update={"flexible": True}))
    assert isinstance(first, ArtifactDeclared)
    kept = decide(project(ONE, first), "coder", AmendArtifact(artifact="web"))
    assert isinstance(kept, ArtifactAmended)
    assert (first.flexible, kept.flexible) == (True, True)
    no = decide(project(ONE, first), "coder", AmendArtifact(artifact="web", flexible=False))
    assert isinstance(no, ArtifactAmended)
    assert no.flexible is False
