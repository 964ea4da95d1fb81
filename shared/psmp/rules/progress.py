"""Which events show that a project gets on: what agents, people and the checker do about it, not what befalls it."""

from psmp.rules.lifecycle import WORKING
from psmp.rules.planned import TaskEvent
from psmp.rules.resolutions import ResolutionEvent
from psmp.rules.slots import SlotEvent
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ConflictCleared,
    ConflictDetected,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionRequested,
    SlotExpired,
    SlotRefused,
)
from psmp.words.ids import OWN_AGENTS
from psmp.words.orchestration.facts import RunEvent, SubPacFailed, SubPacIssued
from psmp.words.values import Phase

_MADE = (
    *(ArtifactDeclared, ArtifactAmended, ArtifactWithdrawn),
    *(ArtifactAccepted, ConflictDetected, ConflictCleared),
)
_BESET = frozenset({Phase.BLOCKED, Phase.RESOLVING})


def gets_on(phase: Phase, envelope: EventEnvelope) -> bool:
    """Whether the event is progress of a project that was in ``phase``.

    While it is blocked, only what is done about its conflicts is: who asks for a slot then, or an attempt that fails,
    brings it no further. So between BLOCKED and RESOLVING it may go to and fro without getting on.
    """
    event = envelope.data
    if isinstance(event, ProjectTransitioned):
        return not {event.origin, event.to} <= _BESET
    if isinstance(event, SlotEvent):
        return phase in WORKING and not isinstance(event, SlotExpired | SlotRefused)
    if isinstance(event, RunEvent):
        return phase in WORKING and not isinstance(event, SubPacIssued | SubPacFailed)
    if isinstance(event, ResolutionEvent):
        asked = isinstance(event, ResolutionRequested) and not envelope.actor.startswith(OWN_AGENTS)
        return asked or isinstance(event, ResolutionAnswered | ResolutionApplied)
    if isinstance(event, TaskEvent):
        return phase in WORKING
    return isinstance(event, _MADE)
