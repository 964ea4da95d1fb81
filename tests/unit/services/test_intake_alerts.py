"""Whoever governs the project takes alerts and dead letters in hand, once."""

import pytest

from psmp.rules.project import Project
from psmp.words.commands import AcknowledgeAlert, Command, DropLetter, RetryLetter
from psmp.words.events import AlertAcknowledged, AlertRaised, LetterDropped, LetterRetried
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Severity
from psmp_intake.rules import decide
from tests.unit.services.history import Said
from tests.unit.services.history import project as happened

LETTER = AlertRaised(alert="letter-7", severity=Severity.MEDIUM, text="given up", person=True)
ACKNOWLEDGE = AcknowledgeAlert(alert="letter-7", reason="mine")
RETRY, DROP = RetryLetter(letter=7, reason="again"), DropLetter(letter=7, reason="not needed")


def project(*said: Said) -> Project:
    """A project that ``coder`` made, in which this happened."""
    return happened(*said)


def refusal(decision: object) -> Code | Gs:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


@pytest.mark.parametrize("command", [ACKNOWLEDGE, RETRY, DROP])
def test_who_does_not_govern_the_project_takes_nothing_in_hand(command: Command) -> None:
    decision = decide(project(LETTER), "other", command)
    assert refusal(decision) is Code.NOT_ALLOWED
    assert isinstance(decision, Refused)
    assert decision.hint == "ask coder"


def test_an_alert_is_taken_in_hand_once() -> None:
    assert decide(project(LETTER), "coder", ACKNOWLEDGE) == AlertAcknowledged(alert="letter-7", reason="mine")
    taken = project(LETTER, AlertAcknowledged(alert="letter-7", reason="mine"))
    assert refusal(decide(taken, "coder", ACKNOWLEDGE)) is Code.UNKNOWN_ALERT
    assert refusal(decide(project(), "coder", ACKNOWLEDGE)) is Code.UNKNOWN_ALERT


def test_a_letter_is_retried_or_dropped_while_it_waits() -> None:
    assert decide(project(LETTER), "coder", RETRY) == LetterRetried(letter=7, reason="again")
    assert decide(project(LETTER), "coder", DROP) == LetterDropped(letter=7, reason="not needed")
    for command in (RETRY, DROP):
        assert refusal(decide(project(), "coder", command)) is Code.UNKNOWN_LETTER
        gone = project(LETTER, LetterDropped(letter=7, reason="no"))
        assert refusal(decide(gone, "coder", command)) is Code.UNKNOWN_LETTER
