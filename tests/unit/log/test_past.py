"""A past state is the log folded up to a point, and a point that is not there is said so."""

import pytest

from psmp.log.memory import MemoryEventLog
from psmp.log.past import NoSuchPast, past, position_before
from psmp.log.view import Head
from psmp.words.envelope import Provenance, Stamp, leaf_hash, seal_event
from psmp.words.events import Event, ProjectCreated, ProjectTransitioned
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.values import Phase, Policy, Target

KEY = ProjectKey("acme", "rag")
ID = uuid7(0, bytes(10))
EVENTS: tuple[Event, ...] = (
    ProjectCreated(name="RAG", targets=(Target(),), policy=Policy()),
    ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="go"),
    ProjectTransitioned(origin=Phase.PLANNING, to=Phase.IN_PROGRESS, reason="work"),
)


@pytest.fixture
async def log() -> MemoryEventLog:
    """Three events of the project, one a minute, and one of another project between them."""
    log, head = MemoryEventLog(), Head()
    for minute, event in enumerate(EVENTS):
        stamp = Stamp(ID, f"2026-11-21T09:0{minute}:00Z")
        body = seal_event(KEY, event, head.next, Provenance("/psmp/intake", "ada", ID, ID), stamp)
        head = Head(await log.append(KEY, event.KIND, body, expected=head.position), minute + 1, leaf_hash(body))
        if minute == 0:
            await log.append(ProjectKey("acme", "other"), event.KIND, body, expected=0)
    return log


async def test_without_a_point_it_is_the_present(log: MemoryEventLog) -> None:
    project = await past(log, KEY)
    assert project is not None
    assert project.phase is Phase.IN_PROGRESS
    assert project.sequence == 3


@pytest.mark.parametrize(("sequence", "phase"), [(1, Phase.INITIALIZED), (2, Phase.PLANNING), (3, Phase.IN_PROGRESS)])
async def test_a_sequence_names_the_state_after_that_event(log: MemoryEventLog, sequence: int, phase: Phase) -> None:
    project = await past(log, KEY, sequence=sequence)
    assert project is not None
    assert (project.phase, project.sequence) == (phase, sequence)


@pytest.mark.parametrize(
    ("time", "sequence"),
    [("2026-11-21T09:00:00Z", 1), ("2026-11-21T10:01:59.999999+01:00", 2), ("2030-01-01T00:00:00Z", 3)],
)
async def test_a_time_names_the_state_after_the_last_event_not_later(
    log: MemoryEventLog, time: str, sequence: int
) -> None:
    project = await past(log, KEY, time=time)
    assert project is not None
    assert project.sequence == sequence


@pytest.mark.parametrize(
    ("point", "text"),
    [
        ({"sequence": 4}, "acme/rag has the events 1 to 3; there is no event 4"),
        ({"time": "2026-11-21T08:59:59Z"}, "was created at 2026-11-21T09:00:00Z"),
        ({"time": "yesterday"}, "'yesterday' is not an RFC 3339 time"),
        ({"time": "2026-11-21T09:00:00"}, "has no offset"),
    ],
)
async def test_a_point_that_is_not_there_is_said_so(log: MemoryEventLog, point: dict[str, str], text: str) -> None:
    with pytest.raises(NoSuchPast, match=text):
        await past(log, KEY, **point)  # type: ignore[arg-type]


async def test_a_project_without_a_log_has_no_past(log: MemoryEventLog) -> None:
    nobody = ProjectKey("acme", "nobody")
    assert await past(log, nobody) is None
    assert await past(log, nobody, sequence=1) is None


@pytest.mark.parametrize(("after", "position"), [(0, 0), (1, 1), (2, 3), (3, 4), (9, 4)])
async def test_the_position_of_an_event_is_found_by_counting(log: MemoryEventLog, after: int, position: int) -> None:
    assert await position_before(log, KEY, after) == position
