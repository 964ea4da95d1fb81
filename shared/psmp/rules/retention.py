"""What may be pruned: what was archived longer ago than its tenant keeps it, and lies under no legal hold. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from psmp.rules.project import Project
from psmp.words.envelope import Provenance
from psmp.words.events import Event, HoldPlaced, HoldReleased, RetentionApplied, RetentionChanged
from psmp.words.ids import OPERATOR
from psmp.words.values import Phase

SOURCE: Final = "/psmp/retention"


class Standing(StrEnum):
    """Whether the bodies of an archived project's events may be pruned, and why not."""

    DUE = "due"
    YOUNG = "not yet"
    HELD = "held"
    KEPT = "kept for ever"
    UNSIGNED = "not signed"
    """No checkpoint covers them: when they are gone nothing would prove their hashes."""
    BEGUN = "begun"
    """It is recorded that they are pruned, and not all are gone."""
    HALTED = "halted by a hold"
    """As ``BEGUN``, and a hold was placed since: what is left stays."""
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of an archived project without folding it.

    ``sequence`` is that of its last event, ``pruned`` up to where it was pruned last; ``left`` is whether bodies are
    left of that. ``signed`` is whether a checkpoint covers it.
    """

    since: datetime
    sequence: int
    pruned: int = 0
    held: bool = False
    left: bool = False
    signed: bool = True

    @property
    def upto(self) -> int:
        """Up to where it is pruned next, or pruned on: behind what records a pruning nothing may have come."""
        return self.pruned if self.left or self.sequence == self.pruned + 1 else self.sequence


def standing(glance: Glance, days: int | None, present: datetime) -> Standing:
    """How a project stands whose tenant keeps what is archived for ``days``. What was begun is brought to its end."""
    if glance.left:
        return Standing.HALTED if glance.held else Standing.BEGUN
    if glance.held:
        return Standing.HELD
    if glance.upto == glance.pruned:
        return Standing.PRUNED
    if days is None:
        return Standing.KEPT
    if glance.since + timedelta(days=days) > present:
        return Standing.YOUNG
    return Standing.DUE if glance.signed else Standing.UNSIGNED


@dataclass(frozen=True, slots=True)
class Run:
    """One run of retention: its id, who approved it, and when it is."""

    id: str
    approver: str
    present: datetime

    @property
    def provenance(self) -> Provenance:
        """Where what it writes comes from."""
        return Provenance(SOURCE, OPERATOR, self.id, self.id)


def prune(project: Project | None, days: int | None, run: Run) -> RetentionApplied | None:
    """What is recorded of a project that is pruned, by its whole log; None when it may not be, or is already."""
    if project is None or project.phase is not Phase.ARCHIVED or days is None:
        return None
    glance = Glance(datetime.fromisoformat(project.since), project.sequence, project.pruned, project.held)
    if standing(glance, days, run.present) is not Standing.DUE:
        return None
    return RetentionApplied(
        upto=project.sequence,
        run=run.id,
        approver=run.approver,
        reason=f"archived more than {days} days ago",
        days=days,
        created=project.created,
        since=project.since,
        creator=project.creator,
    )


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
