"""When a project gets on, and when it is only kept busy."""

import pytest

from psmp.rules.progress import gets_on
from psmp.words.envelope import open_event
from psmp.words.events import (
    AgentSilenced,
    AlertAcknowledged,
    CompatibilityStarted,
    Event,
    ProjectRecovering,
    ProjectStalled,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionRequested,
    SlotExpired,
    SlotGranted,
    SlotRefused,
    SlotRequested,
    WaiverExpired,
)
from psmp.words.ids import uuid7
from psmp.words.values import Phase
from tests.histories import KEY, History, accepted, conflict, declared, detected, moved
from tests.unit.services.history import CREATED, PLANNED, project

STUCK = ProjectStalled(phase=Phase.PLANNING, since="2026-11-18T00:00:00Z")
RECHECK = ProjectRecovering(phase=Phase.PLANNING, step="recheck", reason="so")
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="auto", reason="so")


def moves(event: Event, phase: Phase = Phase.IN_PROGRESS, actor: str = "ada") -> bool:
    return gets_on(phase, open_event(History(KEY).add(event, actor).body))


@pytest.mark.parametrize(
    "event",
    [
        *(declared("api"), accepted("api"), detected("api", conflict(1, "api"))),
        *(SlotRequested(agent="ada", wait_seconds=9), SlotGranted(agent="ada", lease_seconds=9), ASKED),
        ResolutionAnswered(resolution="R-1", agent="ada", answer="yes"),
        ResolutionApplied(resolution="R-1", conflict="C-1", strategy="accept", reason="so"),
        moved(Phase.PLANNING, Phase.IN_PROGRESS),
        moved(Phase.PLANNING, Phase.BLOCKED),
        moved(Phase.RESOLVING, Phase.IN_PROGRESS),
    ],
)
def test_what_agents_people_and_the_checker_do_brings_it_further(event: Event) -> None:
    assert moves(event)


@pytest.mark.parametrize(
    "event",
    [
        *(STUCK, RECHECK, CREATED, AgentSilenced(agent="ada", last_seen="2026-11-18T00:00:00Z")),
        SlotExpired(agent="ada", last_seen="2026-11-18T00:00:00Z"),
        SlotRefused(agent="ada", request=uuid7(1, bytes(10)), reason="so"),
        CompatibilityStarted(sequence=2, index="https://index.example/simple"),
        ResolutionFailed(resolution="R-1", conflict="C-1", reason="so"),
        WaiverExpired(conflict="C-1", resolution="R-1"),
        AlertAcknowledged(alert="conflict-C-1", reason="so"),
        moved(Phase.BLOCKED, Phase.RESOLVING),
        moved(Phase.RESOLVING, Phase.BLOCKED),
    ],
)
def test_what_befalls_it_does_not(event: Event) -> None:
    assert not moves(event)


def test_who_asks_for_a_slot_of_a_blocked_project_brings_it_no_further() -> None:
    assert not moves(SlotRequested(agent="ada", wait_seconds=9), Phase.BLOCKED)


def test_nor_does_an_attempt_that_one_of_our_own_begins() -> None:
    assert not moves(ASKED, actor="psmp_resolver")


def test_progress_ends_the_recovery_and_a_try_that_failed_does_not() -> None:
    stuck = project(PLANNED, STUCK, RECHECK)
    assert (stuck.stalled, stuck.recovery, stuck.stepped, stuck.progress) == (
        True,
        ("recheck",),
        "2026-11-21T10:00:04.000000Z",
        "2026-11-21T10:00:02.000000Z",
    )
    on = project(PLANNED, STUCK, RECHECK, declared("api"))
    assert (on.stalled, on.recovery, on.progress) == (False, (), "2026-11-21T10:00:05.000000Z")
    blocked = moved(Phase.PLANNING, Phase.BLOCKED)
    tried = project(PLANNED, blocked, STUCK, RECHECK, moved(Phase.BLOCKED, Phase.RESOLVING))
    assert (tried.stalled, tried.recovery) == (True, ("recheck",))
