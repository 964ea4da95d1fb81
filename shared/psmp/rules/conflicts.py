"""Open conflicts as the verdicts leave them, and which of them block. Blocking is derived here, never scheduled."""

from collections.abc import Iterable, Mapping

from psmp.words.events import ConflictCleared, ConflictDetected, Event, ResolutionApplied
from psmp.words.values import Conflict, Policy, Severity

Open = Mapping[str, Conflict]
"""Open conflicts by id."""


def after(conflicts: Open, event: Event) -> Open:
    """The open conflicts after ``event``."""
    match event:
        case ConflictDetected() | ResolutionApplied():
            kept = _without(conflicts, event.cleared)
            return {**kept, **{conflict.id: conflict for conflict in event.conflicts}}
        case ConflictCleared():
            return _without(conflicts, event.cleared)
        case _:
            return conflicts


def blocking(conflicts: Iterable[Conflict], policy: Policy) -> tuple[str, ...]:
    """The ids of the conflicts that block under ``policy``, oldest first."""
    ids = (each.id for each in conflicts if policy.strict_mode or each.severity is Severity.CRITICAL)
    return tuple(sorted(ids, key=lambda name: int(name.removeprefix("C-"))))


def direct(conflicts: Iterable[Conflict]) -> tuple[str, ...]:
    """The ids of those that a resolver over PyPI would run into as well: constraints that exclude each other."""
    kinds = ("version", "reference")
    return tuple(each.id for each in conflicts if each.kind in kinds and each.ecosystem == "pypi")


def _without(conflicts: Open, gone: Iterable[str]) -> Open:
    lost = frozenset(gone)
    return {name: conflict for name, conflict in conflicts.items() if name not in lost}
