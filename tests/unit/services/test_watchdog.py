"""What the watchdog decides, as of a given moment."""

from datetime import UTC, datetime, timedelta

from psmp.rules.project import Project
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    Event,
    ProjectStalled,
    ProjectTransitioned,
    SlotExpired,
    SlotGranted,
)
from psmp.words.values import Phase
from psmp_watchdog.rules import Beats, sweep
from tests.unit.services.history import PLANNED, STARTED, Said, project

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
GRANTED = SlotGranted(agent="coder", lease_seconds=90)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def swept(history: tuple[Said, ...], beats: Beats, seconds: float) -> Event | None:
    return sweep(project(*history), beats, at(seconds))


def test_a_slot_expires_when_its_agent_is_silent_for_longer_than_the_lease() -> None:
    history = (PLANNED, GRANTED)  # granted at second 3
    assert swept(history, {}, 93) is None
    assert swept(history, {}, 94) == _expired("2026-11-21T10:00:03.000000Z")
    assert swept(history, {"coder": at(60)}, 150) is None
    assert swept(history, {"coder": at(60)}, 151) == _expired("2026-11-21T10:01:00.000000Z")


def _expired(last_seen: str) -> SlotExpired:
    return SlotExpired(agent="coder", last_seen=last_seen, fence=3, reason="silent")


def test_a_silent_agent_is_told_once_and_again_when_it_returns() -> None:
    silenced = AgentSilenced(agent="coder", last_seen="2026-11-21T10:00:10.000000Z")
    assert swept((PLANNED,), {"coder": at(10)}, 100) is None
    assert swept((PLANNED,), {"coder": at(10)}, 101) == silenced
    assert swept((PLANNED, silenced), {"coder": at(10)}, 500) is None
    returned = swept((PLANNED, silenced), {"coder": at(499)}, 500)
    assert returned == AgentReturned(agent="coder", last_seen="2026-11-21T10:08:19.000000Z")
    assert swept((PLANNED, silenced, returned), {"coder": at(499)}, 500) is None


def test_a_project_is_stalled_when_it_stays_in_one_phase_beyond_its_policy() -> None:
    history = (PLANNED, STARTED)  # in progress since second 3
    assert swept(history, {}, 3603) is None
    stalled = ProjectStalled(phase=Phase.IN_PROGRESS, since="2026-11-21T10:00:03.000000Z")
    assert swept(history, {}, 3604) == stalled
    assert swept((*history, stalled), {}, 9999) is None


def test_a_finished_project_never_stalls() -> None:
    done = ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done")
    assert swept((PLANNED, STARTED, done), {}, 999_999) is None
    assert swept((), {}, 999_999) is None


def test_everything_that_is_due_is_found_one_by_one_and_then_nothing() -> None:
    history: list[Said] = [PLANNED, GRANTED]
    beats = {"coder": at(4), "other": at(4)}
    found = []
    while event := sweep(project(*history), beats, at(7200)):
        found.append(type(event))
        history.append(event)
        assert len(found) < 10
    assert found == [SlotExpired, AgentSilenced, AgentSilenced, ProjectStalled]
    assert isinstance(project(*history), Project)
