"""A project as far as a sweep must see it, from the few kinds of events that are followed: a hint where to look. Pure.

What it does not follow are declarations and their verdicts, by far the most there is. So ``progress`` may be older than
it is; whoever finds that something may be due decides on the whole log, and keeps what it saw there.
"""

from dataclasses import replace
from typing import Final

from psmp.rules import alerts, conflicts, project, resolutions, slots
from psmp.rules.project import Project
from psmp.words.envelope import EventEnvelope
from psmp.words.events import ConflictCleared, ConflictDetected, ResolutionApplied, SlotGranted, SubPacExecuted

FOLLOWED: Final = (
    *("project.*", "slot.*", "agent.*"),
    *("conflict.*", "resolution.*", "waiver.*", "alert.*", "letter.*", "subpac.executed"),
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
    if isinstance(event, SlotGranted) and event.assignment is not None:
        bare = event.model_copy(update={"assignment": None})
        return project.evolve(seen, envelope.model_copy(update={"data": bare}))
    if isinstance(event, SubPacExecuted):
        held = slots.reported(seen.slots, event.fence)
        return replace(seen, sequence=envelope.sequence, time=envelope.time, progress=envelope.time, slots=held)
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
    held = {fence: replace(slot, assignment=None) for fence, slot in whole.slots.held.items()}
    return replace(whole, artifacts={}, runs={}, slots=replace(whole.slots, held=held))
