"""A project as far as a sweep must see it, from the few kinds of events that are followed: a hint where to look. Pure.

What it does not follow are declarations and their verdicts, by far the most there is. So ``progress`` may be older than
it is; whoever finds that something may be due decides on the whole log, and keeps what it saw there.
"""

from dataclasses import replace
from typing import Final

from psmp.rules import alerts, conflicts, project, resolutions
from psmp.rules.project import Project
from psmp.words.envelope import EventEnvelope
from psmp.words.events import ConflictCleared, ConflictDetected, ResolutionApplied

FOLLOWED: Final = (
    *("project.*", "slot.*", "agent.*"),
    *("conflict.*", "resolution.*", "waiver.*", "alert.*", "letter.*"),
)


def evolve(seen: Project | None, envelope: EventEnvelope) -> Project | None:
    """What is seen after one more event; nothing changes by one that was seen already."""
    if seen is None:
        return project.evolve(None, envelope)
    if envelope.sequence <= seen.sequence:
        return seen
    event = envelope.data
    if isinstance(event, ResolutionApplied):
        return project.evolve(seen, envelope.model_copy(update={"data": event.model_copy(update={"amendments": ()})}))
    if not isinstance(event, ConflictDetected | ConflictCleared):
        return project.evolve(seen, envelope)
    now = conflicts.after(seen.conflicts, event)
    return replace(
        seen,
        sequence=envelope.sequence,
        time=envelope.time,
        progress=envelope.time,
        stalled=False,
        recovery=(),
        conflicts=now,
        resolutions=resolutions.compared(seen.resolutions, seen.conflicts, now, envelope.sequence),
        alerts=alerts.about(seen.alerts, now),
    )


def kept(whole: Project) -> Project:
    """What is kept of a project that was seen as a whole."""
    return replace(whole, artifacts={})
