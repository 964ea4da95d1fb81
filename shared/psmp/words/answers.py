"""What is asked and answered: a project's status, lists of projects and alerts, a page of a log, a checkpoint."""

from typing import Annotated, Literal

from pydantic import Field

from psmp.words.envelope import Time
from psmp.words.ids import Id, Uuid
from psmp.words.progress import CheckProgress
from psmp.words.tasks import Planned
from psmp.words.values import (
    ArtifactType,
    Change,
    Conflict,
    ConflictId,
    Dependency,
    Limits,
    Metadata,
    PathClaim,
    Phase,
    Policy,
    Severity,
    Strategy,
    Target,
    Word,
)


class StatusQuestion(Word):
    """A project's status now, or as of ``sequence`` or ``time`` (RFC 3339, UTC), whichever is given."""

    project: Id
    sequence: Annotated[int, Field(ge=1)] | None = None
    time: str | None = None


class EventsQuestion(Word):
    """The project's events behind ``after`` (a sequence), at most ``limit`` of them."""

    project: Id
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class ProjectsQuestion(Word):
    """The tenant's projects whose id comes after ``after``, at most ``limit`` of them; of these ``states``, if any."""

    after: str = ""
    states: Annotated[tuple[Phase, ...], Field(max_length=len(Phase))] = ()
    limit: Annotated[int, Field(ge=1, le=500)] = 200


AlertPlace = tuple[Time, Id, str]
"""Where an alert stands in a list of them: since when it is open, its project, its name."""


class AlertsQuestion(Word):
    """The tenant's open alerts, or those of one ``project``, oldest first, behind ``after``, at most ``limit`` of them.

    ``waiting``: only those that wait for a person, the inbox.
    """

    project: Id | None = None
    waiting: bool = False
    after: AlertPlace | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class CheckpointQuestion(Word):
    """A signed checkpoint that covers the project's record ``at_least``; left out, the last one that it has now."""

    project: Id
    at_least: Annotated[int, Field(ge=1, lt=2**63)] | None = None


class ArtifactStatus(Word):
    """One artifact: DRAFT while judged or in conflict, ACTIVE, or ARCHIVED when withdrawn."""

    artifact: Id
    agent: Id
    type: ArtifactType
    version: int
    status: str
    summary: str
    dependencies: tuple[Dependency, ...]
    paths: tuple[PathClaim, ...]
    sequence: int
    time: str
    requires_python: str | None = None
    environment: Id | None = None
    metadata: Metadata = {}
    flexible: bool | None = None


class SlotStatus(Word):
    """One agent that may run; ``declared`` says whether it has declared anything under this slot.

    It ends ``term_seconds`` after ``renewed``, if it has a term.
    """

    agent: Id
    fence: int
    since: str
    lease_seconds: int
    declared: bool
    renewed: str = ""
    term_seconds: int | None = None
    limits: Limits | None = None


class WaitingStatus(Word):
    """One agent that waits for a slot, since then and for so long at most."""

    agent: Id
    request: str
    since: str
    wait_seconds: int


class ResolutionStatus(Word):
    """A resolution under way, ``requested`` or ``proposed``; ``unanswered`` are the owners who have yet to answer."""

    resolution: str
    conflict: ConflictId
    strategy: Strategy
    stage: Literal["requested", "proposed"]
    by: str
    reason: str
    since: str
    changes: tuple[Change, ...] = ()
    agents: tuple[Id, ...] = ()
    unanswered: tuple[Id, ...] = ()
    seconds: int | None = None


class WaiverStatus(Word):
    """A conflict that is open and blocks nothing ``until`` then, because ``by`` said so."""

    conflict: ConflictId
    resolution: str
    by: str
    reason: str
    since: str
    until: str


class AlertStatus(Word):
    """An open alert; it lies in the inbox while it is for a ``person`` and nobody has ``taken`` it in hand."""

    alert: str
    severity: Severity
    text: str
    hint: str
    person: bool
    since: str
    conflict: ConflictId | None = None
    taken: str | None = None


class Transitive(Word):
    """Whether all can be installed together with everything that packages need themselves, as far as that was checked.

    ``unchecked``: nobody ever asked, for no index is configured. ``pending``: what stands declared now was not judged
    yet. Else the verdict on what stood declared at event ``sequence``, over the index as of ``exclude_newer``;
    ``reasons`` say what is waited for, or what is unknown and why. ``progress`` is how far a check is that runs now
    and has taken more than a second.
    """

    verdict: Literal["compatible", "conflict", "unknown", "pending", "unchecked"] = "unchecked"
    reasons: tuple[str, ...] = ()
    sequence: int | None = None
    exclude_newer: str | None = None
    progress: CheckProgress | None = None


class WebhookStatus(Word):
    """A webhook of a tenant: what is posted where, and since when.

    ``sequence`` is the event that made it what it is. ``until``: so long the secret before its last one counts as well.
    ``ended``: when its receiver has answered that it wants nothing any more, with ``reason``.
    """

    webhook: Id
    url: str
    kinds: tuple[str, ...]
    by: Id
    since: str
    sequence: int
    until: str | None = None
    ended: str | None = None
    reason: str = ""


class Status(Word):
    """A project as of ``sequence``: its state as every rule sees it, and the phase that is formally written.

    ``told`` has the sequence at which each open conflict became what it is; ``waiting`` is in the order of the queue.
    The bodies of events up to number ``pruned`` were pruned, and nothing that followed from them is known any more.
    """

    tenant: Id
    project: Id
    name: str
    state: Phase
    phase: Phase
    since: str
    created: str
    sequence: int
    time: str
    targets: tuple[Target, ...]
    policy: Policy
    artifacts: tuple[ArtifactStatus, ...]
    conflicts: tuple[Conflict, ...]
    slots: tuple[SlotStatus, ...]
    silent: tuple[str, ...]
    transitive: Transitive = Transitive()
    told: dict[str, int] = {}
    waiting: tuple[WaitingStatus, ...] = ()
    resolutions: tuple[ResolutionStatus, ...] = ()
    waivers: tuple[WaiverStatus, ...] = ()
    alerts: tuple[AlertStatus, ...] = ()
    creator: str = ""
    pruned: int = 0
    webhooks: tuple[WebhookStatus, ...] = ()
    tasks: tuple[Planned, ...] = ()


class ProjectLine(Word):
    """One project in a list, as of ``sequence`` of the projection."""

    project: Id
    name: str
    state: Phase
    since: str
    sequence: int
    time: str
    artifacts: int
    conflicts: int


class ProjectList(Word):
    """A page of projects. ``behind`` is how many events the projection had yet to take in when it was asked."""

    projects: tuple[ProjectLine, ...]
    more: bool = False
    behind: int = 0


class AlertLine(AlertStatus):
    """One open alert in a list, and the project that it is about."""

    project: Id

    @property
    def place(self) -> AlertPlace:
        """Where it stands in the list."""
        return self.since, self.project, self.alert


class AlertList(Word):
    """A page of open alerts. ``behind`` is how many events the projection had yet to take in when it was asked."""

    alerts: tuple[AlertLine, ...]
    more: bool = False
    behind: int = 0


class EventsPage(Word):
    """A page of a log: each event's stream position and its exact stored bytes as text.

    ``opened`` says of every sealed text in them what it says, ``[erased]`` where its key is gone.
    """

    events: tuple[tuple[int, str], ...]
    more: bool = False
    opened: dict[str, str] = {}


class SignedCheckpoint(Word):
    """A checkpoint that covers a project's first ``sequence`` records, of which the last stands at ``position``.

    ``note`` is what is signed, with the signatures of the log's keys and of those witnesses that cosigned in time
    (C2SP signed note); ``root`` is the Merkle root in it, in hex, ``number`` its place in the anchor log. It is stored.
    """

    project: Id
    sequence: int
    position: int
    root: str
    number: int
    note: str
    signed_at: Time

    @property
    def signers(self) -> tuple[str, ...]:
        """Whose signatures the note bears, by the names in it: nothing is verified here."""
        _, _, signatures = self.note.partition("\n\n")
        lines = (line.split(" ") for line in signatures.split("\n"))
        return tuple(dict.fromkeys(line[1] for line in lines if line[0] == "\u2014" and len(line) == 3))  # noqa: PLR2004


class WebhooksQuestion(Word):
    """How posting by the tenant's webhooks goes, by what the sender that answers has seen."""


class WebhookHealth(Word):
    """How posting by one webhook goes, since the sender that answers began.

    ``waiting`` events are to be tried again, ``given_up`` were tried often enough: each of them is a dead letter.
    ``failing`` is since when the receiver has taken nothing, though it was tried; ``trouble`` what came of that last.
    """

    webhook: Id
    posted: int = 0
    delivered: Annotated[str | None, Field(description="When the last one was taken.")] = None
    failing: str | None = None
    trouble: str = ""
    waiting: int = 0
    given_up: int = 0


class WebhookHealthList(Word):
    """How posting goes: of each webhook of the tenant, since the sender that answers began."""

    since: str
    webhooks: tuple[WebhookHealth, ...]


class SecretQuestion(Word):
    """What a webhook is signed with that the asker itself has made, or given a new secret, by ``command_id`` just now.

    It is answered for ten minutes; after that nobody is told it any more.
    """

    webhook: Id
    command_id: Uuid


class WebhookSecret(Word):
    """The secret of a webhook, as Standard Webhooks spells it; it is written down nowhere else."""

    webhook: Id
    secret: Annotated[str, Field(repr=False)]


class Problem(Word):
    """A question that cannot be answered: a stable code, why, and what to do next."""

    code: str
    reason: str
    hint: str = ""
