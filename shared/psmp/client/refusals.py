"""One error for each code of refusal, so that the one that matters can be caught by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from psmp.client.errors import Refusal
from psmp.client.results import Settled
from psmp.words.events import CommandRefused
from psmp.words.refusals import Code, Gs


class MalformedCommand(Refusal):
    """Intake could not read the command."""


class ActorMismatch(Refusal):
    """The command was sent in another agent's name."""


class ReservedName(Refusal):
    """The name belongs to PSMP itself."""


class UnknownProject(Refusal):
    """There is no such project."""


class ProjectExists(Refusal):
    """The project's id is taken."""


class ProjectNotOpen(Refusal):
    """The project is not in a phase in which this can be done."""


class ProjectBlocked(Refusal):
    """The project is blocked by conflicts: no work may start until they are gone."""


class IllegalTransition(Refusal):
    """The lifecycle has no such transition; the reason names the legal ones."""


class WorkUnfinished(Refusal):
    """Something is still awaited or undone, so the project cannot be completed, or the task not be done."""


class ArtifactExists(Refusal):
    """The artifact is declared already: amend it."""


class UnknownArtifact(Refusal):
    """There is no such artifact, or it was withdrawn."""


class NotOwner(Refusal):
    """The artifact or the task is another agent's."""


class InvalidConstraint(Refusal):
    """A dependency's constraint is not what its ecosystem understands."""


class InvalidMarker(Refusal):
    """A dependency's marker is not one (PEP 508)."""


class InvalidReference(Refusal):
    """A dependency's reference is neither a URL nor a path, or stands beside a constraint."""


class InvalidPath(Refusal):
    """A path claim names no place inside the project, or lines that cannot be."""


class SlotHeld(Refusal):
    """The agent runs already."""


class NoSlot(Refusal):
    """The agent holds no slot; it may have expired."""


class SlotsExhausted(Refusal):
    """As many agents as may run are running."""


class NotDeclared(Refusal):
    """Nothing was declared under the slot: declare what was made, or report a failure."""


class SlotLost(Refusal):
    """The slot that was named has ended: what was made under it comes too late."""


class NotWaiting(Refusal):
    """The agent waits for no slot."""


class RateLimited(Refusal):
    """Too many requests; ``retry_seconds`` says how long to wait."""


class UnknownConflict(Refusal):
    """There is no such open conflict."""


class ConflictChanged(Refusal):
    """The conflict is no longer what it was when it was looked at."""


class UnknownSuggestion(Refusal):
    """The conflict has no suggestion of that number."""


class ResolutionUnderWay(Refusal):
    """A resolution of the conflict is under way already."""


class UnknownResolution(Refusal):
    """No such proposal waits for an answer of this agent."""


class InvalidResolution(Refusal):
    """The resolution does not say what it must, or cannot be done with this conflict."""


class NotAllowedHere(Refusal):
    """Only who governs the project, or owns what would be changed, may do this."""


class UnknownAlert(Refusal):
    """No such alert is open, or somebody has it in hand."""


class UnknownSubject(Refusal):
    """There is nothing of that agent that could be erased."""


class UnknownLetter(Refusal):
    """No such dead letter of the project waits."""


class PreconditionFailed(Refusal):
    """What the command was to be done to has changed since it was looked at."""

    @property
    def current(self) -> int | None:
        """The event that stands there now, in place of the one that was expected."""
        event = self.settled.event if self.settled is not None else None
        return event.current if isinstance(event, CommandRefused) else None


class InvalidGraph(Refusal):
    """The graph cannot be run; ``faults`` are all that is wrong with it, each with its place."""


class GraphExists(Refusal):
    """A graph of that name is registered in the project."""


class UnknownGraph(Refusal):
    """There is no such graph, or no such node in it."""


class NoAssignment(Refusal):
    """The agent works in a graph: what it does it does under a slot for one of its nodes."""


class TokenInvalid(Refusal):
    """It is no token of ours, or for no graph that runs here."""


class TokenExpired(Refusal):
    """The token's time is over; a new one comes."""


class TokenSpent(Refusal):
    """The token was used before, or its attempt is over."""


class WebhookExists(Refusal):
    """The tenant has a webhook of that name."""


class UnknownWebhook(Refusal):
    """The tenant has no webhook of that name."""


class TooManyWebhooks(Refusal):
    """The tenant has as many webhooks as it may have."""


class WrongProject(Refusal):
    """What concerns a whole tenant is said in the project that it has for that, and nothing else is said there."""


class TaskExists(Refusal):
    """The project has a task of that id."""


class UnknownTask(Refusal):
    """The project has no task of that id, or it is archived."""


class TooManyTasks(Refusal):
    """The project has as many tasks as it may have."""


class LaneViolation(Refusal):
    """GS_200: the node works outside its lane."""


class ScopeExpansion(Refusal):
    """GS_201: the node takes more than its assignment allows."""


class CycleDetected(Refusal):
    """GS_202: nodes of the graph wait for each other in a circle; ``faults`` show it."""


class DispatchDependencyUnmet(Refusal):
    """GS_203: the node cannot start before the reviews of all its predecessors have passed."""


class BerDependencyUnmet(Refusal):
    """GS_204: the node is not reviewed while the review of a predecessor has not passed."""


class PdoOrchIncomplete(Refusal):
    """GS_205: not every node's outcome is final."""


class WrapPartialExecution(Refusal):
    """GS_206: the whole is settled once or not at all."""


class AgentSideChannel(Refusal):
    """GS_207: the agent uses what is another's, or what no edge gave it."""


ERRORS: Final[Mapping[Code | Gs, type[Refusal]]] = MappingProxyType(
    {
        Code.MALFORMED: MalformedCommand,
        Code.ACTOR_MISMATCH: ActorMismatch,
        Code.RESERVED_NAME: ReservedName,
        Code.UNKNOWN_PROJECT: UnknownProject,
        Code.PROJECT_EXISTS: ProjectExists,
        Code.PROJECT_NOT_OPEN: ProjectNotOpen,
        Code.PROJECT_BLOCKED: ProjectBlocked,
        Code.ILLEGAL_TRANSITION: IllegalTransition,
        Code.WORK_UNFINISHED: WorkUnfinished,
        Code.ARTIFACT_EXISTS: ArtifactExists,
        Code.UNKNOWN_ARTIFACT: UnknownArtifact,
        Code.NOT_OWNER: NotOwner,
        Code.INVALID_CONSTRAINT: InvalidConstraint,
        Code.INVALID_MARKER: InvalidMarker,
        Code.INVALID_REFERENCE: InvalidReference,
        Code.INVALID_PATH: InvalidPath,
        Code.SLOT_HELD: SlotHeld,
        Code.NO_SLOT: NoSlot,
        Code.SLOTS_EXHAUSTED: SlotsExhausted,
        Code.NOT_DECLARED: NotDeclared,
        Code.SLOT_LOST: SlotLost,
        Code.NOT_WAITING: NotWaiting,
        Code.RATE_LIMITED: RateLimited,
        Code.UNKNOWN_CONFLICT: UnknownConflict,
        Code.CONFLICT_CHANGED: ConflictChanged,
        Code.UNKNOWN_SUGGESTION: UnknownSuggestion,
        Code.RESOLUTION_UNDER_WAY: ResolutionUnderWay,
        Code.UNKNOWN_RESOLUTION: UnknownResolution,
        Code.INVALID_RESOLUTION: InvalidResolution,
        Code.NOT_ALLOWED: NotAllowedHere,
        Code.UNKNOWN_ALERT: UnknownAlert,
        Code.UNKNOWN_LETTER: UnknownLetter,
        Code.UNKNOWN_SUBJECT: UnknownSubject,
        Code.PRECONDITION_FAILED: PreconditionFailed,
        Code.INVALID_GRAPH: InvalidGraph,
        Code.GRAPH_EXISTS: GraphExists,
        Code.UNKNOWN_GRAPH: UnknownGraph,
        Code.NO_ASSIGNMENT: NoAssignment,
        Code.TOKEN_INVALID: TokenInvalid,
        Code.TOKEN_EXPIRED: TokenExpired,
        Code.TOKEN_SPENT: TokenSpent,
        Code.WEBHOOK_EXISTS: WebhookExists,
        Code.UNKNOWN_WEBHOOK: UnknownWebhook,
        Code.TOO_MANY_WEBHOOKS: TooManyWebhooks,
        Code.WRONG_PROJECT: WrongProject,
        Code.TASK_EXISTS: TaskExists,
        Code.UNKNOWN_TASK: UnknownTask,
        Code.TOO_MANY_TASKS: TooManyTasks,
        Gs.SUB_PAC_LANE_VIOLATION: LaneViolation,
        Gs.SUB_PAC_SCOPE_EXPANSION: ScopeExpansion,
        Gs.MAEG_CYCLE_DETECTED: CycleDetected,
        Gs.DISPATCH_DEPENDENCY_UNMET: DispatchDependencyUnmet,
        Gs.BER_DEPENDENCY_UNMET: BerDependencyUnmet,
        Gs.PDO_ORCH_INCOMPLETE: PdoOrchIncomplete,
        Gs.WRAP_PARTIAL_EXECUTION: WrapPartialExecution,
        Gs.AGENT_SIDE_CHANNEL: AgentSideChannel,
    }
)


def refused(event: CommandRefused, settled: Settled) -> Refusal:
    """The error for a recorded refusal."""
    kind = ERRORS.get(event.code, Refusal)
    return kind(event.code, event.reason, event.hint, event.conflicts, settled, retry_seconds=event.retry_seconds)
