"""What may be pruned, and when."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.retention import SOURCE, Glance, Run, Standing, is_held, kept, prune, standing
from psmp.words.envelope import NOBODY
from psmp.words.events import AgentReturned, Event, HoldPlaced, HoldReleased, RetentionApplied, RetentionChanged
from psmp.words.values import Phase
from tests.histories import History, created, moved

PATH = (Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED, Phase.ARCHIVED)
THEN = datetime(2026, 11, 1, tzinfo=UTC)
PLACED, RELEASED = HoldPlaced(reason="case"), HoldReleased(reason="closed")
OTHER = AgentReturned(agent="ada", last_seen="2026-11-21T10:00:00.000000Z")


@pytest.mark.parametrize(
    ("days", "after", "found", "expected"),
    [
        (90, timedelta(days=90), Glance(THEN, 6), Standing.DUE),
        (0, timedelta(0), Glance(THEN, 6), Standing.DUE),
        (90, timedelta(days=90) - timedelta(microseconds=1), Glance(THEN, 6), Standing.YOUNG),
        (90, timedelta(days=1000), Glance(THEN, 6, held=True), Standing.HELD),
        (90, timedelta(days=1000), Glance(THEN, 6, signed=False), Standing.UNSIGNED),
        (None, timedelta(days=1000), Glance(THEN, 6), Standing.KEPT),
        (None, timedelta(days=1000), Glance(THEN, 6, held=True), Standing.HELD),
        (90, timedelta(days=1000), Glance(THEN, 7, pruned=6), Standing.PRUNED),
        (90, timedelta(days=1000), Glance(THEN, 8, pruned=6), Standing.DUE),
        (None, timedelta(0), Glance(THEN, 7, pruned=6, left=True), Standing.BEGUN),
        (90, timedelta(0), Glance(THEN, 9, pruned=6, left=True), Standing.BEGUN),
        (90, timedelta(days=1000), Glance(THEN, 8, pruned=6, left=True, held=True), Standing.HALTED),
    ],
)
def test_due_is_what_was_archived_long_enough_ago_is_signed_and_is_not_held(
    days: int | None, after: timedelta, found: Glance, expected: Standing
) -> None:
    assert standing(found, days, THEN + after) is expected


@pytest.mark.parametrize(
    ("found", "upto"),
    [
        (Glance(THEN, 6), 6),
        (Glance(THEN, 7, pruned=6), 6),
        (Glance(THEN, 9, pruned=6), 9),
        (Glance(THEN, 9, pruned=6, left=True), 6),
    ],
)
def test_what_was_begun_is_brought_to_its_end_before_more_is_pruned(found: Glance, upto: int) -> None:
    assert found.upto == upto


RUN = Run("019a8b7c-0000-7000-8000-000000000001", "records-office", THEN + timedelta(days=90))


def project(*events: Event) -> Project | None:
    """A project after its events."""
    history = History()
    view = View(history.key, PROJECT_FOLD)
    for event in events:
        view.advance(history.add(event, time="2026-11-01T00:00:00Z"))
    return view.state


ENDED = tuple(moved(origin, to) for origin, to in pairwise(PATH))


def test_what_is_pruned_is_recorded_with_the_run_and_with_what_is_needed_to_go_on() -> None:
    event = prune(project(created(), *ENDED), 90, RUN)
    assert event == RetentionApplied(
        upto=5,
        run=RUN.id,
        approver="records-office",
        reason="archived more than 90 days ago",
        days=90,
        created="2026-11-01T00:00:00Z",
        since="2026-11-01T00:00:00Z",
        creator="ada",
    )
    assert RUN.provenance == (SOURCE, "operator", RUN.id, RUN.id, None, NOBODY)


@pytest.mark.parametrize(
    ("found", "days"),
    [
        (None, 90),
        (project(created(), *ENDED[:-1]), 90),
        (project(created(), *ENDED), None),
        (project(created(), *ENDED), 91),
        (project(created(), *ENDED, PLACED), 90),
        (project(created(), *ENDED, PLACED, RELEASED, PLACED), 90),
    ],
)
def test_nothing_is_pruned_that_is_not_archived_long_enough_or_is_held(found: Project | None, days: int | None) -> None:
    assert prune(found, days, RUN) is None


def test_what_is_pruned_is_not_pruned_again_until_something_has_come_behind_it() -> None:
    whole = project(created(), *ENDED)
    event = prune(whole, 90, RUN)
    assert event is not None
    again = project(created(), *ENDED, event)
    assert prune(again, 90, RUN) is None
    assert prune(project(created(), *ENDED, event, PLACED, RELEASED), 90, RUN) is not None


def test_the_word_said_last_counts_for_each_tenant_and_silence_is_for_ever() -> None:
    def said(tenant: str, days: int | None) -> Event:
        return RetentionChanged(tenant=tenant, days=days, reason="policy")

    assert kept([said("a", 9), said("b", 1), OTHER, said("a", 8), said("b", None), said("c", None)]) == {"a": 8}


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([], False),
        ([OTHER], False),
        ([PLACED, OTHER], True),
        ([PLACED, PLACED, RELEASED], False),
        ([PLACED, RELEASED, PLACED], True),
        ([RELEASED], False),
    ],
)
def test_a_project_is_held_when_the_last_word_about_it_was_to_hold_it(events: list[Event], *, held: bool) -> None:
    assert is_held(events) is held
