"""What is answered over HTTP, besides what the keeper answers and the stored events themselves."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, create_model

from psmp.words.answers import (
    AlertLine,
    ArtifactStatus,
    ProjectLine,
    ResolutionStatus,
    SlotStatus,
    WaitingStatus,
    WaiverStatus,
    WebhookHealth,
    WebhookStatus,
)
from psmp.words.api_keys import Role
from psmp.words.commands import AmendArtifact, AnswerResolution, ChangeWebhook, CreateProject, ResolveConflict
from psmp.words.ids import Id
from psmp.words.orchestration.seen import OrchestrationLine
from psmp.words.values import Conflict, Phase, Text, Word
from psmp.words.webhooks import OVERLAP

EventObject = Annotated[dict[str, Any], Field(description="The event as it is stored: a CloudEvent, see the contract.")]
Next = Annotated[str | None, Field(description="Give it as `cursor` for the next page; there is none without.")]
Behind = Annotated[int, Field(description="How many events this list has not taken in yet.")]


class NewProject(CreateProject):
    """A project to be created; without a name it is called as its id."""

    project: Id
    name: Text = ""


def part(word: type[Word], name: str, about: str, left_out: str, **others: Any) -> type[Word]:
    """A command's body without what the path says; of ``others`` something else is taken."""
    kept: Any = {each: (field.annotation, field) for each, field in word.model_fields.items() if each != left_out}
    kept |= {each: (annotation, ...) for each, annotation in others.items()}
    return create_model(name, __base__=Word, __doc__=about, **kept)


AMENDMENT: Final = part(AmendArtifact, "Amendment", str(AmendArtifact.__doc__), "artifact")
ALSO_CALLED: Final = {"accept-suggestion": "accept", "override": "change"}
"""Other names of strategies, as people say them."""

_Strategy = Annotated[
    Literal["accept", "change", "merge", "waive", "escalate", "retry", "accept-suggestion", "override"],
    AfterValidator(lambda said: ALSO_CALLED.get(said, said)),
]
RESOLUTION: Final = part(
    ResolveConflict,
    "Resolution",
    f"{ResolveConflict.__doc__}\n    ``accept-suggestion`` is ``accept``, ``override`` is ``change``.\n    ",
    "conflict",
    strategy=_Strategy,
)
ANSWER: Final = part(AnswerResolution, "Answer", str(AnswerResolution.__doc__), "resolution")


WEBHOOK_CHANGE: Final = part(ChangeWebhook, "WebhookChange", str(ChangeWebhook.__doc__), "webhook")


def changes_nothing(change: Word) -> bool:
    """Whether a change says of nothing that it shall be otherwise, whatever its reason is."""
    said = change.model_dump(exclude={"reason"}, exclude_none=True)
    return all(each == {} for each in said.values())


class Rotation(Word):
    """For how long the old secret of a webhook goes on beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = OVERLAP


class Withdrawal(Word):
    """Why an artifact is withdrawn."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    fence: Annotated[int, Field(ge=1)] | None = None


class Because(Word):
    """Why something is done."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Sent(Word):
    """A command that is stored and will be decided; nothing else is known of it yet."""

    command_id: str
    position: Annotated[int | None, Field(description="Its place among the commands, where that is known.")] = None
    hint: str = "send the same with the same Idempotency-Key and Prefer: wait for the outcome; it counts once"


class Outcome(Word):
    """The event that settled a command."""

    command_id: str
    position: int
    sequence: int
    event: EventObject
    receipt: Annotated[str | None, Field(description="The signed promise that this very event is in the log.")] = None


class VerdictAnswer(Outcome):
    """What became of a declaration.

    ``blocked``: it is party to a conflict that blocks the project. ``conflict``: to one that does not.
    ``auto_resolved``: it was, and the resolver has cleared it within the time that was waited; ``resolution`` is how.
    """

    verdict: Literal["accepted", "blocked", "conflict", "auto_resolved"]
    artifact: Id
    text: str
    conflicts: tuple[Conflict, ...] = ()
    cleared: tuple[str, ...] = ()
    state: Phase | None = None
    resolution: EventObject | None = None


class ProjectPage(Word):
    """Projects by id."""

    items: tuple[ProjectLine, ...]
    next_cursor: Next = None
    behind: Behind = 0


class ArtifactPage(Word):
    """Artifacts of a project by id, as of ``sequence``."""

    items: tuple[ArtifactStatus, ...]
    sequence: int
    next_cursor: Next = None


class ConflictState(Word):
    """An open conflict of a project: ``open`` and nobody at it, ``resolving``, or ``waived``."""

    project: Id
    state: Literal["open", "resolving", "waived"]
    blocking: bool
    sequence: Annotated[int | None, Field(description="The event that made it what it is.")] = None
    conflict: Conflict
    resolution: ResolutionStatus | None = None
    waiver: WaiverStatus | None = None


class ConflictPage(Word):
    """Open conflicts, project by project."""

    items: tuple[ConflictState, ...]
    next_cursor: Next = None
    behind: Behind = 0


class Step(Word):
    """A way out, as a request that can be sent as it is."""

    text: str
    method: Literal["POST"] = "POST"
    href: str
    body: dict[str, Any]


class Blocker(ConflictState):
    """A conflict that blocks, what can be done about it, and whom that waits for."""

    hint: str
    steps: tuple[Step, ...]
    waits_for: tuple[Id, ...] = ()


class BlockedProject(Word):
    """What blocks a project, since when, and whom it keeps from working."""

    project: Id
    name: str
    state: Phase
    since: str
    sequence: int
    blockers: tuple[Blocker, ...]
    running: tuple[Id, ...]
    waiting: tuple[Id, ...]


class BlockingReport(Word):
    """Every blocked project with the ways out."""

    items: tuple[BlockedProject, ...]
    next_cursor: Next = None
    behind: Behind = 0


class AgentState(Word):
    """An agent of a project: what it has made, whether it runs, waits, or has fallen silent, and when it was heard.

    ``heard`` is when NATS stored its last heartbeat, of the last day; ``leaving``: it said with that one that it goes.
    """

    agent: Id
    artifacts: tuple[Id, ...] = ()
    running: tuple[SlotStatus, ...] = ()
    waiting: tuple[WaitingStatus, ...] = ()
    silent: bool = False
    conflicts: tuple[str, ...] = ()
    heard: str | None = None
    leaving: bool = False


class AgentList(Word):
    """The agents of a project by id, as of ``sequence``; ``present`` is what time it was then, to reckon with."""

    items: tuple[AgentState, ...]
    sequence: int
    present: str


class SlotList(Word):
    """Who runs and who waits, in the order of the queue, as of ``sequence``."""

    items: tuple[SlotStatus, ...]
    waiting: tuple[WaitingStatus, ...]
    sequence: int


class AlertPage(Word):
    """Open alerts, oldest first."""

    items: tuple[AlertLine, ...]
    next_cursor: Next = None
    behind: Behind = 0


class OrchestrationPage(Word):
    """Graphs of agents, project by project, in each the oldest first."""

    items: tuple[OrchestrationLine, ...]
    next_cursor: Next = None
    behind: Behind = 0


class WebhookState(WebhookStatus):
    """A webhook; ``health`` is how posting goes as the sender sees it, left out where none answers."""

    health: WebhookHealth | None = None


class WebhookList(Word):
    """The webhooks of the tenant by name; ``health_since`` is since when the sender has seen how posting goes."""

    items: tuple[WebhookState, ...]
    health_since: str | None = None


class WebhookMade(Outcome):
    """What became of a webhook, and its secret, shown once; where it is not known, ``hint`` says what to do."""

    webhook: Id
    secret: Annotated[str | None, Field(repr=False)] = None
    hint: str | None = None


class LetterState(Word):
    """A message that was given up, and what became of it."""

    letter: int
    project: Id
    service: str
    state: Literal["unseen", "waiting", "retried", "dropped"]
    reason: str
    tries: int
    time: str
    subject: str
    body: Annotated[str, Field(description="The message as text; what is no UTF-8 is replaced.")]


class LetterPage(Word):
    """Dead letters, oldest first."""

    items: tuple[LetterState, ...]
    next_cursor: Next = None


class StoredEvent(Word):
    """An event of the audit trail: where it is stored, and the RFC 6962 leaf hash of its exact bytes."""

    position: int
    leaf: str
    event: EventObject


class EventPage(Word):
    """A page of a project's audit trail, in order; ``opened`` says of each sealed text in it what it says."""

    items: tuple[StoredEvent, ...]
    next_cursor: Next = None
    opened: dict[str, str] = Field(default_factory=dict)


class Part(Word):
    """A part of the gateway."""

    name: str
    trouble: str = ""


class DeepPart(Word):
    """A part of the gateway, in its own words."""

    name: str
    handled: int
    waiting: int
    trouble: str = ""


class Checked(Word):
    """How long something took to answer; ``trouble`` if it did not."""

    name: str
    milliseconds: float
    trouble: str = ""


class DeepHealth(Word):
    """How every part of the gateway stands, and what it stands on; ``held`` events are at hand for live readers."""

    well: bool
    draining: bool
    position: int
    held: int
    parts: tuple[DeepPart, ...]
    checked: tuple[Checked, ...]


class Draining(Word):
    """Whether the gateway is being drained."""

    draining: bool


class KeyShown(Word):
    """An API key to sign in with."""

    key: Annotated[str, Field(min_length=1, max_length=200)]


class Session(Word):
    """Who is let in, with what, and what it may do."""

    agent: str
    tenant: str
    role: Role
    projects: Annotated[tuple[str, ...] | None, Field(description="The only ones that it sees; left out: all.")] = None
    permissions: tuple[str, ...]
    privileged: bool
    how: Literal["key", "token", "session"]
    expires: datetime


class Logins(Word):
    """How to sign in: with an API key (`POST /session`); by going to `begin` with the browser."""

    key: bool
    begin: str | None = None


class Wellness(Word):
    """Whether the gateway can do its work; ``position`` is the newest event that it knows of."""

    well: bool
    version: str
    position: int
    parts: tuple[Part, ...]
