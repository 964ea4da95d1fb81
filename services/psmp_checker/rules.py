"""What the checker decides: the verdict on one declaration, with its evidence. Pure."""

from collections.abc import Sequence
from typing import Final

from psmp.compat.comparison import compared, concerned
from psmp.compat.direct import Clash
from psmp.compat.paths.clashes import PathClash
from psmp.compat.standing import Touched
from psmp.words.envelope import Provenance
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected, Verdict
from psmp.words.values import Conflict
from psmp_checker.docket import Docket

SOURCE: Final = "/psmp/checker"
ACTOR: Final = "psmp_checker"


def judge(docket: Docket, identity: str) -> Verdict | None:
    """The verdict on the case ``identity``, which is pending in the docket, as all declarations now stand.

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


def provenance(change: str, root: str, traceparent: str | None) -> Provenance:
    """Where a verdict comes from: from the event ``change``, and from the command ``root`` that made it."""
    return Provenance(SOURCE, ACTOR, change, root, traceparent)


def _compared(
    docket: Docket, artifact: str, touched: Touched, clashes: Sequence[Clash | PathClash]
) -> tuple[tuple[Conflict, ...], tuple[str, ...]]:
    """The conflicts to be told, and the ids of those that are gone, looking at what was touched alone."""
    known = concerned(docket.conflicts.values(), touched)
    found, gone = compared(known, clashes, docket.versions, docket.detected)
    told = (
        conflict
        for conflict, before in found
        if conflict != before or any(artifact == party.artifact for party in conflict.parties)
    )
    return tuple(told), tuple(each.id for each in gone)
