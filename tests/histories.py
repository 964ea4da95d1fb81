"""Logs as the services write them: valid events, each linked to the one before."""

from dataclasses import dataclass, field

from psmp.log.port import EventLog, Record
from psmp.log.view import Head
from psmp.words.envelope import Provenance, Stamp, leaf_hash, seal_event
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectCreated,
    ProjectStalled,
    ProjectTransitioned,
    SlotExpired,
    SlotFinished,
    SlotGranted,
)
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code
from psmp.words.values import Conflict, Dependency, Party, PathClaim, Phase, Policy, Severity, Target

KEY = ProjectKey("acme", "rag")
START = 1_795_000_000_000
"""18 November 2026, in ms."""


@dataclass
class History:
    """One project's log as it is written: ``add`` seals the next event and keeps its bytes."""

    key: ProjectKey = KEY
    head: Head = field(default_factory=Head)
    records: list[Record] = field(default_factory=list)

    def add(self, event: Event, actor: str = "ada", cause: str | None = None) -> Record:
        """The next record; its position is its sequence. It follows from the event ``cause``, or from itself."""
        number = self.head.sequence + 1
        moment = uuid7(START + number, number.to_bytes(10, "big"))
        seconds, rest = divmod(number, 1000)
        minutes, seconds = divmod(seconds, 60)
        stamp = Stamp(moment, f"2026-11-18T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{rest:03}000Z")
        body = seal_event(
            self.key, event, self.head.next, Provenance("/psmp/intake", actor, cause or moment, cause or moment), stamp
        )
        self.head = Head(self.head.position + 1, number, leaf_hash(body))
        record = Record(self.head.position, self.key, event.KIND, body)
        self.records.append(record)
        return record

    async def store(self, log: EventLog) -> list[Record]:
        """Append everything to ``log``; the records with the positions that they got."""
        stored: list[Record] = []
        for record in self.records:
            expected = stored[-1].position if stored else 0
            position = await log.append(self.key, record.kind, record.body, expected=expected)
            stored.append(Record(position, self.key, record.kind, record.body))
        return stored


def created(name: str = "RAG chatbot") -> ProjectCreated:
    """A project is made."""
    return ProjectCreated(name=name, targets=(Target(python="3.12"),), policy=Policy(lease_seconds=30))


def moved(origin: Phase, to: Phase) -> ProjectTransitioned:
    """A project moves on."""
    return ProjectTransitioned(origin=origin, to=to, reason="it is time")


def declared(artifact: str, needs: int = 2, version: int = 1) -> ArtifactDeclared:
    """An artifact with ``needs`` dependencies and a path."""
    return ArtifactDeclared(
        artifact=artifact,
        version=version,
        type="code",
        summary=f"what {artifact} does",
        dependencies=_needs(needs),
        paths=(PathClaim(path=f"src/{artifact}.py", ranges=((1, 10),)),),
        metadata={"cost": 2.0, "tags": ["a", "ü"], "deep": {"none": None, "small": 1e-7, "n": 9007199254740991}},
    )


def amended(artifact: str, needs: int, version: int) -> ArtifactAmended:
    """An artifact is declared anew, with other dependencies."""
    return ArtifactAmended(artifact=artifact, version=version, type="code", dependencies=_needs(needs), reason="better")


def accepted(artifact: str, version: int = 1) -> ArtifactAccepted:
    """The verdict yes."""
    return ArtifactAccepted(artifact=artifact, version=version, witness={"numpy": ">=2"})


def conflict(number: int, *artifacts: str, severity: Severity = Severity.CRITICAL) -> Conflict:
    """A conflict between artifacts."""
    return Conflict(
        id=f"C-{number}",
        kind="version",
        ecosystem="pypi",
        subject="numpy",
        scope="runtime",
        severity=severity,
        environments=("3.12-linux",),
        causes=(tuple(sorted(artifacts)),),
        parties=tuple(
            Party(artifact=name, version=1, agent="ada", constraint=">=2", sequence=2) for name in sorted(artifacts)
        ),
        text=f"Because {' and '.join(artifacts)} cannot both have numpy, they cannot stand together.",
    )


def detected(artifact: str, *found: Conflict, version: int = 1, cleared: tuple[str, ...] = ()) -> ConflictDetected:
    """The verdict no."""
    return ConflictDetected(artifact=artifact, version=version, conflicts=found, cleared=cleared)


def _needs(count: int) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            name=f"Package_{n}",
            constraint=f">={n}.0,<{n + 2}",
            extras=("fast",) if n % 3 == 0 else (),
            marker="python_version >= '3.12'" if n % 4 == 0 else None,
            purpose="to compute",
        )
        for n in range(count)
    )


def lifetime(key: ProjectKey = KEY) -> History:
    """A project in which every kind of event happens at least once."""
    history = History(key)
    for event in (
        created(),
        moved(Phase.INITIALIZED, Phase.PLANNING),
        SlotGranted(agent="ada", lease_seconds=30),
        SlotGranted(agent="bob", lease_seconds=30),
        declared("api", 3),
        accepted("api"),
        declared("web", 1),
        detected("web", conflict(1, "api", "web"), conflict(2, "web", severity=Severity.LOW)),
        moved(Phase.PLANNING, Phase.BLOCKED),
        ProjectStalled(phase=Phase.BLOCKED, since="2026-11-18T00:00:00Z", conflicts=("C-1",)),
        AgentSilenced(agent="bob", last_seen="2026-11-18T00:00:00Z"),
        SlotExpired(agent="bob", last_seen="2026-11-18T00:00:00Z"),
        CommandRefused(command="slot.request", code=Code.PROJECT_BLOCKED, reason="blocked", conflicts=("C-1",)),
        amended("web", 0, 2),
        ConflictCleared(artifact="web", version=2, cleared=("C-1", "C-2")),
        moved(Phase.BLOCKED, Phase.RESOLVING),
        moved(Phase.RESOLVING, Phase.IN_PROGRESS),
        AgentReturned(agent="bob", last_seen="2026-11-18T00:00:01Z"),
        declared("gone", 4),
        ArtifactWithdrawn(artifact="gone", version=1, reason="not needed"),
        CompatibilityStarted(sequence=20, index="https://index.example/simple"),
        CompatibilityChecked(
            sequence=20,
            verdict="unknown",
            reasons=("the index could not be reached",),
            digest="0" * 64,
            index="https://index.example/simple",
        ),
        SlotFinished(agent="ada"),
    ):
        history.add(event)
    return history
