"""Histories for tests of rules: events wrapped, one second apart, and folded."""

from collections.abc import Iterator
from typing import TypeVar

from psmp.log.port import Record
from psmp.log.view import Fold, View
from psmp.rules.project import Project, evolve
from psmp.words.envelope import EventEnvelope, Link, Provenance, Stamp, open_event, seal_event
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectChanged,
    ProjectCreated,
    ProjectTransitioned,
)
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.values import Conflict, Dependency, Party, Phase, Policy, Severity, Target

S = TypeVar("S")

KEY = ProjectKey("acme", "rag")
CREATED = ProjectCreated(name="RAG chatbot", targets=(Target(),), policy=Policy())
PLANNED = ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="go")
STARTED = ProjectTransitioned(origin=Phase.PLANNING, to=Phase.IN_PROGRESS, reason="plan accepted")
BLOCKED = ProjectTransitioned(origin=Phase.PLANNING, to=Phase.BLOCKED, reason="C-1")

Said = Event | tuple[str, Event]


def declared(artifact: str, *needs: str, version: int = 1) -> ArtifactDeclared | ArtifactAmended:
    """A declaration of ``artifact`` that needs ``pandas>=2`` and the like."""
    shape = ArtifactDeclared if version == 1 else ArtifactAmended
    return shape(artifact=artifact, version=version, type="code", dependencies=tuple(map(_dependency, needs)))


def accepted(artifact: str, version: int = 1) -> ArtifactAccepted:
    """The verdict that ``artifact`` stands."""
    return ArtifactAccepted(artifact=artifact, version=version)


def clash(name: str, *artifacts: str, severity: Severity = Severity.CRITICAL) -> Conflict:
    """An open conflict of ``artifacts``."""
    parties = tuple(Party(artifact=each, version=1, agent="coder", constraint="", sequence=1) for each in artifacts)
    return Conflict(
        id=name,
        kind="version",
        ecosystem="pypi",
        subject="pandas",
        scope="runtime",
        severity=severity,
        environments=("python3.11-linux",),
        causes=(artifacts,),
        parties=parties,
        text=f"{name} is why.",
    )


def detected(artifact: str, *conflicts: Conflict) -> ConflictDetected:
    """The verdict that ``artifact`` is in conflict."""
    return ConflictDetected(artifact=artifact, version=1, conflicts=conflicts)


def cleared(artifact: str, *names: str, version: int = 2) -> ConflictCleared:
    """The verdict that conflicts are gone because of ``artifact``."""
    return ConflictCleared(artifact=artifact, version=version, cleared=names)


def envelopes(*said: Said) -> Iterator[EventEnvelope]:
    """The events as a log would hold them, said by ``coder`` unless another agent is named."""
    made: dict[tuple[str, int], str] = {}
    for number, each in enumerate(said, 1):
        agent, event = each if isinstance(each, tuple) else ("coder", each)
        identity = cause = uuid7(number, bytes(10))
        match event:
            case ArtifactDeclared() | ArtifactAmended() | ArtifactWithdrawn():
                made[event.artifact, event.version] = identity
            case ProjectChanged():
                made = dict.fromkeys(made, identity)
            case ArtifactAccepted() | ConflictDetected() | ConflictCleared():
                cause = made[event.artifact, event.version]
        stamp = Stamp(identity, f"2026-11-21T10:{number // 60:02}:{number % 60:02}.000000Z")
        raw = seal_event(KEY, event, Link(number, "0" * 64), Provenance("/psmp/intake", agent, cause, cause), stamp)
        yield open_event(raw)


def project(*said: Said) -> Project:
    """The project after these events, the creation first."""
    state: Project | None = None
    for envelope in envelopes(CREATED, *said):
        state = evolve(state, envelope)
    assert state is not None
    return state


def view(fold: Fold[S], *said: Said) -> View[S]:
    """A view of any fold after these events, chained as in a real log, the creation first."""
    seen = View(KEY, fold)
    for envelope in envelopes(CREATED, *said):
        stamp = Stamp(envelope.id, envelope.time)
        provenance = Provenance(envelope.source, envelope.actor, envelope.causationid, envelope.correlationid)
        raw = seal_event(KEY, envelope.data, seen.head.next, provenance, stamp)
        seen.advance(Record(seen.head.position + 1, KEY, envelope.data.KIND, raw))
    return seen


def _dependency(text: str) -> Dependency:
    cut = next((place for place, character in enumerate(text) if character in "<>=!~"), len(text))
    return Dependency(name=text[:cut], constraint=text[cut:])
