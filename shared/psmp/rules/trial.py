"""What would come of changes: applied to all that stands declared and judged by the engine, before anything is written.

A resolution is good when its conflict is gone, no new one arises and none that stays weighs more than before. Of a
conflict that only a solver sees, the engine cannot say that it is gone; it says that no direct one arises or worsens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psmp.compat import needs
from psmp.compat.changed import Declaration, Inapplicable, changed
from psmp.compat.comparison import Identity, compared, concerned, number_of, worsened
from psmp.compat.paths.names import InvalidPath
from psmp.compat.standing import Declared, Judgement, Standing, Touched
from psmp.rules.project import Artifact, Project
from psmp.words.events import Amendment, ArtifactAmended
from psmp.words.values import Change, Conflict

SOLVED: Final = frozenset({"transitive", "no-version"})
"""Kinds of conflicts that only a solver finds, and clears."""


@dataclass(frozen=True, slots=True)
class Good:
    """Changes that resolve: the new declarations, and what becomes of the open conflicts."""

    changes: tuple[Change, ...]
    amendments: tuple[Amendment, ...]
    cleared: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Futile:
    """Changes that do not resolve, and why not; ``waits`` where it can be said when a verdict has come."""

    reason: str
    waits: bool = False


def tried(project: Project, target: Conflict, changes: Sequence[Change], reason: str = "") -> Good | Futile:
    """What would come of ``changes`` that are to resolve the open conflict ``target``."""
    amended = _amended(project, target, changes, reason)
    if isinstance(amended, Futile):
        return amended
    try:
        read = {
            name: _read(name, project.artifacts[name].agent, project.sequence + 1, amended[name]) for name in amended
        }
    except needs.InvalidNeed as fault:
        return Futile(f"it cannot be read: {fault}")
    standing = Standing(project.targets)
    live = {name: each for name, each in project.artifacts.items() if not each.withdrawn}
    for name, artifact in live.items():
        standing.put(_standing(name, artifact))
    touched = _together(standing.put(each) for each in read.values())
    after = standing.judge_several(tuple(amended), touched)
    for name in amended:
        standing.put(_standing(name, live[name]))
    before = standing.judge_several(tuple(amended), touched)
    versions = {name: artifact.declaration.version for name, artifact in live.items()}
    was = _conflicts(before, versions)
    now = _conflicts(after, versions | {name: each.version for name, each in amended.items()})
    moved = _moved(project, amended, was, now)
    known = concerned(project.conflicts.values(), touched)
    if futile := _lasts(target, known, now, moved) or _harms(known, was, now, moved):
        return futile
    gone = [each.id for identity, each in known.items() if identity not in now and identity not in moved.values()]
    renamed = {identity: known.get(moved.get(identity, identity)) for identity in now}
    return Good(
        tuple(changes),
        tuple(Amendment(agent=live[name].agent, declaration=each) for name, each in amended.items()),
        tuple(sorted(gone, key=number_of)),
        tuple(
            named
            for identity, old in renamed.items()
            if old is not None and (named := now[identity].model_copy(update={"id": old.id})) != old
        ),
        after.warnings,
        after.unknown,
    )


def _amended(
    project: Project, target: Conflict, changes: Sequence[Change], reason: str
) -> dict[str, ArtifactAmended] | Futile:
    """The new declarations of all that really changes."""
    amended: dict[str, ArtifactAmended] = {}
    for name in dict.fromkeys(change.artifact for change in changes):
        artifact = project.artifacts.get(name)
        if artifact is None or artifact.withdrawn:
            return Futile(f"{name} stands declared no more")
        if artifact.pending:
            return Futile(f"{name} awaits its verdict", waits=True)
        own = [change for change in changes if change.artifact == name]
        if any(change.agent != artifact.agent for change in own):
            return Futile(f"{name} is {artifact.agent}'s now")
        old = artifact.declaration
        try:
            new = changed(old, own, ecosystem=target.ecosystem, reason=reason)
        except (Inapplicable, InvalidPath) as fault:
            return Futile(str(fault))
        if any(getattr(new, each) != getattr(old, each) for each in _SAID):
            amended[name] = new
    if not amended:
        return Futile("it changes nothing")
    if target.kind in SOLVED and not any(party.artifact in amended for party in target.parties):
        return Futile(f"it changes no party to {target.id}")
    return amended


_SAID: Final = ("dependencies", "paths", "requires_python", "environment")


def _standing(name: str, artifact: Artifact) -> Declared:
    """An artifact as it stands; what of it cannot be read is unknown, as to the checker."""
    faults: list[needs.InvalidNeed] = []
    return _read(name, artifact.agent, artifact.sequence, artifact.declaration, faults)


def _read(
    name: str, agent: str, sequence: int, declaration: Declaration, faults: list[needs.InvalidNeed] | None = None
) -> Declared:
    own = declaration.environment or ""
    wanted = needs.read(
        name,
        agent,
        declaration.dependencies,
        requires_python=declaration.requires_python,
        environment=own,
        position=sequence,
        faults=faults,
    )
    return Declared(name, agent, sequence, wanted, declaration.paths, own, map(str, faults or ()))


def _together(touched: Iterable[Touched]) -> Touched:
    each = tuple(touched)
    subjects = sorted({subject for one in each for subject in one.subjects})
    return Touched(tuple(subjects), tuple(sorted({path for one in each for path in one.paths})))


def _conflicts(found: Judgement, versions: Mapping[str, int]) -> dict[Identity, Conflict]:
    return {conflict.identity: conflict for conflict, _ in compared({}, found.clashes, versions, 0).found}


def _moved(
    project: Project,
    amended: Mapping[str, ArtifactAmended],
    was: Mapping[Identity, Conflict],
    now: Mapping[Identity, Conflict],
) -> dict[Identity, Identity]:
    """What an artifact took along into another environment: what it is there, and what it was in the one it left."""
    left = {
        each.environment or "": project.artifacts[name].declaration.environment or "" for name, each in amended.items()
    }
    moved: dict[Identity, Identity] = {}
    for identity in now:
        family, ecosystem, subject, environment, scope = identity
        origin = (family, ecosystem, subject, left.get(environment, environment), scope)
        is_free = origin not in now and origin not in moved.values()
        if identity not in was and origin in was and is_free:
            moved[identity] = origin
    return moved


def _lasts(
    target: Conflict,
    known: Mapping[Identity, Conflict],
    now: Mapping[Identity, Conflict],
    moved: Mapping[Identity, Identity],
) -> Futile | None:
    """Why the conflict that is to be resolved would not be gone; what a solver alone sees is left to it."""
    if target.kind in SOLVED:
        return None
    if target.identity not in known:
        return Futile(f"it has nothing to do with {target.id}")
    same = next((here for here, origin in moved.items() if origin == target.identity), target.identity)
    return Futile(f"{target.id} would go on: {now[same].text}") if same in now else None


def _harms(
    known: Mapping[Identity, Conflict],
    was: Mapping[Identity, Conflict],
    now: Mapping[Identity, Conflict],
    moved: Mapping[Identity, Identity],
) -> Futile | None:
    """What would be worse than it is."""
    for identity, conflict in now.items():
        origin = moved.get(identity, identity)
        if origin not in was:
            return Futile(f"it would make a new conflict: {conflict.text}")
        if worse := worsened(was[origin], conflict):
            name = known[origin].id if origin in known else f"the conflict on {conflict.subject}"
            return Futile(f"{name} would weigh more: {worse}")
    return None
