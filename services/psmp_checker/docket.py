"""What the checker knows of a project: who demands what, what awaits a verdict, which conflicts are open.

It is folded in place and kept small: a project of 500 artifacts with 10 dependencies each stays below half a megabyte.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Final

from pydantic_core import from_json, to_json

from psmp.compat import needs
from psmp.compat.evidence import topic
from psmp.compat.requirement import Ask, Requirement, Subject, interned
from psmp.compat.standing import Standing
from psmp.log.view import Fold
from psmp.rules.conflicts import Open, after
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ConflictCleared,
    ConflictDetected,
    ProjectCreated,
)
from psmp.words.values import Conflict, Target


@dataclass(frozen=True, slots=True)
class Case:
    """One change that awaits its verdict: of which version of which artifact, and the subjects that it touched."""

    artifact: str
    version: int
    touched: tuple[Subject, ...]
    withdrawal: bool = False


@dataclass(slots=True)
class Docket:
    """The checker's fold.

    Invariant: ``pending`` has each case that awaits its verdict, by the id of the event that made it. A withdrawal is
    only there when a conflict is open on what was withdrawn: otherwise there is nothing to say about it.
    Invariant: ``standing`` has each artifact's latest declaration, none of a withdrawn one.
    ``versions`` has each artifact's latest version.
    """

    targets: tuple[Target, ...] = ()
    standing: Standing = field(default_factory=lambda: Standing((Target(),)))
    versions: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Case] = field(default_factory=dict)
    conflicts: Open = field(default_factory=dict)
    detected: int = 0


def evolve(docket: Docket, envelope: EventEnvelope) -> Docket:
    """The docket after one more event; the same object, changed in place."""
    event = envelope.data
    match event:
        case ProjectCreated():
            return Docket(event.targets, Standing(event.targets))
        case ArtifactDeclared() | ArtifactAmended():
            _declared(docket, envelope, event)
        case ArtifactWithdrawn():
            _withdrawn(docket, envelope.id, event)
        case ArtifactAccepted() | ConflictDetected() | ConflictCleared():
            docket.pending.pop(envelope.causationid, None)
            docket.conflicts = after(docket.conflicts, event)
            found = event.conflicts if isinstance(event, ConflictDetected) else ()
            docket.detected = max([docket.detected, *(int(each.id.removeprefix("C-")) for each in found)])
        case _:
            pass
    return docket


def _declared(docket: Docket, envelope: EventEnvelope, event: ArtifactDeclared | ArtifactAmended) -> None:
    name, own = intern(event.artifact), event.environment or ""
    faults: list[needs.InvalidNeed] = []  # intake lets none pass; what older ones let pass must stop nobody
    wanted = needs.read(
        name,
        envelope.actor,
        event.dependencies,
        requires_python=event.requires_python,
        environment=own,
        position=envelope.sequence,
        faults=faults,
    )
    touched = docket.standing.put(name, wanted, own, map(str, faults))
    docket.pending[envelope.id] = Case(name, event.version, touched)
    docket.versions[name] = event.version


def _withdrawn(docket: Docket, identity: str, event: ArtifactWithdrawn) -> None:
    touched = docket.standing.drop(event.artifact)
    if concerned(docket.conflicts, touched):
        docket.pending[identity] = Case(event.artifact, event.version, touched, withdrawal=True)


def concerned(conflicts: Open, touched: Iterable[Subject]) -> dict[tuple[str, ...], Conflict]:
    """The open conflicts on what was touched, by what makes each the same conflict."""
    topics = frozenset(map(topic, touched))
    return {each.identity: each for each in conflicts.values() if each.identity[:-1] in topics}


def dump(docket: Docket) -> bytes:
    """The docket as JSON."""
    demands = docket.standing.demands
    return to_json(
        {
            "targets": [each.model_dump() for each in docket.targets],
            "standing": [
                [
                    name,
                    demands.environment_of(name),
                    docket.standing.unread.get(name, ()),
                    [[r.agent, r.subject, r.ask, r.purpose, r.location, r.position] for r in demands.of(name)],
                ]
                for name in docket.versions
            ],
            "versions": docket.versions,
            "pending": {each: [c.artifact, c.version, c.touched, c.withdrawal] for each, c in docket.pending.items()},
            "conflicts": [each.model_dump(mode="json") for each in docket.conflicts.values()],
            "detected": docket.detected,
        }
    )


def load(dumped: bytes) -> Docket:
    """What ``dump`` wrote down."""
    value: dict[str, Any] = from_json(dumped)
    targets = tuple(map(Target.model_validate, value["targets"]))
    found = [Conflict.model_validate(each, strict=False) for each in value["conflicts"]]
    standing = Standing(targets or (Target(),))
    for artifact, environment, unread, rows in value["standing"]:
        name = intern(artifact)
        standing.put(
            name,
            [
                Requirement(name, agent, needs.subject(*subject), interned(Ask(*ask)), purpose, location, position)
                for agent, subject, ask, purpose, location, position in rows
            ],
            environment,
            unread,
        )
    return Docket(
        targets,
        standing,
        value["versions"],
        {
            identity: Case(artifact, version, tuple(Subject(*each) for each in touched), withdrawal)
            for identity, (artifact, version, touched, withdrawal) in value["pending"].items()
        },
        {conflict.id: conflict for conflict in found},
        value["detected"],
    )


DOCKET_FOLD: Final = Fold("docket", 3, Docket, evolve, dump, load)
