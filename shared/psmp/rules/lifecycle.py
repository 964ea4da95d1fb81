"""The lifecycle of a project, as one table: what may follow what, and who may ask for it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from psmp.words.values import Phase


class By(StrEnum):
    """Whose a transition is: ``people`` (and agents) ask for it; the ``keeper`` derives it from open conflicts."""

    PEOPLE = "people"
    KEEPER = "keeper"


TRANSITIONS: Final[Mapping[Phase, Mapping[Phase, By]]] = MappingProxyType(
    {
        Phase.INITIALIZED: {Phase.PLANNING: By.PEOPLE, Phase.ARCHIVED: By.PEOPLE},
        Phase.PLANNING: {Phase.IN_PROGRESS: By.PEOPLE, Phase.BLOCKED: By.KEEPER, Phase.ARCHIVED: By.PEOPLE},
        Phase.IN_PROGRESS: {Phase.COMPLETED: By.PEOPLE, Phase.BLOCKED: By.KEEPER, Phase.ARCHIVED: By.PEOPLE},
        Phase.BLOCKED: {Phase.RESOLVING: By.KEEPER},
        Phase.RESOLVING: {Phase.IN_PROGRESS: By.KEEPER, Phase.BLOCKED: By.KEEPER, Phase.ARCHIVED: By.PEOPLE},
        Phase.COMPLETED: {Phase.ARCHIVED: By.PEOPLE},
        Phase.ARCHIVED: {},
    }
)

WORKING: Final = frozenset({Phase.PLANNING, Phase.IN_PROGRESS})
"""Phases in which agents may get a slot."""

STOPPED: Final = frozenset({Phase.BLOCKED, Phase.RESOLVING})
"""Phases in which conflicts stand in the way of work."""

OPEN: Final = WORKING | STOPPED
"""Phases in which artifacts may be declared, amended and withdrawn: what was made must be said, even while blocked."""


UNDER_WAY: Final = OPEN | {Phase.INITIALIZED}
"""Phases of a project that has not come to its end: it may be changed, and tasks be planned in it."""


class IllegalTransition(ValueError):
    """The table has no such transition; ``legal`` names the ones it has from there."""

    def __init__(self, origin: Phase, to: Phase) -> None:
        self.origin, self.to, self.legal = origin, to, tuple(TRANSITIONS[origin])
        super().__init__(f"{origin} > {to} is not in the lifecycle; from {origin} legal is: {named(self.legal)}")


def advance(phase: Phase, to: Phase) -> Phase:
    """``to``, if the table lets ``phase`` become it; raises ``IllegalTransition``."""
    if to not in TRANSITIONS[phase]:
        raise IllegalTransition(phase, to)
    return to


def by_request(phase: Phase) -> tuple[Phase, ...]:
    """The phases that people may ask for from ``phase``."""
    return tuple(to for to, by in TRANSITIONS[phase].items() if by is By.PEOPLE)


def named(phases: tuple[Phase, ...]) -> str:
    """Phases in a sentence; says so when there are none."""
    return ", ".join(phases) or "nothing, it is final"


def diagram() -> str:
    """The table as a Mermaid state diagram; the documentation shows exactly this."""
    arrows = (f"    {a} --> {b}: {by}" for a, row in TRANSITIONS.items() for b, by in row.items())
    first, last = f"    [*] --> {Phase.INITIALIZED}", f"    {Phase.ARCHIVED} --> [*]"
    return "\n".join(("stateDiagram-v2", first, *arrows, last, ""))
