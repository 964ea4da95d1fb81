"""What is answered about the record: the trail, who needs what, checkpoints, proofs, and what verifying found."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from packaging.utils import canonicalize_name
from pydantic import Field

from psmp.words.answers import ArtifactStatus, Status
from psmp.words.differences import Difference, Place
from psmp.words.ids import Id
from psmp.words.values import Conflict, Dependency, Word
from psmp_gateway.rules.answers import Behind, EventObject, Next

Leaf = Annotated[str, Field(description="The RFC 6962 leaf hash of the event's exact bytes, in hex.")]
Note = Annotated[str, Field(description="The checkpoint as a C2SP signed note.")]


class AuditRecord(Word):
    """A record of the audit trail of all projects."""

    project: Id
    position: int
    leaf: Leaf
    event: EventObject


class AuditPage(Word):
    """Records, newest first. A page may be short of what was asked for: with a cursor there may be more behind it."""

    items: tuple[AuditRecord, ...]
    next_cursor: Next = None
    behind: Behind = 0


class Changes(Word):
    """What changed in a project between two of its events."""

    project: Id
    at: Place
    to: Place
    differences: tuple[Difference, ...] = ()


class Need(Word):
    """Who needs a package, why, and which event says so."""

    artifact: Id
    agent: Id
    status: Annotated[str, Field(description="That of the artifact: DRAFT or ACTIVE.")]
    version: int
    sequence: Annotated[int, Field(description="The event that declared it.")]
    time: str
    need: Dependency


class Package(Word):
    """A package with everybody who needs it, and the open conflicts about it."""

    ecosystem: str
    name: str
    needs: tuple[Need, ...]
    conflicts: tuple[str, ...] = ()


class PackageList(Word):
    """The packages that a project needs, by name, as of ``sequence``."""

    items: tuple[Package, ...]
    sequence: int
    time: str


class CheckpointState(Word):
    """What is signed of a project's log, newest first: its first ``size`` records have this ``root``."""

    number: Annotated[int, Field(description="Its number in the anchor log.")]
    size: int
    root: Annotated[str, Field(description="Base64, as in the note.")]
    signed_at: str
    note: Note


class Coverage(Word):
    """How far a project's log is covered: ``behind`` of its ``records`` no checkpoint covers yet."""

    project: Id
    records: int
    behind: int
    newest: CheckpointState | None = None


class CoveragePage(Word):
    """Every project's newest checkpoint, by project."""

    items: tuple[Coverage, ...]
    next_cursor: Next = None


class CheckpointPage(Word):
    """The checkpoints of a project, newest first."""

    items: tuple[CheckpointState, ...]
    next_cursor: Next = None


class InclusionProof(Word):
    """That a record is number ``index`` (from 0) of the log that the checkpoint covers (RFC 6962)."""

    project: Id
    sequence: int
    index: int
    size: int
    leaf: Leaf
    root: Annotated[str, Field(description="Base64, as in the note.")]
    hashes: Annotated[tuple[str, ...], Field(description="The audit path, base64.")]
    note: Note
    text: Annotated[str, Field(description="The whole as a C2SP tlog-proof, as `psmp prove` prints it.")]


class ConsistencyProof(Word):
    """That the log which the checkpoint covers begins with its first ``since`` records as they were (RFC 6962)."""

    project: Id
    since: int
    size: int
    root: Annotated[str, Field(description="Base64, as in the note.")]
    hashes: Annotated[tuple[str, ...], Field(description="The proof, base64.")]
    note: Note
    text: Annotated[str, Field(description="The whole in the form of tlog-witness, as `psmp prove --since` prints it.")]


class Flawed(Word):
    """The first record that does not hold."""

    sequence: int
    position: int
    kind: str
    expected: str
    found: str


class Compared(Word):
    """One comparison that was made, over how many records, and whether it holds."""

    what: Literal["chain", "log", "checkpoint"]
    records: int
    holds: bool
    text: str


class Verification(Word):
    """What came of verifying a project's record now: ``compared`` says what was held against what."""

    project: Id
    holds: bool
    records: int
    head: Annotated[str, Field(description="The leaf hash of the last record that holds.")]
    position: int
    ahead: Annotated[int, Field(description="Records of the log that the ledger had not come to yet.")] = 0
    pruned: int = 0
    compared: tuple[Compared, ...]
    fault: Flawed | None = None
    checkpoint: CheckpointState | None = None
    seconds: float


class ReportDocument(Word):
    """What the record says about each control of a framework, as `psmp report -o json` prints it."""

    framework: str
    holds: bool
    report: dict[str, Any]


def packages(status: Status) -> tuple[Package, ...]:
    """Every package that somebody needs, by ecosystem and name; what is withdrawn needs nothing."""
    found: dict[tuple[str, str], list[Need]] = {}
    for artifact in status.artifacts:
        if artifact.status != "ARCHIVED":
            for need in _needs(artifact):
                found.setdefault((need.need.ecosystem, _named(need.need)), []).append(need)
    return tuple(
        Package(
            ecosystem=ecosystem,
            name=name,
            needs=tuple(needs),
            conflicts=tuple(each.id for each in status.conflicts if _is_about(each, ecosystem, name, needs)),
        )
        for (ecosystem, name), needs in sorted(found.items())
    )


def _needs(artifact: ArtifactStatus) -> Iterator[Need]:
    for need in artifact.dependencies:
        yield Need(
            artifact=artifact.artifact,
            agent=artifact.agent,
            status=artifact.status,
            version=artifact.version,
            sequence=artifact.sequence,
            time=artifact.time,
            need=need,
        )


def _named(need: Dependency) -> str:
    """The package's one name, however it is spelled."""
    return canonicalize_name(need.name) if need.ecosystem == "pypi" else need.name


def _is_about(conflict: Conflict, ecosystem: str, name: str, needs: list[Need]) -> bool:
    if (conflict.ecosystem, conflict.subject) != (ecosystem, name):
        return False
    parties = {party.artifact for party in conflict.parties}
    return any(need.artifact in parties for need in needs)
