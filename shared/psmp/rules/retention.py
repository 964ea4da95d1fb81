"""What may be pruned: what was archived longer ago than its tenant keeps it, and lies under no legal hold. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from psmp.words.events import Event, HoldPlaced, HoldReleased, RetentionChanged


class Standing(StrEnum):
    """Whether the bodies of an archived project's events may be pruned, and why not."""

    DUE = "due"
    YOUNG = "not yet"
    HELD = "held"
    KEPT = "kept for ever"


def standing(archived: datetime, days: int | None, present: datetime, *, held: bool) -> Standing:
    """How a project stands that was archived then, and whose tenant keeps what is archived for ``days``."""
    if held:
        return Standing.HELD
    if days is None:
        return Standing.KEPT
    return Standing.DUE if archived + timedelta(days=days) <= present else Standing.YOUNG


def kept(events: Iterable[Event]) -> Mapping[str, int]:
    """For how many days each tenant keeps what is archived, by the word said last; who is missing, for ever."""
    found: dict[str, int] = {}
    for event in events:
        if isinstance(event, RetentionChanged) and event.days is not None:
            found[event.tenant] = event.days
        elif isinstance(event, RetentionChanged):
            found.pop(event.tenant, None)
    return found


def is_held(events: Iterable[Event]) -> bool:
    """Whether a legal hold lies on a project, by its events."""
    said = [event for event in events if isinstance(event, HoldPlaced | HoldReleased)]
    return bool(said) and isinstance(said[-1], HoldPlaced)
