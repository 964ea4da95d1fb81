"""Logs as the services write them: valid events, each linked to the one before."""

from dataclasses import dataclass, field

from psmp.log.port import EventLog, Record
from psmp.log.view import Head
from psmp.words.envelope import Provenance, Stamp, leaf_hash, seal_event
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Amendment,
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
    HoldPlaced,
    HoldReleased,
    LetterDropped,
    LetterRetried,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    ProjectStalled,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    RetentionApplied,
    RetentionChanged,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
    SubjectErased,
    TaskArchived,
    TaskChanged,
    TaskCreated,
    WaiverExpired,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code
from psmp.words.values import (
    Change,
    Conflict,
    Dependency,
    Limits,
    Party,
    PathClaim,
    Phase,
    Policy,
    Severity,
    Target,
)

KEY = ProjectKey("acme", "rag")
START = 1_795_000_000_000
"""18 November 2026, in ms."""


@dataclass
class History:
    """One project's log as it is written: ``add`` seals the next event and keeps its bytes."""

    key: ProjectKey = KEY
    head: Head = field(default_factory=Head)
    records: list[Record] = field(default_factory=list)

    def add(
        self, event: Event, actor: str = "ada", cause: str | None = None, *, service: str = "intake", time: str = ""
    ) -> Record:
        """The next record; its position is its sequence. It follows from the event ``cause``, or from itself.

        Without a ``time`` it is so many ms after midnight.
        """
        number = self.head.sequence + 1
        moment = identity(number)
        seconds, rest = divmod(number, 1000)
        minutes, seconds = divmod(seconds, 60)
        stamp = Stamp(moment, time or f"2026-11-18T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{rest:03}000Z")
        provenance = Provenance(f"/psmp/{service}", actor, cause or moment, cause or moment)
        body = seal_event(self.key, event, self.head.next, provenance, stamp)
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


def pruned(history: History) -> RetentionApplied:
    """All that a project's log has so far is pruned."""
    return RetentionApplied(
        upto=history.head.sequence,
        run=identity(history.head.sequence + 1),
        approver="records-office",
        reason="archived more than 90 days ago",
        days=90,
        created="2026-11-18T00:00:00.001000Z",
        since="2026-11-18T00:00:00.006000Z",
        creator="ada",
    )


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
        *_slots(),
        *_resolutions(),
        *_alerts(),
        *_webhooks(),
        *_planned(),
        SlotRequested(agent="fay", wait_seconds=60),
    ):
        history.add(event)
    return history


LAST = 76
"""The sequence of the last event of a ``lifetime``."""


def identity(number: int) -> str:
    """The id of the event with this sequence, and of the command that it answers."""
    return uuid7(START + number, number.to_bytes(10, "big"))


CHANGE = Change(artifact="web", agent="ada", name="numpy", constraint=">=2")
LIMITS = Limits(cpus=1.5, memory_mb=2048)


def _planned() -> tuple[Event, ...]:
    """Events 71 to 75."""
    docs = TaskCreated(task="docs", title="Write the docs", details="of all routes", artifacts=("api",))
    return (
        docs,
        TaskChanged(agent="ada", status="DONE", reason="there they are", **docs.model_dump(exclude={"agent"})),
        TaskCreated(task="logo", title="Draw a logo", details="", agent="bob", artifacts=()),
        TaskArchived(task="logo", reason="there is one"),
        ProjectChanged(name="RAG 2", targets=created().targets, policy=created().policy, reason="it is the second"),
    )


def _slots() -> tuple[Event, ...]:
    """Events 24 to 32."""
    return (
        SlotGranted(agent="ada", lease_seconds=30, term_seconds=600, limits=LIMITS),
        SlotRequested(agent="bob", wait_seconds=60, limits=LIMITS),
        SlotRequested(agent="eve", wait_seconds=60),
        SlotRequested(agent="zoe", wait_seconds=60),
        SlotLeft(agent="eve", request=identity(26)),
        SlotRefused(agent="zoe", request=identity(27), reason="no slot was free within 60 s"),
        SlotRenewed(agent="ada", fence=24, term_seconds=900),
        SlotFailed(agent="ada", fence=24, failure="out of memory"),
        SlotGranted(agent="bob", lease_seconds=30, term_seconds=600, limits=LIMITS, request=identity(25)),
    )


def _resolutions() -> tuple[Event, ...]:
    """Events 33 to 49."""
    return (
        declared("cli", 0),
        detected("cli", conflict(3, "cli", "web"), conflict(4, "api", "cli")),
        moved(Phase.IN_PROGRESS, Phase.BLOCKED),
        ResolutionRequested(
            resolution="R-1", conflict="C-3", strategy="accept", reason="go", suggestion=1, changes=(CHANGE,)
        ),
        ResolutionProposed(
            resolution="R-1", conflict="C-3", suggestion=1, changes=(CHANGE,), agents=("ada",), seconds=60, text="web"
        ),
        ResolutionAnswered(resolution="R-1", agent="ada", answer="amend", changes=(CHANGE,), reason="rather so"),
        ResolutionRefused(resolution="R-1", conflict="C-3", reason="bob did not answer", agent="bob"),
        ResolutionRequested(resolution="R-2", conflict="C-4", strategy="waive", reason="not yet live", seconds=60),
        ResolutionApplied(resolution="R-2", conflict="C-4", strategy="waive", reason="not yet live", seconds=60),
        WaiverExpired(conflict="C-4", resolution="R-2"),
        ResolutionRequested(resolution="R-3", conflict="C-4", strategy="waive", reason="not yet", seconds=60),
        ResolutionApplied(resolution="R-3", conflict="C-4", strategy="waive", reason="not yet", seconds=60),
        ResolutionRequested(resolution="R-4", conflict="C-3", strategy="change", reason="so", changes=(CHANGE,)),
        ResolutionFailed(resolution="R-4", conflict="C-3", reason="it would clear nothing"),
        ResolutionRequested(resolution="R-5", conflict="C-3", strategy="change", reason="so", changes=(CHANGE,)),
        ResolutionApplied(
            resolution="R-5",
            conflict="C-3",
            strategy="change",
            reason="so",
            changes=(CHANGE,),
            amendments=(Amendment(agent="ada", declaration=amended("web", 0, 3)),),
            cleared=("C-3",),
        ),
        ResolutionRequested(resolution="R-6", conflict="C-4", strategy="retry", reason="once more"),
    )


def _webhooks() -> tuple[Event, ...]:
    """Nearly the last ones: two webhooks are left, of which one has ended."""
    url, kinds = "https://hooks.example/", ("alert.*",)
    return (
        WebhookAdded(webhook="ops", url=url, kinds=kinds),
        WebhookAdded(webhook="old", url=url, kinds=kinds),
        WebhookChanged(webhook="ops", url=url, kinds=("conflict.*", "alert.*")),
        WebhookRotated(webhook="ops", overlap_seconds=60),
        WebhookTested(webhook="ops"),
        WebhookRemoved(webhook="old"),
        WebhookAdded(webhook="gone", url=url, kinds=kinds),
        WebhookEnded(webhook="gone", reason="it has answered 410"),
    )


def _alerts() -> tuple[Event, ...]:
    """Events 50 to 57: a resolution is under way, a waiver holds, a slot is held, and an alert is open."""
    return (
        ProjectRecovering(phase=Phase.BLOCKED, step="retry", reason="it is stuck"),
        AlertRaised(
            alert="conflict-C-4", severity=Severity.CRITICAL, text="decide", hint="do", person=True, conflict="C-4"
        ),
        AlertAcknowledged(alert="conflict-C-4", reason="I look into it"),
        AlertRaised(alert="lag-checker", severity=Severity.HIGH, text="it is behind"),
        AlertCleared(alert="lag-checker", reason="it has caught up"),
        AlertRaised(alert="letter-7", severity=Severity.MEDIUM, text="given up", person=True),
        LetterRetried(letter=7, reason="once more"),
        LetterDropped(letter=8, reason="sent by a test"),
        SubjectErased(
            tenant="acme", subject="maria", keys=("00112233445566aa",), reason="request 17", approver="privacy-office"
        ),
        HoldPlaced(reason="case 4"),
        HoldReleased(reason="case 4 is closed"),
        RetentionChanged(tenant="acme", days=90, reason="policy 7"),
        RetentionChanged(tenant="acme", reason="policy 8"),
    )
