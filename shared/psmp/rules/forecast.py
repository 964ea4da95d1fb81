"""What a declaration would meet: judged by the engine beside all that stands declared, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from psmp.compat import needs
from psmp.compat.comparison import compared, number_of
from psmp.compat.standing import Declared, Standing, unreadable
from psmp.words.answers import ArtifactStatus, Status
from psmp.words.checks import Declaration
from psmp.words.values import Conflict


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a declaration would meet if it came next.

    ``conflicts`` are those that it would be party to, as they would be: one whose id is in ``joined`` is open already,
    any other would be new, under an id that is only a guess. ``errors`` say what of it cannot be read; then nothing
    was judged. ``unknown`` says what cannot be known, and why; what only a package index can tell is not in it.
    """

    conflicts: tuple[Conflict, ...] = ()
    joined: tuple[str, ...] = ()
    witness: Mapping[str, str] | None = None
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["compatible", "conflict", "unknown", "invalid"]:
        """It in a word."""
        if self.errors:
            return "invalid"
        if self.conflicts:
            return "conflict"
        return "unknown" if self.unknown else "compatible"


def forecast(status: Status, declaration: Declaration, agent: str) -> Forecast:
    """What ``declaration`` would meet in the project, in the place of what its artifact says now, if anything."""
    wanted, errors = _read(declaration, agent, status.sequence + 1)
    if errors:
        return Forecast(errors=errors)
    standing = Standing(status.targets)
    versions: dict[str, int] = {}
    for each in status.artifacts:
        if each.status != "ARCHIVED" and each.artifact != declaration.artifact:
            standing.put(_standing(each))
            versions[each.artifact] = each.version
    touched = standing.put(wanted)
    found = standing.judge(declaration.artifact, touched)
    before = next((each.version for each in status.artifacts if each.artifact == declaration.artifact), 0)
    known = {each.identity: each for each in status.conflicts}
    last = max((number_of(each.id) for each in status.conflicts), default=0)
    told = compared(known, found.clashes, versions | {declaration.artifact: before + 1}, last).found
    own = [(now, was) for now, was in told if any(party.artifact == declaration.artifact for party in now.parties)]
    return Forecast(
        conflicts=tuple(now for now, _ in own),
        joined=tuple(was.id for _, was in own if was is not None),
        witness=found.witness,
        warnings=found.warnings,
        unknown=found.unknown,
    )


def _read(declaration: Declaration, agent: str, sequence: int) -> tuple[Declared, tuple[str, ...]]:
    """It as the engine takes it, and what of it cannot be read, each with its place."""
    faults: list[needs.InvalidNeed] = []
    own = declaration.environment or ""
    wanted = needs.read(
        declaration.artifact,
        agent,
        declaration.dependencies,
        requires_python=declaration.requires_python,
        environment=own,
        position=sequence,
        faults=faults,
    )
    unread = [f"/paths/{at}: {fault}" for at, each in enumerate(declaration.paths) if (fault := unreadable(each))]
    declared = Declared(declaration.artifact, agent, sequence, wanted, declaration.paths, own)
    return declared, (*map(str, faults), *unread)


def _standing(artifact: ArtifactStatus) -> Declared:
    """An artifact as it stands; what of it cannot be read is unknown, as to the checker."""
    faults: list[needs.InvalidNeed] = []
    own = artifact.environment or ""
    wanted = needs.read(
        artifact.artifact,
        artifact.agent,
        artifact.dependencies,
        requires_python=artifact.requires_python,
        environment=own,
        position=artifact.sequence,
        faults=faults,
    )
    return Declared(artifact.artifact, artifact.agent, artifact.sequence, wanted, artifact.paths, own, map(str, faults))
