"""What somebody should know of a project, as the log tells; what waits for a person is its inbox."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from psmp.words.envelope import EventEnvelope
from psmp.words.events import AlertAcknowledged, AlertCleared, AlertRaised, LetterDropped, LetterRetried
from psmp.words.values import Severity

AlertEvent = AlertRaised | AlertAcknowledged | AlertCleared | LetterRetried | LetterDropped


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is open since ``time``; ``taken`` is the person who has it in hand."""

    severity: Severity
    text: str
    hint: str
    person: bool
    conflict: str | None
    time: str
    taken: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it lies in the inbox."""
        return self.person and self.taken is None


WAYS_OUT = "its status shows the ways out; psmp resolve takes one"
"""What to do about an alert that lays a conflict before a person."""

Alerts = Mapping[str, Alert]
"""Open alerts by id."""


def after(alerts: Alerts, envelope: EventEnvelope, event: AlertEvent) -> Alerts:
    """The open alerts after ``event``."""
    match event:
        case AlertRaised():
            alert = Alert(event.severity, event.text, event.hint, event.person, event.conflict, envelope.time)
            return {**alerts, event.alert: alert}
        case AlertAcknowledged():
            return {**alerts, event.alert: replace(alerts[event.alert], taken=envelope.actor)}
        case AlertCleared():
            return _without(alerts, event.alert)
        case LetterRetried() | LetterDropped():
            return _without(alerts, of_letter(event.letter))
        case never:
            assert_never(never)


def about(alerts: Alerts, conflicts: Container[str]) -> Alerts:
    """The alerts without those of conflicts that are gone."""
    if all(each.conflict is None or each.conflict in conflicts for each in alerts.values()):
        return alerts
    return {name: each for name, each in alerts.items() if each.conflict is None or each.conflict in conflicts}


def in_hand(alerts: Alerts, conflicts: Container[str]) -> dict[str, str]:
    """Which of the conflicts a person has in hand, and who."""
    taken = ((each.conflict, each.taken) for each in alerts.values())
    return {conflict: who for conflict, who in taken if conflict and who and conflict in conflicts}


def of_letter(letter: int) -> str:
    """The id of the alert about a dead letter."""
    return f"letter-{letter}"


def of_conflict(conflict: str) -> str:
    """The id of the alert that lays a conflict before a person."""
    return f"conflict-{conflict}"


def _without(alerts: Alerts, gone: str) -> Alerts:
    return {name: alert for name, alert in alerts.items() if name != gone}
