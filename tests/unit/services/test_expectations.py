"""A command that expects an event to stand where it stood is refused when another does."""

import pytest

from psmp.words.commands import (
    AbandonMaeg,
    AmendArtifact,
    Command,
    DeclareArtifact,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.envelope import Stamp, open_command, seal_command
from psmp.words.ids import uuid7
from psmp.words.refusals import Code, Refused
from psmp.words.subjects import CommandSubject
from psmp.words.values import Phase
from psmp_intake.rules.ruling import refusal, rule
from psmp_intake.rules.state import Decision
from tests.histories import KEY as HISTORY
from tests.orchestrated import LEAD, MAEG, begun
from tests.recording import Recording
from tests.unit.services.history import KEY, PLANNED, accepted, declared, project

STATE = project(PLANNED, declared("backend"), accepted("backend"))
ARTIFACT, PROJECT = STATE.artifacts["backend"].sequence, STATE.sequence
STAMP = Stamp(uuid7(1, bytes(10)), "2026-11-26T08:00:00.000000Z")


def said(command: Command, expected: int | None) -> Refused | None:
    subject = CommandSubject(KEY, "coder", command.KIND)
    envelope = open_command(seal_command(KEY, "coder", command, STAMP, expected=expected), command.KIND)
    assert envelope.expected == expected
    decision = rule(STATE, subject, envelope, STAMP.time)
    if not isinstance(decision, Refused):
        return None
    assert refusal(subject, decision).current == decision.current
    return decision


COMMANDS: list[tuple[Command, int]] = [
    (AmendArtifact(artifact="backend", summary="x"), ARTIFACT),
    (WithdrawArtifact(artifact="backend", reason="x"), ARTIFACT),
    (TransitionProject(to=Phase.IN_PROGRESS, reason="x"), PROJECT),
    (DeclareArtifact(artifact="new", type="code"), PROJECT),
]


@pytest.mark.parametrize(("command", "current"), COMMANDS)
def test_what_stands_as_expected_is_decided_as_ever_and_what_does_not_is_refused(
    command: Command, current: int
) -> None:
    assert said(command, None) is None
    assert said(command, current) is None
    for other in (current - 1, current + 1, 0):
        refused = said(command, other)
        assert refused is not None
        assert (refused.code, refused.current) == (Code.PRECONDITION_FAILED, current)
        assert refused.hint


def test_a_graph_is_expected_as_the_last_event_left_it_that_changed_that_graph() -> None:
    world = begun()
    run = world.state.runs[MAEG]
    give_up = AbandonMaeg(maeg=MAEG, reason="x")
    assert world.ask("ann", DeclareArtifact(artifact="elsewhere", type="code"))
    assert world.state.sequence > world.state.runs[MAEG].latest.sequence == run.latest.sequence
    for expected in (None, run.latest.sequence):
        assert not isinstance(_ruled(world, give_up, expected), Refused)
    for expected in (run.latest.sequence - 1, world.state.sequence):
        refused = _ruled(world, give_up, expected)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.current) == (Code.PRECONDITION_FAILED, run.latest.sequence)
    unknown = _ruled(world, AbandonMaeg(maeg="MAEG-NONE", reason="x"), 1)
    assert isinstance(unknown, Refused)
    assert unknown.code is Code.UNKNOWN_GRAPH


def _ruled(world: Recording, command: Command, expected: int | None) -> Decision:
    subject = CommandSubject(HISTORY, LEAD, command.KIND)
    envelope = open_command(seal_command(HISTORY, LEAD, command, STAMP, expected=expected), command.KIND)
    return rule(world.state, subject, envelope, STAMP.time)


def test_that_something_is_not_there_is_told_rather_than_that_it_has_changed() -> None:
    refused = said(AmendArtifact(artifact="nothing", summary="x"), 3)
    assert refused is not None
    assert refused.code is Code.UNKNOWN_ARTIFACT


def test_other_refusals_come_after_it() -> None:
    refused = said(RequestSlot(), PROJECT - 1)
    assert refused is not None
    assert refused.code is Code.PRECONDITION_FAILED
