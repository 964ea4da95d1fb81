"""The RAG chatbot as a log: every event that there is at least once, with fixed ids and times.

``python -m tests.golden.story`` writes the golden files that are not there yet and never touches one that is: what
was released stays readable for ever, byte for byte.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psmp.log.port import Record
from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, seal_command, seal_event
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
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
from psmp.words.values import (
    Change,
    Conflict,
    Dependency,
    Party,
    PathClaim,
    Phase,
    Policy,
    Severity,
    Suggestion,
    Target,
)

FOLDER: Final = Path(__file__).parent
MANIFEST: Final = FOLDER / "SHA256SUMS"
WHOLE: Final = "rag-chatbot.jsonl"
KEY: Final = ProjectKey("default", "rag-chatbot")

_START: Final = 1_795_255_200_000
"""21 November 2026, 10:00 UTC, in ms."""
_TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

LANGCHAIN: Final = Dependency(name="langchain", constraint=">=0.1.0", purpose="Retrieval chains")
BACKEND_NEEDS: Final = (
    Dependency(name="fastapi", constraint=">=0.100.0", purpose="Web framework for the REST API"),
    Dependency(name="pydantic", constraint=">=2.0", purpose="Request and response models"),
    LANGCHAIN,
)
BACKEND_PATHS: Final = (
    PathClaim(path="app/main.py", mode="create"),
    PathClaim(path="app/models.py", mode="write", base="9f2c1e7", ranges=((0, 40), (80, 95, "class Answer"))),
)
OLD_NEEDS: Final = (
    Dependency(name="langchain", constraint="==0.0.350", purpose="Document loaders of the old API"),
    Dependency(name="sentence-transformers", purpose="Embedding model"),
    Dependency(name="torch", purpose="Model runtime", marker="platform_machine == 'x86_64'"),
)
NEW_NEEDS: Final = (Dependency(name="langchain", constraint=">=0.1.0", purpose="Document loaders"), *OLD_NEEDS[1:])
EXPLORATION_NEEDS: Final = (
    Dependency(name="jupyter", scope="dev", purpose="Notebook server"),
    Dependency(name="pandas", constraint=">=2.0", extras=("excel", "parquet"), purpose="DataFrame API"),
)
METADATA: Final = {"größe": 3, "cost": 0.25, "reviewed": True, "tags": ["rag", "…"], "ticket": None}

TEXT: Final = (
    "Because CoderAgent requires langchain>=0.1.0 and DataScienceAgent requires langchain==0.0.350, "
    "no version of langchain satisfies the runtime scope."
)
CLASH: Final = Conflict(
    id="C-1",
    kind="version",
    ecosystem="pypi",
    subject="langchain",
    scope="runtime",
    severity=Severity.CRITICAL,
    environments=("python3.11-linux",),
    causes=(("backend", "embedding-pipeline"),),
    parties=(
        Party(
            artifact="backend",
            version=1,
            agent="CoderAgent",
            constraint=">=0.1.0",
            purpose="Retrieval chains",
            sequence=8,
        ),
        Party(
            artifact="embedding-pipeline",
            version=1,
            agent="DataScienceAgent",
            constraint="==0.0.350",
            purpose="Document loaders of the old API",
            sequence=11,
        ),
    ),
    text=TEXT,
    suggestions=(
        Suggestion(
            n=1,
            changes=(
                Change(artifact="embedding-pipeline", agent="DataScienceAgent", name="langchain", constraint=">=0.1.0"),
            ),
            text="DataScienceAgent -> langchain>=0.1.0 in embedding-pipeline (was ==0.0.350)",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One event: who wrote it, in whose name, and how many events back is what it follows from (0: a command)."""

    service: str
    actor: str
    event: Event
    back: int = 0
    traceparent: str | None = None


def _asked(actor: str, event: Event, traceparent: str | None = None) -> Step:
    return Step("intake", actor, event, 0, traceparent)


STEPS: Final = (
    _asked(
        "IdeaAgent",
        ProjectCreated(name="RAG-Chatbot für Büro 7", targets=(Target(), Target(python="3.13")), policy=Policy()),
    ),
    _asked(
        "IdeaAgent",
        ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="Architecture proposed"),
    ),
    _asked("PlannerAgent", SlotGranted(agent="PlannerAgent", lease_seconds=90)),
    _asked("PlannerAgent", ArtifactDeclared(artifact="task-plan", version=1, type="plan", summary="Who does what")),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="task-plan", version=1), 1),
    _asked("PlannerAgent", SlotFinished(agent="PlannerAgent")),
    _asked(
        "PlannerAgent",
        ProjectTransitioned(origin=Phase.PLANNING, to=Phase.IN_PROGRESS, reason="Plan accepted"),
    ),
    _asked(
        "CoderAgent",
        ArtifactDeclared(
            artifact="backend",
            version=1,
            type="code",
            summary='FastAPI backend with a "chat" endpoint\nand a health check',
            dependencies=BACKEND_NEEDS,
            paths=BACKEND_PATHS,
            metadata=METADATA,
        ),
        _TRACE,
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="backend", version=1), 1, _TRACE),
    _asked("DataScienceAgent", SlotGranted(agent="DataScienceAgent", lease_seconds=90)),
    _asked(
        "DataScienceAgent",
        ArtifactDeclared(
            artifact="embedding-pipeline",
            version=1,
            type="code",
            summary="Embeds documents into the vector index",
            dependencies=OLD_NEEDS,
            paths=(PathClaim(path="pipeline/embed.py", mode="create"),),
        ),
    ),
    Step(
        "checker",
        "psmp_checker",
        ConflictDetected(
            artifact="embedding-pipeline",
            version=1,
            conflicts=(CLASH,),
            unchecked=("torch: markers are not checked yet",),
        ),
        1,
    ),
    Step(
        "keeper",
        "psmp_keeper",
        ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.BLOCKED, reason=TEXT, conflicts=("C-1",)),
        1,
    ),
    _asked(
        "NotebookAgent",
        CommandRefused(
            command="slot.request",
            code=Code.PROJECT_BLOCKED,
            reason=f"NotebookAgent may not start: the project is blocked by C-1. {TEXT}",
            hint="amend or withdraw a declaration named in the conflict; its suggestions are numbered",
            conflicts=("C-1",),
        ),
    ),
    Step(
        "watchdog",
        "psmp_watchdog",
        AgentSilenced(agent="DataScienceAgent", last_seen="2026-11-21T10:00:09.000000Z"),
        3,
    ),
    Step(
        "watchdog", "psmp_watchdog", SlotExpired(agent="DataScienceAgent", last_seen="2026-11-21T10:00:09.000000Z"), 6
    ),
    Step(
        "watchdog",
        "psmp_watchdog",
        ProjectStalled(phase=Phase.BLOCKED, since="2026-11-21T10:00:12.000000Z", conflicts=("C-1",)),
        4,
    ),
    Step(
        "watchdog",
        "psmp_watchdog",
        AgentReturned(agent="DataScienceAgent", last_seen="2026-11-21T10:00:17.500000Z"),
        3,
    ),
    _asked(
        "DataScienceAgent",
        ArtifactAmended(
            artifact="embedding-pipeline",
            version=2,
            type="code",
            summary="Embeds documents into the vector index",
            dependencies=NEW_NEEDS,
            paths=(PathClaim(path="pipeline/embed.py", mode="create"),),
            reason="Suggestion 1 of C-1",
        ),
    ),
    Step(
        "checker",
        "psmp_checker",
        ConflictCleared(
            artifact="embedding-pipeline",
            version=2,
            cleared=("C-1",),
            witness={"langchain": ">=0.1.0"},
            unchecked=("torch: markers are not checked yet",),
        ),
        1,
    ),
    Step(
        "keeper",
        "psmp_keeper",
        ProjectTransitioned(origin=Phase.BLOCKED, to=Phase.RESOLVING, reason="no blocking conflict is left"),
        1,
    ),
    Step(
        "keeper",
        "psmp_keeper",
        ProjectTransitioned(
            origin=Phase.RESOLVING, to=Phase.IN_PROGRESS, reason="all declarations stand together again"
        ),
        1,
    ),
    _asked(
        "NotebookAgent",
        ArtifactDeclared(
            artifact="exploration",
            version=1,
            type="analysis",
            summary="Data exploration notebooks",
            dependencies=(*EXPLORATION_NEEDS, LANGCHAIN),
        ),
    ),
    Step(
        "checker",
        "psmp_checker",
        ArtifactAccepted(
            artifact="exploration",
            version=1,
            witness={"langchain": ">=0.1.0"},
            warnings=("pandas: only pre-releases satisfy everybody",),
            unchecked=("jupyter: the dev scope is not checked yet",),
        ),
        1,
    ),
    _asked(
        "NotebookAgent", ArtifactWithdrawn(artifact="exploration", version=1, reason="Moved to a project of its own")
    ),
    _asked("NotebookAgent", SlotGranted(agent="NotebookAgent", lease_seconds=90)),
    _asked("NotebookAgent", SlotFinished(agent="NotebookAgent", failure="the kernel ran out of memory")),
    _asked(
        "PlannerAgent",
        ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="All artifacts stand together"),
    ),
    _asked("PlannerAgent", ProjectTransitioned(origin=Phase.COMPLETED, to=Phase.ARCHIVED, reason="Handed over")),
)

GOLDEN_SEQUENCES: Final = (1, 13, 17, 8, 19, 25, 24, 12, 20, 10, 27, 16, 15, 18, 14)
"""Which event of the story stands for its kind."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    (
        "IdeaAgent",
        CreateProject(name="RAG chatbot", targets=(Target(), Target(python="3.13", platform="macos")), policy=Policy()),
    ),
    ("IdeaAgent", TransitionProject(to=Phase.PLANNING, reason="Architecture proposed")),
    (
        "CoderAgent",
        DeclareArtifact(
            artifact="backend",
            type="code",
            summary='FastAPI backend with a "chat" endpoint',
            dependencies=BACKEND_NEEDS,
            paths=BACKEND_PATHS,
            metadata=METADATA,
        ),
    ),
    (
        "DataScienceAgent",
        AmendArtifact(artifact="embedding-pipeline", dependencies=NEW_NEEDS, reason="Suggestion 1 of C-1"),
    ),
    ("NotebookAgent", WithdrawArtifact(artifact="exploration", reason="Moved to a project of its own")),
    ("NotebookAgent", RequestSlot()),
    ("NotebookAgent", FinishSlot(failure="the kernel ran out of memory")),
)


def _id(number: int, salt: int) -> str:
    return uuid7(_START + 1000 * number, hashlib.sha256(bytes((number, salt))).digest()[:10])


def _time(number: int) -> str:
    return f"2026-11-21T10:00:{number:02}.000000Z"


def log() -> Iterator[Record]:
    """The story as its records; positions are those of a stream in which two other projects write as well."""
    link = Link(1, GENESIS)
    causes: list[tuple[str, str]] = []
    for number, step in enumerate(STEPS, 1):
        event_id, command_id = _id(number, 0), _id(number, 1)
        cause, root = (causes[-step.back][0], causes[-step.back][1]) if step.back else (command_id, command_id)
        provenance = Provenance(f"/psmp/{step.service}", step.actor, cause, root, step.traceparent)
        body = seal_event(KEY, step.event, link, provenance, Stamp(event_id, _time(number)))
        yield Record(3 * number, KEY, step.event.KIND, body)
        causes.append((event_id, root))
        link = Link(number + 1, leaf_hash(body))


def commands() -> Iterator[tuple[str, bytes]]:
    """One command of each kind, as it is sent."""
    for number, (actor, command) in enumerate(COMMANDS, 1):
        traceparent = _TRACE if isinstance(command, DeclareArtifact) else None
        yield command.KIND, seal_command(KEY, actor, command, Stamp(_id(number, 1), _time(number)), traceparent)


def golden() -> Iterator[tuple[str, bytes]]:
    """Every golden file: its name and its bytes."""
    records = list(log())
    yield WHOLE, b"".join(record.body + b"\n" for record in records)
    for number in GOLDEN_SEQUENCES:
        yield f"{records[number - 1].kind}.v1.json", records[number - 1].body
    for kind, body in commands():
        yield f"{kind}.v1.json", body


def write() -> list[str]:
    """Write what is not there yet, into the manifest too; the names of the files written."""
    written = []
    for name, body in golden():
        if not (FOLDER / name).exists():
            (FOLDER / name).write_bytes(body)
            with MANIFEST.open("a") as manifest:
                manifest.write(f"{hashlib.sha256(body).hexdigest()}  {name}\n")
            written.append(name)
    return written


if __name__ == "__main__":
    print("\n".join(write()) or "every golden file is there already")  # noqa: T201
