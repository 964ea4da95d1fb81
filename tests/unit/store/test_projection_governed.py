"""Every change of waivers, attempts, alerts and the queue is written, and nothing else is."""

from datetime import UTC, datetime
from itertools import pairwise

from psmp.rules.project import Project, evolve
from psmp.store.projection import (
    ALERT,
    CONFLICT,
    PROJECT,
    RESOLUTION,
    SLOT,
    STATE,
    WAITING,
    WEBHOOK,
    Changes,
    Row,
    changes,
)
from psmp.words.envelope import open_event
from psmp.words.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Event,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRequested,
    SlotGranted,
    SlotLeft,
    SlotRenewed,
    SlotRequested,
    WaiverExpired,
    WebhookAdded,
    WebhookEnded,
    WebhookRemoved,
)
from psmp.words.values import Change, Limits, Phase, Severity
from tests.histories import KEY, History, conflict, created, declared, detected, identity, moved

BEGUN = (
    created(),
    moved(Phase.INITIALIZED, Phase.PLANNING),
    declared("a"),
    declared("b"),
    detected("b", conflict(1, "a", "b"), conflict(2, "a", "b")),
)
CHANGE = Change(artifact="a", agent="ada", name="numpy", constraint=">=2")
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="waive", reason="go", seconds=9)
WAIVED = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="go", seconds=9)


def written(*events: Event) -> list[Changes]:
    """What is written for each of these events, which follow on open conflicts of a and b; the first is event 6."""
    history = History()
    states: list[Project] = []
    project: Project | None = None
    for event in (*BEGUN, *events):
        project = evolve(project, open_event(history.add(event).body))
        states.append(project)
    return [changes(KEY, before, after) for before, after in pairwise(states[len(BEGUN) - 1 :])]


def tables(made: Changes) -> tuple[list[str], list[str]]:
    """The tables of which rows are written and taken away."""
    return (
        [table.name for table in STATE for _ in made.upserts[table]],
        [table.name for table in STATE for _ in made.gone[table]],
    )


def test_a_waiver_is_written_to_its_conflict_and_taken_away_when_it_is_over() -> None:
    asked, waived, expired = written(ASKED, WAIVED, WaiverExpired(conflict="C-1", resolution="R-1"))
    assert tables(asked) == (["project", "resolution"], [])
    assert tables(waived) == (["project", "conflict"], ["resolution"])
    assert tables(expired) == (["project", "conflict"], [])
    assert [blocking_and_waiver(made.upserts[CONFLICT]) for made in (waived, expired)] == [
        {"C-1": (False, True)},
        {"C-1": (True, False)},
    ]


def blocking_and_waiver(rows: list[Row]) -> dict[str, tuple[bool, bool]]:
    return {row[2]: (row[8], row[12] is not None) for row in rows}


def test_a_waiver_that_falls_with_a_change_of_its_conflict_is_taken_away() -> None:
    wider = conflict(1, "a", "b", "c")
    *_, changed = written(ASKED, WAIVED, declared("c"), detected("c", wider))
    assert blocking_and_waiver(changed.upserts[CONFLICT]) == {"C-1": (True, False)}


def test_a_webhook_is_written_as_it_is_until_it_is_removed() -> None:
    added = WebhookAdded(webhook="ops", url="https://hooks.example/psmp", kinds=("alert.*",))
    ended = WebhookEnded(webhook="ops", reason="it wants nothing any more")
    first, second, last = written(added, ended, WebhookRemoved(webhook="ops"))
    ((*place, url, kinds, by, since, sequence, over, reason),) = first.upserts[WEBHOOK]
    assert (place, url, kinds, by, sequence) == ([*KEY, "ops"], "https://hooks.example/psmp", '["alert.*"]', "ada", 6)
    assert (isinstance(since, datetime), over, reason) == (True, None, "")
    ((*_, over, reason),) = second.upserts[WEBHOOK]
    assert (over >= since, reason) == (True, "it wants nothing any more")
    assert tables(last) == (["project"], ["webhook"])
    assert last.gone[WEBHOOK] == [(*KEY, "ops")]


def test_each_step_of_an_attempt_is_written_until_it_ends() -> None:
    proposed = ResolutionProposed(
        resolution="R-1", conflict="C-1", changes=(CHANGE,), agents=("ada",), seconds=60, text="a"
    )
    answered = ResolutionAnswered(resolution="R-1", agent="ada", answer="yes")
    steps = written(ASKED, proposed, answered, ResolutionFailed(resolution="R-1", conflict="C-1", reason="no"))
    stages = [[row[2:5] for row in made.upserts[RESOLUTION]] for made in steps]
    assert stages == [[("R-1", "C-1", "requested")], [("R-1", "C-1", "proposed")], [("R-1", "C-1", "proposed")], []]
    assert steps[-1].gone[RESOLUTION] == [(*KEY, "R-1")]


def test_who_waits_has_a_row_until_it_runs_or_leaves() -> None:
    limits = Limits(cpus=2.0)
    asked, other, left, granted, renewed = written(
        SlotRequested(agent="ada", wait_seconds=60, limits=limits),
        SlotRequested(agent="bob", wait_seconds=60),
        SlotLeft(agent="bob", request=identity(7)),
        SlotGranted(agent="ada", lease_seconds=9, term_seconds=99, limits=limits, request=identity(6)),
        SlotRenewed(agent="ada", fence=9, term_seconds=100),
    )
    assert [row[2:] for row in asked.upserts[WAITING]] == [
        (identity(6), "ada", open_time(6), 60, '{"cpus":2.0,"memory_mb":null}')
    ]
    assert [row[2] for row in other.upserts[WAITING]] == [identity(7)]
    assert tables(left) == (["project"], ["waiting"])
    assert tables(granted) == (["project", "slot"], ["waiting"])
    assert [(row[2], row[3], row[8]) for row in granted.upserts[SLOT]] == [(9, "ada", 99)]
    assert [(row[2], row[7], row[8]) for row in renewed.upserts[SLOT]] == [(9, open_time(10), 100)]


def open_time(number: int) -> datetime:
    """When event ``number`` happened."""
    return datetime(2026, 11, 18, 0, 0, 0, 1000 * number, tzinfo=UTC)


def test_an_alert_has_a_row_from_when_it_is_raised_until_it_is_over() -> None:
    raised, taken, cleared = written(
        AlertRaised(alert="lag", severity=Severity.LOW, text="behind", hint="wait", person=True),
        AlertAcknowledged(alert="lag", reason="mine"),
        AlertCleared(alert="lag", reason="over"),
    )
    assert [row[2:8] for row in raised.upserts[ALERT]] == [("lag", "low", "behind", "wait", True, None)]
    assert [row[9] for row in taken.upserts[ALERT]] == ["ada"]
    assert tables(cleared) == (["project"], ["alert"])


def test_an_alert_goes_with_the_conflict_that_it_is_about() -> None:
    raised = AlertRaised(alert="conflict-C-1", severity=Severity.LOW, text="x", person=True, conflict="C-1")
    gone = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="change", reason="go", cleared=("C-1",))
    *_, resolved = written(raised, ASKED, gone)
    assert tables(resolved) == (["project", "artifact", "artifact"], ["conflict", "resolution", "alert"])


def test_a_state_that_follows_from_a_waiver_is_that_of_the_project() -> None:
    one = written(ASKED, WAIVED)[-1]
    assert one.upserts[PROJECT][0][4] is Phase.BLOCKED, "the other one blocks still"
    second = ASKED.model_copy(update={"resolution": "R-2", "conflict": "C-2"})
    both = written(ASKED, WAIVED, second, WAIVED.model_copy(update={"resolution": "R-2", "conflict": "C-2"}))[-1]
    assert both.upserts[PROJECT][0][4] is Phase.PLANNING
