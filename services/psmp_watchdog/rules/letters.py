"""What is said of a dead letter: an alert that lays it before a person."""

from typing import Final

from psmp.rules.alerts import of_letter
from psmp.rules.project import Project
from psmp.words.events import AlertRaised
from psmp.words.values import Severity

RESOLVER: Final = "resolver"


def alert(project: Project, number: int, service: str, subject: str, reason: str) -> AlertRaised:
    """The alert about letter ``number``, which is what ``service`` gave up of ``subject``, and why.

    What the resolver gave up lies before a person as the conflict that it is about: once is enough.
    """
    known = service == RESOLVER and any(each.conflict is not None for each in project.alerts.values())
    return AlertRaised(
        alert=of_letter(number),
        severity=Severity.HIGH,
        text=f"{service} gave up {subject}: {reason}",
        hint=f"psmp dlq show {number}, then psmp dlq retry {number} or psmp dlq drop {number}",
        person=not known,
    )
