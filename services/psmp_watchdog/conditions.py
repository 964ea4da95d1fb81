"""When a condition of the deployment is an alert: bad for some time, and over when it was well for some time. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from psmp.rules.alerts import Alerts
from psmp.words.events import AlertCleared, AlertRaised
from psmp.words.values import Severity

WELL_UNLESS_FOUND: Final = ("lag-", "stuck-", "service-", "clock-", "disk-", "stopped-")
"""How the names of those alerts begin that are over when nothing is found about them any more."""


class Level(StrEnum):
    """How it is; ``between`` is neither bad enough to call for somebody nor good enough to say that it is over."""

    WELL = "well"
    BETWEEN = "between"
    BAD = "bad"


def grade(value: float, bad: float, well: float) -> Level:
    """The level of a figure of which less is better: ``bad`` beyond the one limit, ``well`` up to the other."""
    return Level.BAD if value > bad else Level.WELL if value <= well else Level.BETWEEN


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found of one condition; it is an alert when it was bad for ``hold`` seconds.

    ``person``: it does not get well by itself, somebody must do something.
    """

    alert: str
    level: Level
    severity: Severity
    text: str
    hint: str
    hold: float = 0.0
    person: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A level and since when it is held."""

    level: Level
    since: datetime


Memory = Mapping[str, Held]
"""How each condition stood, by the name of its alert."""


def remembered(memory: Memory, readings: Iterable[Reading], alerts: Alerts, now: datetime) -> Memory:
    """What is remembered after a round. Of some, no news is good news."""
    levels = {name: Level.WELL for name in alerts if name.startswith(WELL_UNLESS_FOUND)}
    levels |= {reading.alert: reading.level for reading in readings}
    return {
        name: before if (before := memory.get(name)) and before.level is level else Held(level, now)
        for name, level in levels.items()
    }


def due(
    alerts: Alerts, readings: Iterable[Reading], memory: Memory, now: datetime, well_for: float
) -> AlertRaised | AlertCleared | None:
    """The next thing to say of the open ``alerts``: each is raised once, and cleared when it was well for ``well_for``.

    Who has not seen it well for so long itself clears nothing that another one has raised.
    """
    for reading in readings:
        held = memory[reading.alert]
        if (
            held.level is Level.BAD
            and reading.alert not in alerts
            and now - held.since >= timedelta(seconds=reading.hold)
        ):
            return AlertRaised(
                alert=reading.alert,
                severity=reading.severity,
                text=reading.text,
                hint=reading.hint,
                person=reading.person,
            )
    for name in alerts:
        seen = memory.get(name)
        if seen and seen.level is Level.WELL and now - seen.since >= timedelta(seconds=well_for):
            return AlertCleared(alert=name, reason=f"it has been well since {seen.since:%Y-%m-%d %H:%M:%SZ}")
    return None
