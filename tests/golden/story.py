"""A RAG chatbot, a forecast and a checkout as logs: every event that there is at least once, with fixed ids and times.

A log that was released stays as it is. What came later is told in the third one (``tests/golden/governed.py``), and
in the fourth (``tests/golden/erased.py``), which may be changed until it is released as well.

``python -m tests.golden.story`` writes the golden files that are not there yet and never touches one that is: what
was released stays readable for ever, byte for byte. With ``--anew`` it first takes away those of the fourth log.
"""

import hashlib
import sys
from collections.abc import Iterator, Sequence
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
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    ProjectCreated,
    ProjectStalled,
    ProjectTransitioned,
    SlotExpired,
    SlotFinished,
    SlotGranted,
)
from psmp.words.ids import ProjectKey
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
from tests.golden import erased, governed, orchestrated, planned, pruned, webhooks
from tests.golden.steps import TRACE, Step, asked, identity, time

FOLDER: Final = Path(__file__).parent
MANIFEST: Final = FOLDER / "SHA256SUMS"
WHOLE: Final = "rag-chatbot.jsonl"
KEY: Final = ProjectKey("default", "rag-chatbot")
SECOND: Final = "forecast.jsonl"
SECOND_KEY: Final = ProjectKey("default", "forecast")

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


STEPS: Final = (
    asked(
        "IdeaAgent",
        ProjectCreated(name="RAG-Chatbot für Büro 7", targets=(Target(), Target(python="3.13")), policy=Policy()),
    ),
    asked(
        "IdeaAgent",
        ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="Architecture proposed"),
    ),
    asked("PlannerAgent", SlotGranted(agent="PlannerAgent", lease_seconds=90)),
    asked("PlannerAgent", ArtifactDeclared(artifact="task-plan", version=1, type="plan", summary="Who does what")),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="task-plan", version=1), 1),
    asked("PlannerAgent", SlotFinished(agent="PlannerAgent")),
    asked(
        "PlannerAgent",
        ProjectTransitioned(origin=Phase.PLANNING, to=Phase.IN_PROGRESS, reason="Plan accepted"),
    ),
    asked(
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
        TRACE,
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="backend", version=1), 1, TRACE),
    asked("DataScienceAgent", SlotGranted(agent="DataScienceAgent", lease_seconds=90)),
    asked(
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
    asked(
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
    asked(
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
    asked(
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
    asked(
        "NotebookAgent", ArtifactWithdrawn(artifact="exploration", version=1, reason="Moved to a project of its own")
    ),
    asked("NotebookAgent", SlotGranted(agent="NotebookAgent", lease_seconds=90)),
    asked("NotebookAgent", SlotFinished(agent="NotebookAgent", failure="the kernel ran out of memory")),
    asked(
        "PlannerAgent",
        ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="All artifacts stand together"),
    ),
    asked("PlannerAgent", ProjectTransitioned(origin=Phase.COMPLETED, to=Phase.ARCHIVED, reason="Handed over")),
)

GOLDEN_SEQUENCES: Final = (1, 13, 17, 8, 19, 25, 24, 12, 20, 10, 27, 16, 15, 18, 14)
"""Which event of the story stands for its kind."""

INDEX: Final = "https://index.example/simple"
MOMENTS: Final = tuple(f"2026-11-21T10:00:{second:02}.000000Z" for second in (5, 8, 12))
DEEP_TEXT: Final = (
    "Because CoderAgent requires tensorflow==2.15.0, which requires numpy<2.0.0, and NotebookAgent requires numpy>=2, "
    "no version of numpy satisfies the runtime scope."
)
DEEP_CLASH: Final = Conflict(
    id="C-1",
    kind="transitive",
    ecosystem="pypi",
    subject="numpy",
    scope="runtime",
    severity=Severity.CRITICAL,
    environments=("python3.11-linux",),
    causes=(("exploration", "model"),),
    parties=(
        Party(artifact="exploration", version=1, agent="NotebookAgent", constraint=">=2", sequence=7, scope="runtime"),
        Party(
            artifact="model",
            version=1,
            agent="CoderAgent",
            constraint="tensorflow==2.15.0",
            purpose="Forecast",
            sequence=3,
            scope="runtime",
        ),
    ),
    text=DEEP_TEXT,
    chain=(
        "model requires tensorflow==2.15.0",
        "tensorflow 2.15.0 requires numpy<2.0.0",
        "exploration requires numpy>=2",
    ),
)


def _started(sequence: int, moment: str | None) -> Step:
    started = CompatibilityStarted(sequence=sequence, index=INDEX, exclude_newer=moment)
    return Step("checker", "psmp_checker", started, 2, TRACE)


SECOND_STEPS: Final = (
    asked("IdeaAgent", ProjectCreated(name="Forecast", targets=(Target(),), policy=Policy())),
    asked(
        "IdeaAgent",
        ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="Architecture proposed"),
    ),
    asked(
        "CoderAgent",
        ArtifactDeclared(
            artifact="model",
            version=1,
            type="model",
            dependencies=(Dependency(name="tensorflow", constraint="==2.15.0", purpose="Forecast"),),
        ),
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="model", version=1), 1),
    _started(3, MOMENTS[0]),
    Step(
        "checker",
        "psmp_checker",
        CompatibilityChecked(
            sequence=3,
            verdict="compatible",
            notes=("asked for x86_64; no machine is named",),
            digest=hashlib.sha256(b"first").hexdigest(),
            index=INDEX,
            exclude_newer=MOMENTS[0],
            packages=2,
        ),
        3,
        TRACE,
    ),
    asked(
        "NotebookAgent",
        ArtifactDeclared(
            artifact="exploration",
            version=1,
            type="analysis",
            dependencies=(Dependency(name="numpy", constraint=">=2"),),
        ),
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="exploration", version=1), 1),
    _started(7, None),
    Step("checker", "psmp_checker", ConflictDetected(artifact="exploration", version=1, conflicts=(DEEP_CLASH,)), 3),
    Step(
        "checker",
        "psmp_checker",
        CompatibilityChecked(sequence=7, verdict="conflict", digest=hashlib.sha256(b"second").hexdigest(), index=INDEX),
        4,
    ),
    asked("NotebookAgent", ArtifactWithdrawn(artifact="exploration", version=1, reason="Not needed")),
    Step(
        "checker",
        "psmp_checker",
        CompatibilityStarted(sequence=12, index=INDEX, exclude_newer=MOMENTS[2]),
        1,
    ),
    Step("checker", "psmp_checker", ConflictCleared(artifact="model", version=1, cleared=("C-1",)), 2),
    Step(
        "checker",
        "psmp_checker",
        CompatibilityChecked(
            sequence=12,
            verdict="unknown",
            reasons=("python3.11-linux: the index could not be reached", "what was proven no longer stands"),
            digest=hashlib.sha256(b"third").hexdigest(),
            index=INDEX,
            exclude_newer=MOMENTS[2],
        ),
        3,
    ),
)
SECOND_GOLDEN_SEQUENCES: Final = (5, 15)

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


def log() -> Iterator[Record]:
    """The story as its records."""
    return _told(KEY, STEPS, 0)


def second() -> Iterator[Record]:
    """The other story as its records."""
    return _told(SECOND_KEY, SECOND_STEPS, 2)


def third() -> Iterator[Record]:
    """The checkout as its records."""
    return _told(governed.KEY, governed.STEPS, governed.SALT)


def fourth() -> Iterator[Record]:
    """The project of a person that is erased, as its records."""
    return _told(erased.KEY, erased.STEPS, erased.SALT)


def fifth() -> Iterator[Record]:
    """The project that is pruned, as its records."""
    return _told(pruned.KEY, pruned.STEPS, pruned.SALT)


def sixth() -> Iterator[Record]:
    """The project in which a graph of agents runs, as its records."""
    return _told(orchestrated.KEY, orchestrated.STEPS, orchestrated.SALT)


def seventh() -> Iterator[Record]:
    """The webhooks of a tenant, as records."""
    return _told(webhooks.KEY, webhooks.STEPS, webhooks.SALT)


def eighth() -> Iterator[Record]:
    """The project with planned tasks, as its records."""
    return _told(planned.KEY, planned.STEPS, planned.SALT)


def _told(key: ProjectKey, steps: Sequence[Step], salt: int) -> Iterator[Record]:
    """Positions are those of a stream in which two other projects write as well."""
    link = Link(1, GENESIS)
    causes: list[tuple[str, str]] = []
    for number, step in enumerate(steps, 1):
        event_id, command_id = identity(number, salt), identity(number, salt + 1)
        cause, root = (causes[-step.back][0], causes[-step.back][1]) if step.back else (command_id, command_id)
        provenance = Provenance(f"/psmp/{step.service}", step.actor, cause, root, step.traceparent, step.person)
        body = seal_event(key, step.event, link, provenance, Stamp(event_id, time(number)))
        yield Record(3 * number, key, step.event.KIND, body)
        causes.append((event_id, root))
        link = Link(number + 1, leaf_hash(body))


def commands() -> Iterator[tuple[str, bytes]]:
    """One command of each kind, as it is sent."""
    yield from _sent(KEY, COMMANDS, 1)
    yield from _sent(governed.KEY, governed.COMMANDS, governed.SALT + 2)
    yield from _sent(erased.COMMANDS_TO, erased.COMMANDS, erased.SALT + 2)
    yield from _sent(orchestrated.KEY, orchestrated.COMMANDS, orchestrated.SALT + 2)
    yield from _sent(webhooks.KEY, webhooks.COMMANDS, webhooks.SALT + 2)
    yield from _sent(planned.KEY, planned.COMMANDS, planned.SALT + 2)


def _sent(key: ProjectKey, words: Sequence[tuple[str, Command]], salt: int) -> Iterator[tuple[str, bytes]]:
    for number, (actor, command) in enumerate(words, 1):
        traceparent = TRACE if isinstance(command, DeclareArtifact) else None
        stamp = Stamp(identity(number, salt), time(number))
        yield command.KIND, seal_command(key, actor, command, stamp, traceparent)


def golden() -> Iterator[tuple[str, bytes]]:
    """Every golden file: its name and its bytes."""
    records = list(log())
    yield WHOLE, _lines(records)
    for number in GOLDEN_SEQUENCES:
        yield f"{records[number - 1].kind}.v1.json", records[number - 1].body
    later = list(second())
    yield SECOND, _lines(later)
    for number in SECOND_GOLDEN_SEQUENCES:
        yield f"{later[number - 1].kind}.v1.json", later[number - 1].body
    latest = list(third())
    yield governed.WHOLE, _lines(latest)
    yield from {f"{each.kind}.v1.json": each.body for each in latest if each.kind in governed.GOLDEN}.items()
    last = list(fourth())
    yield erased.WHOLE, _lines(last)
    yield from {f"{each.kind}.v1.json": each.body for each in last if each.kind in erased.GOLDEN}.items()
    gone = list(fifth())
    yield pruned.WHOLE, _lines(gone)
    yield from {f"{each.kind}.v1.json": each.body for each in gone if each.kind in pruned.GOLDEN}.items()
    graphs = list(sixth())
    yield orchestrated.WHOLE, _lines(graphs)
    yield from {f"{each.kind}.v1.json": each.body for each in graphs if each.kind in orchestrated.GOLDEN}.items()
    hooks = list(seventh())
    yield webhooks.WHOLE, _lines(hooks)
    yield from {f"{each.kind}.v1.json": each.body for each in hooks if each.kind in webhooks.GOLDEN}.items()
    plans = list(eighth())
    yield planned.WHOLE, _lines(plans)
    yield from {f"{each.kind}.v1.json": each.body for each in plans if each.kind in planned.GOLDEN}.items()
    for kind, body in commands():
        yield f"{kind}.v1.json", body


def _lines(records: Sequence[Record]) -> bytes:
    return b"".join(record.body + b"\n" for record in records)


_LATER: Final = (erased, pruned, orchestrated, webhooks, planned)
UNRELEASED: Final[frozenset[str]] = frozenset(
    {
        *(each.WHOLE for each in _LATER),
        *(f"{kind}.v1.json" for each in _LATER for kind in each.GOLDEN),
        *(f"{word.KIND}.v1.json" for each in (erased, orchestrated, webhooks, planned) for _, word in each.COMMANDS),
    }
)
"""The names of golden files that may still be written anew, until they are released."""


def forget() -> None:
    """Take away what was not released yet, from the manifest too."""
    for name in UNRELEASED:
        (FOLDER / name).unlink(missing_ok=True)
    kept = [line for line in MANIFEST.read_text().splitlines(keepends=True) if line.split()[1] not in UNRELEASED]
    MANIFEST.write_text("".join(kept))


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
    if "--anew" in sys.argv:
        forget()
    print("\n".join(write()) or "every golden file is there already")  # noqa: T201
