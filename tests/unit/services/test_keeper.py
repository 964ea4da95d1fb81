"""What the keeper decides: a table of situations with what each asks for, and who of those that wait may run."""

import pytest

from psmp.rules.lifecycle import TRANSITIONS, By
from psmp.words.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    ProjectTransitioned,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionRequested,
    SlotFinished,
    SlotGranted,
    SlotRefused,
    SlotRequested,
    WaiverExpired,
)
from psmp.words.values import Limits, Phase, Severity
from psmp_keeper.rules import due as whatever_is_due
from psmp_keeper.rules import next_slot
from psmp_keeper.rules import transition as due
from tests.unit.services.history import BLOCKED, PLANNED, STARTED, Said, clash, cleared, declared, detected, project

CLASH = (declared("backend"), detected("backend", clash("C-1", "backend")))
AMENDED = (declared("backend", version=2), cleared("backend", "C-1"))
RESOLVING = ProjectTransitioned(origin=Phase.BLOCKED, to=Phase.RESOLVING, reason="gone")
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="retry", reason="go")
FAILED = ResolutionFailed(resolution="R-1", conflict="C-1", reason="no")
WAIVED = (
    ResolutionRequested(resolution="R-2", conflict="C-1", strategy="waive", reason="go", seconds=9),
    ResolutionApplied(resolution="R-2", conflict="C-1", strategy="waive", reason="go", seconds=9),
)
LAID = AlertRaised(alert="conflict-C-1", severity=Severity.HIGH, text="decide", person=True, conflict="C-1")
STALLED = AlertRaised(alert="project-stalled", severity=Severity.HIGH, text="stuck", person=True)
TAKEN = AlertAcknowledged(alert="conflict-C-1", reason="mine")
DROPPED = AlertCleared(alert="conflict-C-1", reason="not mine")
FREE = (RESOLVING, ProjectTransitioned(origin=Phase.RESOLVING, to=Phase.IN_PROGRESS, reason="free"))


@pytest.mark.parametrize(
    ("history", "to"),
    [
        ((), None),
        ((PLANNED,), None),
        ((PLANNED, *CLASH), Phase.BLOCKED),
        ((PLANNED, STARTED, *CLASH), Phase.BLOCKED),
        ((PLANNED, *CLASH, BLOCKED), None),
        ((PLANNED, *CLASH, *AMENDED), None),
        ((PLANNED, *CLASH, BLOCKED, *AMENDED), Phase.RESOLVING),
        ((PLANNED, *CLASH, BLOCKED, *AMENDED, RESOLVING), Phase.IN_PROGRESS),
        ((PLANNED, *CLASH, BLOCKED, RESOLVING), Phase.BLOCKED),
        ((PLANNED, *CLASH, ASKED), Phase.BLOCKED),
        ((PLANNED, *CLASH, BLOCKED, ASKED), Phase.RESOLVING),
        ((PLANNED, *CLASH, BLOCKED, ASKED, RESOLVING), None),
        ((PLANNED, *CLASH, BLOCKED, ASKED, RESOLVING, *AMENDED), Phase.IN_PROGRESS),
        ((PLANNED, *CLASH, BLOCKED, ASKED, RESOLVING, FAILED), Phase.BLOCKED),
        ((PLANNED, *CLASH, BLOCKED, ASKED, FAILED), None),
        ((PLANNED, *CLASH, BLOCKED, LAID), None),
        ((PLANNED, *CLASH, BLOCKED, LAID, TAKEN), Phase.RESOLVING),
        ((PLANNED, *CLASH, BLOCKED, LAID, TAKEN, RESOLVING), None),
        ((PLANNED, *CLASH, BLOCKED, LAID, TAKEN, RESOLVING, *AMENDED), Phase.IN_PROGRESS),
        ((PLANNED, *CLASH, BLOCKED, LAID, TAKEN, RESOLVING, DROPPED), Phase.BLOCKED),
        ((PLANNED, *CLASH, BLOCKED, STALLED, AlertAcknowledged(alert="project-stalled", reason="mine")), None),
        ((PLANNED, *CLASH, *WAIVED), None),
        ((PLANNED, *CLASH, BLOCKED, *WAIVED), Phase.RESOLVING),
        ((PLANNED, *CLASH, BLOCKED, *WAIVED, *FREE), None),
        ((PLANNED, *CLASH, BLOCKED, *WAIVED, *FREE, WaiverExpired(conflict="C-1", resolution="R-2")), Phase.BLOCKED),
    ],
)
def test_the_phase_follows_the_open_conflicts(history: tuple[Said, ...], to: Phase | None) -> None:
    transition = due(project(*history))
    assert (transition and transition.to) == to
    if transition is not None:
        assert TRANSITIONS[transition.origin][transition.to] is By.KEEPER
        assert transition.reason


def test_what_is_due_is_due_once() -> None:
    history: list[Said] = [PLANNED, *CLASH]
    written = []
    while transition := due(project(*history)):
        written.append(transition.to)
        history.append(transition)
    history += AMENDED
    while transition := due(project(*history)):
        written.append(transition.to)
        history.append(transition)
    assert written == [Phase.BLOCKED, Phase.RESOLVING, Phase.IN_PROGRESS]


def test_a_block_names_its_conflicts_and_says_why() -> None:
    transition = due(project(PLANNED, *CLASH))
    assert transition is not None
    assert transition.conflicts == ("C-1",)
    assert transition.reason == "C-1 is why."


def test_what_is_under_way_and_what_is_still_open_is_named() -> None:
    begun = due(project(PLANNED, *CLASH, BLOCKED, ASKED))
    assert begun is not None
    assert (begun.reason, begun.conflicts) == ("under way: R-1", ("C-1",))
    ended = due(project(PLANNED, *CLASH, BLOCKED, ASKED, RESOLVING, FAILED))
    assert ended is not None
    assert ended.reason == "still open: C-1"


RUNS = tuple(SlotGranted(agent=f"a{number}", lease_seconds=90) for number in range(5))
FIRST = SlotRequested(agent="first", wait_seconds=60, limits=Limits(cpus=2.0))
SECOND = SlotRequested(agent="second", wait_seconds=60)
ROOM = SlotFinished(agent="a0")


def test_who_has_waited_longest_gets_the_slot_that_is_free() -> None:
    waiting = project(PLANNED, *RUNS, FIRST, SECOND, ROOM)
    assert whatever_is_due(waiting) == SlotGranted(
        agent="first",
        lease_seconds=90,
        term_seconds=3600,
        limits=Limits(cpus=2.0),
        request=waiting.slots.queue[0].request,
    )


def test_nobody_gets_a_slot_without_room_or_without_having_asked() -> None:
    assert next_slot(project(PLANNED, *RUNS, FIRST)) is None
    assert next_slot(project(PLANNED)) is None
    assert next_slot(project()) is None


def test_nobody_gets_a_slot_while_the_project_is_blocked_before_and_after_it_is_written() -> None:
    for history in ((PLANNED, FIRST, *CLASH), (PLANNED, FIRST, *CLASH, BLOCKED)):
        assert next_slot(project(*history)) is None
    assert isinstance(whatever_is_due(project(PLANNED, FIRST, *CLASH)), ProjectTransitioned)
    freed = project(PLANNED, FIRST, *CLASH, BLOCKED, *AMENDED, *FREE)
    assert isinstance(whatever_is_due(freed), SlotGranted)


def test_nobody_waits_in_a_project_that_will_grant_no_slot_any_more() -> None:
    done = ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done")
    waiting = project(PLANNED, *RUNS, FIRST, SECOND, STARTED, done)
    assert whatever_is_due(waiting) == SlotRefused(
        agent="first",
        request=waiting.slots.queue[0].request,
        reason="the project is COMPLETED; no agent may run",
    )
