"""Commands: what agents and people may ask for. Each names its place in a subject, ``<entity>.<verb>``."""

from typing import Annotated, ClassVar, Final, Literal, get_args

from pydantic import Field, StringConstraints

from psmp.words.ids import Id, Uuid
from psmp.words.orchestration.checks import ReportedTests
from psmp.words.orchestration.dispatch import Token
from psmp.words.orchestration.facts import Micros, Tools, Used, Values
from psmp.words.orchestration.graph import MaegId
from psmp.words.orchestration.packing import MOST_PACKED, Packed
from psmp.words.values import (
    MAX_DEPENDENCIES,
    MAX_PATHS,
    AlertId,
    Answer,
    ArtifactType,
    Change,
    ConflictId,
    Dependency,
    Limits,
    LongText,
    Metadata,
    PathClaim,
    Phase,
    Policy,
    ResolutionId,
    Short,
    Target,
    Text,
    Word,
)
from psmp.words.webhooks import ALERTS, OVERLAP, Kinds, Url

Dependencies = Annotated[tuple[Dependency, ...], Field(max_length=MAX_DEPENDENCIES)]
Paths = Annotated[tuple[PathClaim, ...], Field(max_length=MAX_PATHS)]
PythonVersions = Annotated[str, StringConstraints(max_length=200)]
Reason = Annotated[LongText, Field(min_length=1)]
Changes = Annotated[tuple[Change, ...], Field(min_length=1, max_length=100)]
Fence = Annotated[int, Field(ge=1)]


class CreateProject(Word):
    """Start a project, INITIALIZED, in the subject's tenant and under the subject's id."""

    KIND: ClassVar = "project.create"
    name: Text
    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)] = (Target(),)
    policy: Policy = Policy()


class TransitionProject(Word):
    """Move the project along its lifecycle."""

    KIND: ClassVar = "project.transition"
    to: Phase
    reason: Reason


class DeclareArtifact(Word):
    """Say what an artifact is, what it needs and what it touches.

    ``requires_python`` is a PEP 440 constraint on the interpreter. ``environment`` names an environment of its own for
    what it needs, apart from the one that all others share. ``flexible``: others may change what it needs to clear a
    conflict, without asking. ``fence`` names the slot that it was made under.
    """

    KIND: ClassVar = "artifact.declare"
    artifact: Id
    type: ArtifactType
    summary: LongText = ""
    dependencies: Dependencies = ()
    paths: Paths = ()
    metadata: Metadata = {}
    requires_python: PythonVersions | None = None
    environment: Id | None = None
    flexible: bool | None = None
    fence: Fence | None = None


class AmendArtifact(Word):
    """Replace parts of an artifact's declaration; what is left out stays as it was.

    An empty ``requires_python`` asks for nothing any more, an empty ``environment`` is the shared one.
    """

    KIND: ClassVar = "artifact.amend"
    artifact: Id
    summary: LongText | None = None
    dependencies: Dependencies | None = None
    paths: Paths | None = None
    metadata: Metadata | None = None
    reason: LongText = ""
    requires_python: PythonVersions | None = None
    environment: Id | Literal[""] | None = None
    flexible: bool | None = None
    fence: Fence | None = None


class WithdrawArtifact(Word):
    """Take an artifact out of the project; it is ARCHIVED and its needs count no more."""

    KIND: ClassVar = "artifact.withdraw"
    artifact: Id
    reason: Reason
    fence: Fence | None = None


class ResolveConflict(Word):
    """Resolve a conflict.

    ``accept`` takes ``suggestion``, ``change`` the ``changes`` given, ``merge`` leaves the path to the artifact
    ``into``, which has everybody's change of it; ``waive`` lets the conflict stand for ``seconds``; ``escalate`` lays
    it before a person; ``retry`` asks the resolver to try (again). ``seen`` is the sequence at which the conflict was
    looked at: when it has changed since, nothing is done.
    """

    KIND: ClassVar = "conflict.resolve"
    conflict: ConflictId
    strategy: Literal["accept", "change", "merge", "waive", "escalate", "retry"]
    reason: Reason
    suggestion: Annotated[int, Field(ge=1)] | None = None
    changes: Changes | None = None
    into: Id | None = None
    seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    seen: Annotated[int, Field(ge=1)] | None = None


class AnswerResolution(Word):
    """An owner's answer to a proposal that changes what is its own.

    With ``amend`` it says in ``changes`` (of its own artifacts) what it would change instead.
    """

    KIND: ClassVar = "resolution.answer"
    resolution: ResolutionId
    answer: Answer
    changes: Changes | None = None
    reason: LongText = ""


class RequestSlot(Word):
    """Ask for the right to run. With ``wait_seconds`` the agent queues for so long when there is none just now.

    ``token`` is the one that the agent was sent for a node of a graph, and is used up by the grant.
    """

    KIND: ClassVar = "slot.request"
    wait_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    limits: Limits | None = None
    token: Token | None = None


class RenewSlot(Word):
    """Ask for another term before the one that runs is over; ``fence`` says of which slot, if there are several."""

    KIND: ClassVar = "slot.renew"
    fence: Fence | None = None


class FinishSlot(Word):
    """Give the right to run back; refused when nothing was declared under it and no ``failure`` is told.

    ``fence`` says which slot, if the agent holds several.
    """

    KIND: ClassVar = "slot.finish"
    failure: Reason | None = None
    fence: Fence | None = None


class LeaveQueue(Word):
    """Wait for a slot no longer; ``request`` is the command that asked for it, if the agent waits for several."""

    KIND: ClassVar = "slot.leave"
    request: Uuid | None = None


class AcknowledgeAlert(Word):
    """Take an alert in hand: it leaves the inbox."""

    KIND: ClassVar = "alert.acknowledge"
    alert: AlertId
    reason: Reason


class RetryLetter(Word):
    """Have a dead letter handled once more; ``letter`` is its sequence in ``PSMP_DLQ``."""

    KIND: ClassVar = "letter.retry"
    letter: Annotated[int, Field(ge=1)]
    reason: Reason


class DropLetter(Word):
    """Give a dead letter up; its bytes stay in ``PSMP_DLQ``."""

    KIND: ClassVar = "letter.drop"
    letter: Annotated[int, Field(ge=1)]
    reason: Reason


class EraseSubject(Word):
    """Erase what a person has said of itself and given as reasons when it spoke as agent ``subject`` of ``tenant``.

    ``reason`` and ``approver`` stay in the log for ever: no personal data belongs in them. For the operator alone.
    """

    KIND: ClassVar = "subject.erase"
    tenant: Id
    subject: Id
    reason: Reason
    approver: Short


class PlaceHold(Word):
    """Lay a legal hold on a project: nothing of it is pruned while it lasts. For the operator alone."""

    KIND: ClassVar = "hold.place"
    tenant: Id
    project: Id
    reason: Reason


class ReleaseHold(Word):
    """Take the legal hold from a project. For the operator alone."""

    KIND: ClassVar = "hold.release"
    tenant: Id
    project: Id
    reason: Reason


class SetRetention(Word):
    """Say for how many days after a project was archived the bodies of its events are kept; None is for ever.

    For all projects of ``tenant``. For the operator alone.
    """

    KIND: ClassVar = "retention.set"
    tenant: Id
    days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    reason: Reason


class SubmitMaeg(Word):
    """Register a graph of agents: its document as ``psmp.words.orchestration.packing`` packs it.

    It may be larger than other commands. It is validated as a whole; all its faults are told at once.
    """

    KIND: ClassVar = "maeg.submit"
    graph: Packed


class ApproveMaeg(Word):
    """Agree that the whole is settled, all of whose outcomes are aggregated; for who governs the project."""

    KIND: ClassVar = "maeg.approve"
    maeg: MaegId
    reason: Reason


class AbandonMaeg(Word):
    """Give a graph up that is not settled: nothing of it is done any more; for who governs the project."""

    KIND: ClassVar = "maeg.abandon"
    maeg: MaegId
    reason: Reason


class ReportSubPac(Word):
    """Say that a node is done, and give its outputs; the slot of that ``fence`` ends.

    ``tools`` are those that were used, ``used`` the outputs of other nodes, each as node and output. Costs are in
    millionths.
    """

    KIND: ClassVar = "subpac.report"
    fence: Fence
    outputs: Values = {}
    tools: Tools = ()
    used: Used = ()
    cost_micros: Micros = 0
    tests: ReportedTests | None = None


class ReviewSubPac(Word):
    """A person's word on the result of a node that waits for one of that ``role``; for who governs the project."""

    KIND: ClassVar = "subpac.review"
    maeg: MaegId
    node: Id
    role: Short
    agrees: bool
    reason: Reason


class CorrectSubPac(Word):
    """Have a node done once more that has failed too often, or is done; for who governs the project."""

    KIND: ClassVar = "subpac.correct"
    maeg: MaegId
    node: Id
    reason: Reason


class AddWebhook(Word):
    """Have events of the tenant's projects posted to ``url``, from now on. Its secret is shown to who adds it, once."""

    KIND: ClassVar = "webhook.add"
    webhook: Id
    url: Url
    kinds: Kinds = ALERTS


class ChangeWebhook(Word):
    """Change a webhook; what is left out stays as it was. One that has ended begins anew."""

    KIND: ClassVar = "webhook.change"
    webhook: Id
    url: Url | None = None
    kinds: Kinds | None = None


class RemoveWebhook(Word):
    """Have nothing more posted by a webhook."""

    KIND: ClassVar = "webhook.remove"
    webhook: Id


class RotateWebhook(Word):
    """Give a webhook a new secret; what is posted is signed with the old one as well for ``overlap_seconds``."""

    KIND: ClassVar = "webhook.rotate"
    webhook: Id
    overlap_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = OVERLAP


class TryWebhook(Word):
    """Have an event posted by this webhook alone, to see whether it arrives."""

    KIND: ClassVar = "webhook.test"
    webhook: Id


Command = (
    CreateProject
    | TransitionProject
    | DeclareArtifact
    | AmendArtifact
    | WithdrawArtifact
    | ResolveConflict
    | AnswerResolution
    | RequestSlot
    | RenewSlot
    | FinishSlot
    | LeaveQueue
    | AcknowledgeAlert
    | RetryLetter
    | DropLetter
    | EraseSubject
    | PlaceHold
    | ReleaseHold
    | SetRetention
    | SubmitMaeg
    | ApproveMaeg
    | AbandonMaeg
    | ReportSubPac
    | ReviewSubPac
    | CorrectSubPac
    | AddWebhook
    | ChangeWebhook
    | RemoveWebhook
    | RotateWebhook
    | TryWebhook
)

COMMANDS: Final[tuple[type[Command], ...]] = get_args(Command)

LARGER: Final = {SubmitMaeg.KIND: MOST_PACKED + 4096}
"""Bytes that a command of these kinds may have, where it is more than what others may."""
