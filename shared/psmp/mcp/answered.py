"""What each tool answers, as data. ``next`` says what to do, in the words of these tools."""

from typing import Annotated, Any, Literal

from pydantic import Field

from psmp.words.ids import Id
from psmp.words.values import Conflict, ConflictId, Phase, Severity, Word

Seen = Annotated[int, Field(description="Hand this on as 'seen' when you accept a suggestion that you read here.")]


class Told(Word):
    """What every answer has."""

    project: Id
    next: Annotated[tuple[str, ...], Field(description="What to do now, most useful first.")] = ()


class Problem(Word):
    """Why a call came to nothing. ``code`` is stable; ``next`` says what to do."""

    code: str
    reason: str
    next: str = ""
    conflicts: tuple[str, ...] = ()
    retry_seconds: int | None = None
    command_id: str | None = None


class Way(Word):
    """A suggestion in a sentence."""

    suggestion: int
    text: str


class ConflictLine(Word):
    """A conflict in a list: why it is one, who is party to it, and the ways out that were verified."""

    conflict: ConflictId
    severity: Severity
    kind: str
    subject: str
    text: str
    agents: tuple[Id, ...]
    yours: Annotated[bool, Field(description="Whether something of yours is party to it.")]
    suggestions: tuple[Way, ...] = ()


class Declared(Told):
    """The verdict: ``accepted`` where the declaration stands together with all others."""

    artifact: Id
    version: int
    accepted: bool
    state: Phase
    seen: Seen
    conflicts: tuple[ConflictLine, ...] = ()
    cleared: tuple[str, ...] = ()
    more_conflicts: int = 0


class Checked(Told):
    """What would come of a declaration; nothing was written. Ids of conflicts that are not ``open`` are guesses."""

    artifact: Id
    verdict: Literal["compatible", "conflict", "unknown", "invalid"]
    conflicts: tuple[ConflictLine, ...] = ()
    open: Annotated[tuple[str, ...], Field(description="Which of these conflicts are open already.")] = ()
    fits: Annotated[dict[str, str], Field(description="A range that all admit, for each package others need too.")] = {}
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    more_conflicts: int = 0


class ArtifactLine(Word):
    """One artifact in a list."""

    artifact: Id
    agent: Id
    yours: bool
    status: str
    version: int
    summary: str = ""
    needs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


class SlotLine(Word):
    """One agent that may run."""

    agent: Id
    fence: int
    declared: bool


class TaskLine(Word):
    """One planned task that is not done: whose it is, if anybody's, and which artifacts shall come of it."""

    task: Id
    title: str
    status: str
    agent: Id | None = None
    yours: bool = False
    artifacts: tuple[Id, ...] = ()


class Standing(Told):
    """How a project stands. ``may_start``: work may be started in it now."""

    name: str
    you: Annotated[Id, Field(description="Who this session speaks as.")]
    state: Phase
    may_start: bool
    sequence: int
    since: str
    seen: Seen
    conflicts: tuple[ConflictLine, ...] = ()
    artifacts: tuple[ArtifactLine, ...] = ()
    slots: tuple[SlotLine, ...] = ()
    waiting: tuple[Id, ...] = ()
    tasks: tuple[TaskLine, ...] = ()
    alerts: tuple[str, ...] = ()
    installable: Annotated[str, Field(description="What the package index says of all together.")] = "unchecked"
    more_conflicts: int = 0
    more_artifacts: int = 0
    more_tasks: int = 0


class Conflicts(Told):
    """The open conflicts."""

    state: Phase
    seen: Seen
    conflicts: tuple[ConflictLine, ...] = ()
    more_conflicts: int = 0


class Explained(Told):
    """One conflict with all of its proof and its suggestions."""

    seen: Seen
    conflict: Conflict
    waived_until: str | None = None
    under_way: Annotated[
        tuple[str, ...], Field(description="Resolutions that are under way, and whose answer they need.")
    ] = ()


class Accepted(Told):
    """What became of the suggestion. ``applied`` false: nothing was changed, and ``text`` says why."""

    conflict: ConflictId
    applied: bool
    text: str
    cleared: tuple[str, ...] = ()
    state: Phase


class Granted(Told):
    """A slot. Heartbeats are sent for it as long as this session lives."""

    fence: int
    lease_seconds: int
    term_seconds: int | None = None


class Finished(Told):
    """The slot is given back."""

    fence: int
    failed: bool


class Beaten(Told):
    """The heartbeat was heard."""

    state: Phase
    fence: int | None = None
    renewed: bool = False


class Event(Word):
    """One event of the log."""

    sequence: int
    time: str
    kind: str
    actor: str
    data: dict[str, Any]


class Found(Told):
    """Events of the log, oldest first. ``more``: ask again with ``after`` = ``searched_to``."""

    events: tuple[Event, ...] = ()
    searched_to: int
    more: bool = False
