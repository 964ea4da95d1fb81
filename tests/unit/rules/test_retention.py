"""What may be pruned, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from psmp.rules.retention import Standing, is_held, kept, standing
from psmp.words.events import AgentReturned, Event, HoldPlaced, HoldReleased, RetentionChanged

THEN = datetime(2026, 11, 1, tzinfo=UTC)
PLACED, RELEASED = HoldPlaced(reason="case"), HoldReleased(reason="closed")
OTHER = AgentReturned(agent="ada", last_seen="2026-11-21T10:00:00.000000Z")


@pytest.mark.parametrize(
    ("days", "after", "held", "expected"),
    [
        (90, timedelta(days=90), False, Standing.DUE),
        (90, timedelta(days=90) - timedelta(microseconds=1), False, Standing.YOUNG),
        (90, timedelta(days=1000), True, Standing.HELD),
        (None, timedelta(days=1000), False, Standing.KEPT),
        (None, timedelta(days=1000), True, Standing.HELD),
    ],
)
def test_due_is_what_was_archived_long_enough_ago_and_is_not_held(
    days: int | None, after: timedelta, *, held: bool, expected: Standing
) -> None:
    assert standing(THEN, days, THEN + after, held=held) is expected


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
