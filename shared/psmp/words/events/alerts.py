"""Events that call for somebody, and what became of dead letters."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.values import AlertId, ConflictId, Severity, Word


class AlertRaised(Word):
    """Something that somebody should know. ``person``: it stands in the inbox until a person has taken it in hand.

    ``alert`` names what it is about, for example ``conflict-C-3`` or ``letter-17``; while it is open it is raised once.
    """

    KIND: ClassVar = "alert.raised"
    alert: AlertId
    severity: Severity
    text: str
    hint: str = ""
    person: bool = False
    conflict: ConflictId | None = None


class AlertAcknowledged(Word):
    """A person has taken an alert in hand."""

    KIND: ClassVar = "alert.acknowledged"
    alert: AlertId
    reason: str


class AlertCleared(Word):
    """What an alert was raised for is over."""

    KIND: ClassVar = "alert.cleared"
    alert: AlertId
    reason: str


class LetterRetried(Word):
    """A dead letter, by its sequence in ``PSMP_DLQ``, is to be handled once more."""

    KIND: ClassVar = "letter.retried"
    letter: Annotated[int, Field(ge=1)]
    reason: str


class LetterDropped(Word):
    """A dead letter was given up; its bytes stay in ``PSMP_DLQ``."""

    KIND: ClassVar = "letter.dropped"
    letter: Annotated[int, Field(ge=1)]
    reason: str
