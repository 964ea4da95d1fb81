"""What the checker knows of a project: who demands what, what awaits a verdict, which conflicts are open.

It is folded in place and kept small: a project of 500 artifacts with 10 dependencies each stays below half a megabyte.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Final

from pydantic_core import from_json, to_json

from psmp.compat.demands import Demands
from psmp.compat.requirement import Requirement, canonical
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
from psmp.words.values import Conflict, Dependency, Target


@dataclass(frozen=True, slots=True)
class Case:
    """One change that awaits its verdict: of which version of which artifact, and the packages that it touched."""

    artifact: str
    version: int
    touched: tuple[str, ...]
    withdrawal: bool = False


@dataclass(slots=True)
class Docket:
    """The checker's fold.

    Invariant: ``pending`` has each case that awaits its verdict, by the id of the event that made it. A withdrawal is
    only there when a conflict is open on what was withdrawn: otherwise there is nothing to say about it.
    Invariant: ``demands`` has what each artifact's latest declaration needs, none for a withdrawn one.
    ``versions`` has each artifact's latest version, ``unchecked`` what is not looked at yet and must be said.
    """

    environments: tuple[str, ...] = ()
    demands: Demands = field(default_factory=Demands)
    versions: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Case] = field(default_factory=dict)
    unchecked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: Open = field(default_factory=dict)
    detected: int = 0


def evolve(docket: Docket, envelope: EventEnvelope) -> Docket:
    """The docket after one more event; the same object, changed in place."""
    event = envelope.data
    match event:
        case ProjectCreated():
            return Docket(tuple(_environment(target) for target in event.targets))
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
    name = intern(event.artifact)
    wanted = [
        Requirement(name, envelope.actor, each.name, each.constraint, each.purpose, envelope.sequence)
        for each in event.dependencies
        if _is_checked(each)
    ]
    docket.pending[envelope.id] = Case(name, event.version, docket.demands.put(name, wanted))
    docket.versions[name] = event.version
    left_out = tuple(_left_out(each) for each in event.dependencies if not _is_checked(each))
    if left_out:
        docket.unchecked[name] = left_out
    else:
        docket.unchecked.pop(name, None)


def _withdrawn(docket: Docket, identity: str, event: ArtifactWithdrawn) -> None:
    touched = docket.demands.drop(event.artifact)
    docket.unchecked.pop(event.artifact, None)
    if any(conflict.subject in touched for conflict in docket.conflicts.values()):
        docket.pending[identity] = Case(event.artifact, event.version, touched, withdrawal=True)


def _is_checked(dependency: Dependency) -> bool:
    return dependency.ecosystem == "pypi" and dependency.scope == "runtime" and dependency.marker is None


def _left_out(dependency: Dependency) -> str:
    if dependency.ecosystem != "pypi":
        return f"{dependency.name}: {dependency.ecosystem} is not checked yet"
    if dependency.scope != "runtime":
        return f"{canonical(dependency.name)}: the {dependency.scope} scope is not checked yet"
    return f"{canonical(dependency.name)}: markers are not checked yet"


def _environment(target: Target) -> str:
    return f"python{target.python}-{target.platform}"


def dump(docket: Docket) -> bytes:
    """The docket as JSON."""
    return to_json(
        {
            "environments": docket.environments,
            "demands": [
                [r.artifact, r.agent, r.name, r.constraint, r.purpose, r.position]
                for name in docket.versions
                for r in docket.demands.of(name)
            ],
            "versions": docket.versions,
            "pending": {each: [c.artifact, c.version, c.touched, c.withdrawal] for each, c in docket.pending.items()},
            "unchecked": docket.unchecked,
            "conflicts": [each.model_dump(mode="json") for each in docket.conflicts.values()],
            "detected": docket.detected,
        }
    )


def load(dumped: bytes) -> Docket:
    """What ``dump`` wrote down."""
    value: dict[str, Any] = from_json(dumped)
    found = [Conflict.model_validate(each, strict=False) for each in value["conflicts"]]
    return Docket(
        tuple(value["environments"]),
        _demands(value["demands"]),
        value["versions"],
        {
            identity: Case(artifact, version, tuple(touched), withdrawal)
            for identity, (artifact, version, touched, withdrawal) in value["pending"].items()
        },
        {name: tuple(texts) for name, texts in value["unchecked"].items()},
        {conflict.id: conflict for conflict in found},
        value["detected"],
    )


def _demands(rows: Iterable[list[Any]]) -> Demands:
    by_artifact: dict[str, list[Requirement]] = {}
    for row in rows:
        by_artifact.setdefault(row[0], []).append(Requirement(*row))
    demands = Demands()
    for artifact, wanted in by_artifact.items():
        demands.put(artifact, wanted)
    return demands


DOCKET_FOLD: Final = Fold("docket", 2, Docket, evolve, dump, load)
