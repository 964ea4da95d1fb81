"""Parameters that several routes take; one that is not known is refused."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from psmp.words.ids import ID_PATTERN, Id
from psmp.words.orchestration.graph import MaegId
from psmp.words.orchestration.seen import Outcome
from psmp.words.strict import Fault
from psmp.words.values import AlertId, ArtifactType, ConflictId, Kind, Phase, ResolutionId, Severity
from psmp_gateway.rules import cursors, live, tasks
from psmp_gateway.rules.cursors import Cursor
from psmp_gateway.trouble import invalid

Project = Annotated[str, Path(pattern=ID_PATTERN, description="The project's id.")]
Artifact = Annotated[str, Path(pattern=ID_PATTERN, description="The artifact's id.")]
ConflictName = Annotated[ConflictId, Path(description="The conflict's id within its project, as `C-1`.")]
ResolutionName = Annotated[ResolutionId, Path(description="The resolution's id within its project, as `R-1`.")]
GraphName = Annotated[MaegId, Path(description="The graph's id, as `MAEG-LOGIN`.")]
NodeName = Annotated[str, Path(pattern=ID_PATTERN, description="The node's id within its graph.")]
AlertName = Annotated[AlertId, Path(description="The alert's id within its project.")]
TaskName = Annotated[
    str,
    Path(pattern=tasks.TASK_PATTERN, description="The task's id within its project, as `docs` or `answer:R-1:ada`."),
]
WebhookName = Annotated[Id, Path(description="The webhook's name.")]
LetterNumber = Annotated[int, Path(ge=1, le=2**53, description="The letter's number.")]


class Given(BaseModel):
    """Query parameters; none but those that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Given):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Cursor | None = None

    def place(self, shape: "TypeAdapter[Any]") -> Any:  # noqa: ANN401 - as the shape says
        """Where the page begins; None at the beginning. Raises ``Trouble``."""
        if self.cursor is None:
            return None
        try:
            return cursors.read(self.cursor, shape)
        except cursors.BadCursor:
            fault = Fault("cursor", "this is no cursor of this list")
            raise invalid(fault, hint="take next_cursor as it came, or leave cursor out to begin anew") from None


class OfProject(Given):
    """In which project."""

    project: Id


class ProjectFilter(Page):
    """Which projects: in one of these states, and called so or with more around it, in small letters or capitals."""

    state: Annotated[tuple[Phase, ...], Field(max_length=len(Phase))] = ()
    name: Annotated[str, Field(max_length=200)] = ""


class TaskFilter(Page):
    """Which tasks. Archived ones come where ``status`` says so. ``agent`` empty: those that are nobody's."""

    kind: Annotated[tuple[tasks.Kind, ...], Field(max_length=3)] = ()
    agent: Annotated[str, Field(pattern=tasks.AGENT_PATTERN)] | None = None
    status: Annotated[tuple[tasks.Standing, ...], Field(max_length=4)] = ()


class ArtifactFilter(Page):
    """Which artifacts."""

    agent: Id | None = None
    type: ArtifactType | None = None
    status: Annotated[str, Field(pattern="^(DRAFT|ACTIVE|ARCHIVED)$")] | None = None
    package: Annotated[str, Field(max_length=214)] | None = None


class ConflictFilter(Page):
    """Which conflicts, of one project or of all."""

    project: Id | None = None
    severity: Severity | None = None
    type: Kind | None = None
    state: Annotated[str, Field(pattern="^(open|resolving|waived)$")] | None = None


class ReportFilter(Page):
    """Which blocked projects."""

    project: Id | None = None


class AlertFilter(Page):
    """Which alerts, of one project or of all; ``waiting``: only those that wait for a person."""

    project: Id | None = None
    waiting: bool = False


class GraphFilter(Page):
    """Which graphs of agents; ``waiting``: only those that wait for a person."""

    state: Outcome | None = None
    waiting: bool = False


class GraphsFilter(GraphFilter):
    """Which graphs of agents, of one project or of all."""

    project: Id | None = None


class LetterFilter(Page):
    """Which dead letters, of one project or of all; ``waiting``: only those of which nothing has become yet."""

    project: Id | None = None
    waiting: bool = False


class StreamFilter(Given):
    """Which events; ``after`` is where to begin when no ``Last-Event-ID`` says so: a position, 0 for all there is."""

    project: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    type: Annotated[tuple[Annotated[str, Field(pattern=live.KIND, max_length=100)], ...], Field(max_length=50)] = ()
    severity: Annotated[tuple[Severity, ...], Field(max_length=4)] = ()
    after: Annotated[int, Field(ge=0, le=2**53)] | None = None


class Onwards(Given):
    """Where to go after signing in: a path of this site."""

    next: Annotated[str, Field(max_length=1000)] = "/"


class Redirected(BaseModel):
    """What an issuer sends a browser back with; it may say more, which is not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: Annotated[str, Field(max_length=4096)] = ""
    state: Annotated[str, Field(max_length=200)] = ""
    error: Annotated[str, Field(max_length=200)] = ""


SigningIn = Annotated[Onwards, Query()]
SignedIn = Annotated[Redirected, Query()]
Nothing = Annotated[Given, Query()]
Paged = Annotated[Page, Query()]
InProject = Annotated[OfProject, Query()]
Projects = Annotated[ProjectFilter, Query()]
Tasks = Annotated[TaskFilter, Query()]
Artifacts = Annotated[ArtifactFilter, Query()]
Conflicts = Annotated[ConflictFilter, Query()]
Report = Annotated[ReportFilter, Query()]
Alerts = Annotated[AlertFilter, Query()]
Graphs = Annotated[GraphFilter, Query()]
AllGraphs = Annotated[GraphsFilter, Query()]
Letters = Annotated[LetterFilter, Query()]
Stream = Annotated[StreamFilter, Query()]
