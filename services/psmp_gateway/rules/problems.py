"""Problems as they are answered (RFC 9457): one shape for every error, with a stable code and what to do next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from psmp.words.faulted import MOST_FAULTS
from psmp.words.refusals import Code, Gs
from psmp.words.values import Word

UNAUTHENTICATED: Final = "UNAUTHENTICATED"
FORBIDDEN: Final = "FORBIDDEN"
NOT_FOUND: Final = "NOT_FOUND"
METHOD_NOT_ALLOWED: Final = "METHOD_NOT_ALLOWED"
NOT_ACCEPTABLE: Final = "NOT_ACCEPTABLE"
INVALID: Final = "INVALID"
TOO_LARGE: Final = "TOO_LARGE"
UNSUPPORTED_MEDIA_TYPE: Final = "UNSUPPORTED_MEDIA_TYPE"
KEY_REUSED: Final = "KEY_REUSED"
NO_SUCH_PAST: Final = "NO_SUCH_PAST"
NOT_COVERED: Final = "NOT_COVERED"
NOT_GRANTED: Final = "NOT_GRANTED"
NOT_PLANNED: Final = "NOT_PLANNED"
NOT_KNOWN: Final = "NOT_KNOWN"
OVERLOADED: Final = "OVERLOADED"
UNAVAILABLE: Final = "UNAVAILABLE"
DAMAGED: Final = "DAMAGED"
FAULT: Final = "FAULT"

_OWN: Final = {
    UNAUTHENTICATED: (401, "No key, or one that opens nothing"),
    FORBIDDEN: (403, "The key's role does not permit this"),
    NOT_FOUND: (404, "There is no such thing"),
    METHOD_NOT_ALLOWED: (405, "Not by this method"),
    NOT_ACCEPTABLE: (406, "Not in a form that was asked for"),
    INVALID: (422, "The request cannot be taken as it is"),
    TOO_LARGE: (413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE: (415, "The body is not JSON"),
    KEY_REUSED: (422, "The idempotency key was used for another request"),
    NO_SUCH_PAST: (404, "There is no such past"),
    NOT_COVERED: (404, "No checkpoint covers it yet"),
    NOT_GRANTED: (409, "No slot was granted"),
    NOT_PLANNED: (409, "The task is not a planned one"),
    NOT_KNOWN: (503, "Whether it was stored is not known"),
    OVERLOADED: (503, "Too much waits already"),
    UNAVAILABLE: (503, "It cannot be answered now"),
    DAMAGED: (503, "The log of the project is damaged"),
    FAULT: (500, "A fault of ours"),
}

_REFUSED: Final = {
    Code.MALFORMED: (422, "The command cannot be read"),
    Code.ACTOR_MISMATCH: (403, "Sent in another's name"),
    Code.RESERVED_NAME: (422, "The name is PSMP's own"),
    Code.UNKNOWN_PROJECT: (404, "There is no such project"),
    Code.PROJECT_EXISTS: (409, "The project exists"),
    Code.PROJECT_NOT_OPEN: (409, "The project is not open for this"),
    Code.PROJECT_BLOCKED: (409, "The project is blocked"),
    Code.ILLEGAL_TRANSITION: (409, "The lifecycle has no such transition"),
    Code.WORK_UNFINISHED: (409, "Work is not finished"),
    Code.ARTIFACT_EXISTS: (409, "The artifact is declared already"),
    Code.UNKNOWN_ARTIFACT: (404, "There is no such artifact"),
    Code.NOT_OWNER: (403, "It is another agent's"),
    Code.INVALID_CONSTRAINT: (422, "A constraint cannot be read"),
    Code.INVALID_MARKER: (422, "A marker cannot be read"),
    Code.INVALID_REFERENCE: (422, "A reference cannot be read"),
    Code.INVALID_PATH: (422, "A path claim cannot be"),
    Code.SLOT_HELD: (409, "The agent runs already"),
    Code.NO_SLOT: (409, "The agent holds no slot"),
    Code.SLOTS_EXHAUSTED: (409, "No slot is free"),
    Code.NOT_DECLARED: (409, "Nothing was declared under the slot"),
    Code.SLOT_LOST: (409, "The slot has ended"),
    Code.NOT_WAITING: (409, "The agent waits for no slot"),
    Code.RATE_LIMITED: (429, "Too many requests"),
    Code.UNKNOWN_CONFLICT: (404, "There is no such open conflict"),
    Code.CONFLICT_CHANGED: (409, "The conflict has changed"),
    Code.UNKNOWN_SUGGESTION: (422, "The conflict has no such suggestion"),
    Code.RESOLUTION_UNDER_WAY: (409, "A resolution is under way"),
    Code.UNKNOWN_RESOLUTION: (404, "No such proposal waits for an answer"),
    Code.INVALID_RESOLUTION: (422, "The resolution cannot be"),
    Code.NOT_ALLOWED: (403, "The project's rules do not allow it"),
    Code.UNKNOWN_ALERT: (404, "No such alert is open"),
    Code.UNKNOWN_LETTER: (404, "No such dead letter waits"),
    Code.UNKNOWN_SUBJECT: (404, "Nothing is kept of that agent"),
    Code.PRECONDITION_FAILED: (412, "It has changed since"),
    Code.INVALID_GRAPH: (422, "The graph cannot be run"),
    Code.GRAPH_EXISTS: (409, "The graph is registered already"),
    Code.UNKNOWN_GRAPH: (404, "There is no such graph, or no such node in it"),
    Code.NO_ASSIGNMENT: (409, "The agent works in a graph, and says for no node of it"),
    Code.TOKEN_INVALID: (403, "The token is none of ours, or for nothing that runs"),
    Code.TOKEN_EXPIRED: (409, "The token's time is over"),
    Code.TOKEN_SPENT: (409, "The token is spent"),
    Code.WEBHOOK_EXISTS: (409, "There is a webhook of that name"),
    Code.UNKNOWN_WEBHOOK: (404, "There is no such webhook"),
    Code.TOO_MANY_WEBHOOKS: (409, "There are as many webhooks as there may be"),
    Code.WRONG_PROJECT: (409, "It is said in the wrong project"),
    Code.TASK_EXISTS: (409, "There is a task of that id"),
    Code.UNKNOWN_TASK: (404, "There is no such task"),
    Code.TOO_MANY_TASKS: (409, "There are as many tasks as there may be"),
    Gs.SUB_PAC_LANE_VIOLATION: (409, "The node works outside its lane"),
    Gs.SUB_PAC_SCOPE_EXPANSION: (409, "The node takes more than its assignment allows"),
    Gs.MAEG_CYCLE_DETECTED: (422, "Nodes wait for each other in a circle"),
    Gs.DISPATCH_DEPENDENCY_UNMET: (409, "The node cannot start yet"),
    Gs.BER_DEPENDENCY_UNMET: (409, "The node cannot be reviewed yet"),
    Gs.PDO_ORCH_INCOMPLETE: (409, "Not every outcome is final"),
    Gs.WRAP_PARTIAL_EXECUTION: (409, "The whole is settled once or not at all"),
    Gs.AGENT_SIDE_CHANNEL: (403, "It is another agent's, or came by no edge"),
}

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {**_OWN, **{code.value: found for code, found in _REFUSED.items()}}
)
"""The status and the title of each code, ours and those of refusals."""

MOST_ERRORS: Final = MOST_FAULTS


class Error(Word):
    """One thing that is wrong with a request: where (a JSON pointer, or the name of a parameter) and what.

    Of a graph of agents also its code, for a cycle its nodes, the first again last, and the line and the column in what
    was sent, which count from 1.
    """

    pointer: str
    detail: str
    code: str | None = None
    line: int | None = None
    column: int | None = None
    cycle: tuple[str, ...] | None = None


class Problem(Word):
    """What went wrong. ``code`` is stable, ``detail`` says why, ``hint`` what to do next."""

    type: Annotated[str, Field(description="A URN that ends in the code, for machines.")]
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    instance: str | None = None
    conflicts: tuple[str, ...] = ()
    errors: tuple[Error, ...] = ()
    retry_seconds: int | None = None
    sequence: int | None = None
    command_id: str | None = None


class ProblemKind(Word):
    """A code that a problem can have."""

    code: str
    status: int
    title: str


class ProblemKinds(Word):
    """Every code that a problem can have."""

    items: tuple[ProblemKind, ...]


def kinds() -> ProblemKinds:
    """What can go wrong at all."""
    return ProblemKinds(
        items=tuple(ProblemKind(code=str(code), status=found[0], title=found[1]) for code, found in PROBLEMS.items())
    )


def status_of(code: str) -> int:
    """The HTTP status of a code; one that we do not know is a conflict with the state of things."""
    return PROBLEMS.get(code, (409, ""))[0]


def problem(
    code: str,
    detail: str,
    hint: str = "",
    *,
    instance: str | None = None,
    conflicts: tuple[str, ...] = (),
    errors: tuple[Error, ...] = (),
    retry_seconds: int | None = None,
    sequence: int | None = None,
    command_id: str | None = None,
) -> Problem:
    """A problem with the status and the title of its code."""
    status, title = PROBLEMS.get(code, (409, "It was refused"))
    return Problem(
        type=f"urn:psmp:problem:{code.lower().replace('_', '-')}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        hint=hint,
        instance=instance,
        conflicts=conflicts,
        errors=errors[:MOST_ERRORS],
        retry_seconds=retry_seconds,
        sequence=sequence,
        command_id=command_id,
    )
