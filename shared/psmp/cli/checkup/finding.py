"""What was found when something was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from psmp.cli.exits import Exit


class Health(StrEnum):
    """How something is; the later, the worse. ``unknown``: nobody could look, which is never the same as well."""

    WELL = "well"
    UNKNOWN = "unknown"
    ODD = "odd"
    BAD = "bad"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``fix`` says what to do unless it is well."""

    subject: str
    health: Health
    found: str
    fix: str = ""


def well(subject: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(subject, Health.WELL, found)


def end_of(findings: Iterable[Finding]) -> Exit:
    """How a check-up ends: well enough, something bad, or something that does not answer at all."""
    health = {finding.health for finding in findings}
    if Health.AWAY in health:
        return Exit.UNREACHABLE
    return Exit.FAULT if Health.BAD in health else Exit.DONE
