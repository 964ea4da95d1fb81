"""Alerts are open from when they are raised until they are cleared, or what they are about is gone."""

import pytest

from psmp.rules.alerts import Alert, AlertEvent, Alerts, about, after, in_hand, of_conflict, of_letter
from psmp.words.envelope import open_event
from psmp.words.events import AlertAcknowledged, AlertCleared, AlertRaised, LetterDropped, LetterRetried
from psmp.words.values import Severity
from tests.histories import History

RAISED = AlertRaised(
    alert="conflict-C-1", severity=Severity.HIGH, text="decide", hint="so", person=True, conflict="C-1"
)
LAG = AlertRaised(alert="lag-checker", severity=Severity.LOW, text="behind")
LETTER = AlertRaised(alert="letter-7", severity=Severity.MEDIUM, text="given up", person=True)
OPEN = Alert(Severity.HIGH, "decide", "so", person=True, conflict="C-1", time="2026-11-18T00:00:00.001000Z")


def told(*events: AlertEvent) -> Alerts:
    """The alerts after these events; ``maria`` says them all."""
    history = History()
    alerts: Alerts = {}
    for event in events:
        alerts = after(alerts, open_event(history.add(event, "maria").body), event)
    return alerts


def test_an_alert_keeps_what_was_said_and_since_when() -> None:
    assert told(RAISED) == {"conflict-C-1": OPEN}


def test_what_waits_for_a_person_is_taken_in_hand_by_who_says_so() -> None:
    assert told(RAISED)["conflict-C-1"].waits
    taken = told(RAISED, AlertAcknowledged(alert="conflict-C-1", reason="mine"))["conflict-C-1"]
    assert (taken.taken, taken.waits, taken.text) == ("maria", False, "decide")
    assert not told(LAG)["lag-checker"].waits


def test_a_conflict_is_in_the_hands_of_who_took_its_alert() -> None:
    taken = told(RAISED, LAG, AlertAcknowledged(alert="conflict-C-1", reason="mine"))
    assert in_hand(taken, ("C-1", "C-2")) == {"C-1": "maria"}
    assert in_hand(taken, ("C-2",)) == in_hand(told(RAISED), ("C-1",)) == {}


def test_what_is_over_is_open_no_more() -> None:
    assert list(told(RAISED, LAG, AlertCleared(alert="lag-checker", reason="over"))) == ["conflict-C-1"]


@pytest.mark.parametrize("said", [LetterRetried(letter=7, reason="r"), LetterDropped(letter=7, reason="r")])
def test_a_letter_that_was_retried_or_dropped_alerts_nobody_any_more(said: AlertEvent) -> None:
    assert list(told(LAG, LETTER, said)) == ["lag-checker"]
    assert list(told(LAG, said)) == ["lag-checker"]


def test_an_alert_goes_with_the_conflict_that_it_is_about() -> None:
    alerts = told(RAISED, LAG)
    assert list(about(alerts, {"C-2"})) == ["lag-checker"]
    assert about(alerts, {"C-1"}) is alerts
    assert about({}, ()) == {}


def test_alerts_are_named_for_what_they_are_about() -> None:
    assert (of_conflict("C-3"), of_letter(17)) == ("conflict-C-3", "letter-17")
