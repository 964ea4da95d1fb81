"""What the checker decides: the verdict on one declaration, with its evidence. Pure."""

from collections.abc import Sequence

from psmp.compat import evidence
from psmp.compat.direct import Clash
from psmp.compat.paths.clashes import PathClash
from psmp.compat.standing import Touched
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected, Verdict
from psmp.words.values import Conflict
from psmp_checker.docket import Docket, concerned


def judge(docket: Docket, identity: str) -> Verdict | None:
    """The verdict on the case that the event ``identity`` made, as all declarations now stand.

    None when it was given before or there is nothing to say. One event says everything that follows: conflicts that the
    artifact is part of or that its change altered, and those that are gone. It is named by its weightiest consequence.
    """
    case = docket.pending.get(identity)
    if case is None:
        return None
    artifact, version = case.artifact, case.version
    found = docket.standing.judge(artifact, case.touched)
    told, cleared = _compared(docket, artifact, case.touched, found.clashes)
    if told:
        return ConflictDetected(
            artifact=artifact,
            version=version,
            conflicts=told,
            cleared=cleared,
            warnings=found.warnings,
            unchecked=found.unknown,
        )
    if not cleared and case.withdrawal:
        return None
    witness, warnings, unknown = dict(found.witness), found.warnings, found.unknown
    if cleared:
        return ConflictCleared(
            artifact=artifact, version=version, cleared=cleared, witness=witness, warnings=warnings, unchecked=unknown
        )
    return ArtifactAccepted(artifact=artifact, version=version, witness=witness, warnings=warnings, unchecked=unknown)


def _compared(
    docket: Docket, artifact: str, touched: Touched, clashes: Sequence[Clash | PathClash]
) -> tuple[tuple[Conflict, ...], tuple[str, ...]]:
    """The conflicts to be told, and the ids of those that are gone, looking at what was touched alone."""
    known = concerned(docket.conflicts, touched)
    number = docket.detected
    told: list[Conflict] = []
    for clash in clashes:
        before = known.pop(evidence.identity(clash), None)
        number += before is None
        conflict = evidence.conflict(clash, before.id if before else f"C-{number}", docket.versions)
        if conflict != before or any(artifact == party.artifact for party in conflict.parties):
            told.append(conflict)
    return tuple(told), tuple(sorted((gone.id for gone in known.values()), key=_number))


def _number(conflict: str) -> int:
    return int(conflict.removeprefix("C-"))
