"""A project in conflict, as values: what pages are tested with."""

from datetime import UTC, datetime

from psmp.words.answers import ArtifactStatus, ProjectLine, SlotStatus, Status, WaitingStatus
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
    Suggestion,
    Target,
)

NOW = datetime(2026, 11, 21, 10, 19, 30, tzinfo=UTC)

CONFLICT = Conflict(
    id="C-1",
    kind="version",
    ecosystem="pypi",
    subject="langchain",
    scope="runtime",
    severity=Severity.CRITICAL,
    environments=("3.11/linux",),
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
            sequence=10,
        ),
    ),
    text=(
        "Because CoderAgent requires langchain>=0.1.0 and DataScienceAgent requires langchain==0.0.350, "
        "no version of langchain satisfies the runtime scope."
    ),
    suggestions=(
        Suggestion(
            n=1,
            changes=(
                Change(artifact="embedding-pipeline", agent="DataScienceAgent", name="langchain", constraint=">=0.1.0"),
            ),
            text="DataScienceAgent -> langchain>=0.1.0 in embedding-pipeline (was ==0.0.350)",
        ),
        Suggestion(
            n=2,
            changes=(Change(artifact="backend", agent="CoderAgent", name="langchain", constraint="==0.0.350"),),
            text="CoderAgent -> langchain==0.0.350 in backend (was >=0.1.0)",
        ),
    ),
)


def artifact(name: str, agent: str, status: str, *needs: Dependency) -> ArtifactStatus:
    return ArtifactStatus(
        artifact=name,
        agent=agent,
        type="code",
        version=1,
        status=status,
        summary="",
        dependencies=needs,
        paths=(PathClaim(path="app/main.py"),),
        sequence=8,
        time="2026-11-21T10:12:04.000000Z",
    )


BLOCKED = Status(
    tenant="default",
    project="rag-chatbot",
    name="RAG chatbot",
    state=Phase.BLOCKED,
    phase=Phase.IN_PROGRESS,
    since="2026-11-21T10:15:30.123456Z",
    created="2026-11-21T10:00:00.000000Z",
    sequence=11,
    time="2026-11-21T10:15:30.123456Z",
    targets=(Target(),),
    policy=Policy(),
    artifacts=(
        artifact(
            "backend",
            "CoderAgent",
            "DRAFT",
            Dependency(name="fastapi", constraint=">=0.100.0"),
            Dependency(name="langchain", constraint=">=0.1.0"),
        ),
        artifact(
            "embedding-pipeline",
            "DataScienceAgent",
            "DRAFT",
            Dependency(name="langchain", constraint="==0.0.350"),
            Dependency(name="uvicorn", extras=("standard",), scope="dev"),
        ),
        artifact("plan", "PlannerAgent", "ACTIVE"),
    ),
    conflicts=(CONFLICT,),
    slots=(
        SlotStatus(
            agent="CoderAgent",
            fence=7,
            since="2026-11-21T10:11:00.000000Z",
            lease_seconds=90,
            declared=True,
            renewed="2026-11-21T10:18:00.000000Z",
            term_seconds=3600,
            limits=Limits(cpus=2, memory_mb=4096),
        ),
        SlotStatus(agent="Elder", fence=5, since="2026-11-21T10:01:00.000000Z", lease_seconds=90, declared=False),
    ),
    waiting=(
        WaitingStatus(agent="NotebookAgent", request="r-1", since="2026-11-21T10:16:00.000000Z", wait_seconds=300),
        WaitingStatus(agent="PlannerAgent", request="r-2", since="2026-11-21T10:19:00.000000Z", wait_seconds=7200),
    ),
    silent=("DevOpsAgent",),
)

LINES = [
    ProjectLine(
        project="rag-chatbot",
        name="RAG chatbot",
        state=Phase.BLOCKED,
        since="2026-11-21T10:15:30.123456Z",
        sequence=11,
        time="2026-11-21T10:15:30.123456Z",
        artifacts=3,
        conflicts=1,
    ),
    ProjectLine(
        project="search",
        name="Searching \x1b[31mfor\nneedles",
        state=Phase.PLANNING,
        since="2026-11-19T10:15:30Z",
        sequence=2,
        time="2026-11-19T10:15:30Z",
        artifacts=0,
        conflicts=0,
    ),
]
