"""What the checker knows of a project: who demands what, what awaits a verdict, which conflicts are open.

It is folded in place and kept small: a project of 500 artifacts with 10 dependencies each stays below half a megabyte.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Final

from pydantic_core import from_json, to_json

from psmp.compat import needs
from psmp.compat.comparison import concerned
from psmp.compat.paths.claims import Claim
from psmp.compat.requirement import Ask, Requirement, Subject, interned
from psmp.compat.standing import Declared, Standing, Touched
from psmp.log.view import Fold
from psmp.rules.conflicts import Open, after
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    ProjectChanged,
    ProjectCreated,
    ResolutionApplied,
    RetentionApplied,
)
from psmp.words.values import Conflict, PathClaim, Target


@dataclass(frozen=True, slots=True)
class Case:
    """One change that awaits its verdict: of which version of which artifact, and what it touched."""

    artifact: str
    version: int
    touched: Touched
    withdrawal: bool = False


@dataclass(slots=True)
class Docket:
    """The checker's fold.

    Invariant: ``pending`` has each case that awaits its verdict, by ``cases`` of the event that made it. A withdrawal
    is only there when a conflict is open on what was withdrawn: otherwise there is nothing to say about it.
    Invariant: ``standing`` has each artifact's latest declaration, none of a withdrawn one.
    ``versions`` has each artifact's latest version, ``changes`` the sequence at which it came, or went with it;
    ``withdrawn`` are those that went.
    ``asked`` is what the last transitive check was begun about, ``checked`` the last that ended.
    """

    targets: tuple[Target, ...] = ()
    standing: Standing = field(default_factory=lambda: Standing((Target(),)))
    versions: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Case] = field(default_factory=dict)
    conflicts: Open = field(default_factory=dict)
    detected: int = 0
    changes: dict[str, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    changed: int = 0
    asked: CompatibilityStarted | None = None
    checked: CompatibilityChecked | None = None


def cases(cause: str, artifact: str) -> tuple[str, str]:
    """How a case may be named that event ``cause`` made: by it alone, or with the artifact where it made many."""
    return cause, f"{cause}/{artifact}"


def evolve(docket: Docket, envelope: EventEnvelope) -> Docket:
    """The docket after one more event; the same object, changed in place."""
    event = envelope.data
    match event:
        case ProjectCreated():
            return Docket(event.targets, Standing(event.targets))
        case RetentionApplied():
            return Docket()
        case ProjectChanged(targets=targets) if targets != docket.targets:
            _retargeted(docket, envelope, targets)
        case ArtifactDeclared() | ArtifactAmended():
            _declared(docket, envelope, event)
        case ArtifactWithdrawn():
            _withdrawn(docket, envelope, event)
        case CompatibilityStarted():
            docket.asked = event
        case ResolutionApplied():
            _resolved(docket, envelope, event)
        case CompatibilityChecked():
            docket.checked = event
        case ArtifactAccepted() | ConflictDetected() | ConflictCleared():
            for name in cases(envelope.causationid, event.artifact):
                docket.pending.pop(name, None)
            docket.conflicts = after(docket.conflicts, event)
            found = event.conflicts if isinstance(event, ConflictDetected) else ()
            docket.detected = max([docket.detected, *(int(each.id.removeprefix("C-")) for each in found)])
        case _:
            pass
    return docket


def _is_of_many(case: str) -> bool:
    return "/" in case


def _retargeted(docket: Docket, envelope: EventEnvelope, targets: tuple[Target, ...]) -> None:
    """What is standing awaits a verdict anew, each by itself; the verdict that its declaration awaits will do."""
    before, docket.targets, docket.standing = docket.standing, targets, Standing(targets)
    docket.pending = {cause: case for cause, case in docket.pending.items() if not _is_of_many(cause)}
    awaited = {(case.artifact, case.version) for case in docket.pending.values() if not case.withdrawal}
    for name, version in docket.versions.items():
        if name in docket.withdrawn:
            continue
        touched = docket.standing.put(_read(_written(before, name)))
        if (name, version) not in awaited:
            docket.pending[cases(envelope.id, name)[1]] = Case(name, version, touched)
    docket.changed = envelope.sequence


def _superseded(docket: Docket, artifact: str) -> None:
    """What awaits a verdict for the targets alone gets it with that on the artifact's next version."""
    for name in [each for each, case in docket.pending.items() if case.artifact == artifact and _is_of_many(each)]:
        del docket.pending[name]


def _declared(docket: Docket, envelope: EventEnvelope, event: ArtifactDeclared | ArtifactAmended) -> None:
    _superseded(docket, event.artifact)
    touched = _put(docket, envelope, envelope.actor, event)
    docket.pending[envelope.id] = Case(intern(event.artifact), event.version, touched)


def _resolved(docket: Docket, envelope: EventEnvelope, event: ResolutionApplied) -> None:
    """What a resolution changed stands judged already."""
    for amendment in event.amendments:
        _put(docket, envelope, amendment.agent, amendment.declaration)
    docket.conflicts = after(docket.conflicts, event)


def _put(docket: Docket, envelope: EventEnvelope, agent: str, event: ArtifactDeclared | ArtifactAmended) -> Touched:
    name, own = intern(event.artifact), event.environment or ""
    faults: list[needs.InvalidNeed] = []  # intake lets none pass; what older ones let pass must stop nobody
    wanted = needs.read(
        name,
        agent,
        event.dependencies,
        requires_python=event.requires_python,
        environment=own,
        position=envelope.sequence,
        faults=faults,
    )
    touched = docket.standing.put(Declared(name, agent, envelope.sequence, wanted, event.paths, own, map(str, faults)))
    docket.versions[name] = event.version
    docket.withdrawn.discard(name)
    docket.changes[name] = docket.changed = envelope.sequence
    return touched


def _withdrawn(docket: Docket, envelope: EventEnvelope, event: ArtifactWithdrawn) -> None:
    _superseded(docket, event.artifact)
    touched = docket.standing.drop(event.artifact)
    docket.withdrawn.add(event.artifact)
    docket.changes[event.artifact] = docket.changed = envelope.sequence
    if concerned(docket.conflicts.values(), touched):
        docket.pending[envelope.id] = Case(event.artifact, event.version, touched, withdrawal=True)


def dump(docket: Docket) -> bytes:
    """The docket as JSON."""
    return to_json(
        {
            "targets": [each.model_dump() for each in docket.targets],
            "standing": [_written(docket.standing, name) for name in docket.versions],
            "versions": docket.versions,
            "pending": {each: [c.artifact, c.version, c.touched, c.withdrawal] for each, c in docket.pending.items()},
            "conflicts": [each.model_dump(mode="json") for each in docket.conflicts.values()],
            "detected": docket.detected,
            "changes": docket.changes,
            "withdrawn": sorted(docket.withdrawn),
            "changed": docket.changed,
            "asked": docket.asked.model_dump(mode="json") if docket.asked else None,
            "checked": docket.checked.model_dump(mode="json") if docket.checked else None,
        }
    )


def _written(standing: Standing, artifact: str) -> dict[str, Any]:
    """An artifact's declaration as plain JSON; empty for one that was withdrawn."""
    wanted, claims = standing.demands.of(artifact), standing.paths.of(artifact)
    said: Sequence[Requirement | Claim] = wanted or claims
    return {
        "artifact": artifact,
        "agent": said[0].agent if said else "",
        "position": wanted[0].position if wanted else claims[0].sequence if claims else 1,
        "requirements": [[each.subject, each.ask, each.purpose, each.location] for each in wanted],
        "claims": [claim.word().model_dump(mode="json", exclude_defaults=True) for claim in claims],
        "environment": standing.demands.environment_of(artifact),
        "unread": standing.unread.get(artifact, ()),
    }


def load(dumped: bytes) -> Docket:
    """What ``dump`` wrote down."""
    value: dict[str, Any] = from_json(dumped)
    targets = tuple(map(Target.model_validate, value["targets"]))
    found = [Conflict.model_validate(each, strict=False) for each in value["conflicts"]]
    standing = Standing(targets or (Target(),))
    for each in value["standing"]:
        standing.put(_read(each))
    return Docket(
        targets,
        standing,
        value["versions"],
        {
            identity: Case(artifact, version, Touched(tuple(Subject(*each) for each in subjects), tuple(paths)), gone)
            for identity, (artifact, version, (subjects, paths), gone) in value["pending"].items()
        },
        {conflict.id: conflict for conflict in found},
        value["detected"],
        value["changes"],
        set(value["withdrawn"]),
        value["changed"],
        CompatibilityStarted.model_validate(value["asked"], strict=False) if value["asked"] else None,
        CompatibilityChecked.model_validate(value["checked"], strict=False) if value["checked"] else None,
    )


def _read(written: dict[str, Any]) -> Declared:
    artifact, agent, position = intern(written["artifact"]), written["agent"], written["position"]
    requirements = [
        Requirement(artifact, agent, needs.subject(*subject), interned(Ask(*ask)), purpose, location, position)
        for subject, ask, purpose, location in written["requirements"]
    ]
    claims = [PathClaim.model_validate(each, strict=False) for each in written["claims"]]
    return Declared(artifact, agent, position, requirements, claims, written["environment"], written["unread"])


DOCKET_FOLD: Final = Fold("docket", 5, Docket, evolve, dump, load)
