"""The word no: codes of refusals, and the value that a rule answers with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who asks for codes alone need not wait for pydantic
    from psmp.words.faulted import FaultTold


class Code(StrEnum):
    """Why a command was refused. Codes are stable; texts may improve."""

    MALFORMED = "MALFORMED"
    ACTOR_MISMATCH = "ACTOR_MISMATCH"
    RESERVED_NAME = "RESERVED_NAME"
    UNKNOWN_PROJECT = "UNKNOWN_PROJECT"
    PROJECT_EXISTS = "PROJECT_EXISTS"
    PROJECT_NOT_OPEN = "PROJECT_NOT_OPEN"
    PROJECT_BLOCKED = "PROJECT_BLOCKED"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    WORK_UNFINISHED = "WORK_UNFINISHED"
    ARTIFACT_EXISTS = "ARTIFACT_EXISTS"
    UNKNOWN_ARTIFACT = "UNKNOWN_ARTIFACT"
    NOT_OWNER = "NOT_OWNER"
    INVALID_CONSTRAINT = "INVALID_CONSTRAINT"
    INVALID_MARKER = "INVALID_MARKER"
    INVALID_REFERENCE = "INVALID_REFERENCE"
    INVALID_PATH = "INVALID_PATH"
    SLOT_HELD = "SLOT_HELD"
    NO_SLOT = "NO_SLOT"
    SLOTS_EXHAUSTED = "SLOTS_EXHAUSTED"
    NOT_DECLARED = "NOT_DECLARED"
    SLOT_LOST = "SLOT_LOST"
    NOT_WAITING = "NOT_WAITING"
    RATE_LIMITED = "RATE_LIMITED"
    UNKNOWN_CONFLICT = "UNKNOWN_CONFLICT"
    CONFLICT_CHANGED = "CONFLICT_CHANGED"
    UNKNOWN_SUGGESTION = "UNKNOWN_SUGGESTION"
    RESOLUTION_UNDER_WAY = "RESOLUTION_UNDER_WAY"
    UNKNOWN_RESOLUTION = "UNKNOWN_RESOLUTION"
    INVALID_RESOLUTION = "INVALID_RESOLUTION"
    NOT_ALLOWED = "NOT_ALLOWED"
    UNKNOWN_ALERT = "UNKNOWN_ALERT"
    UNKNOWN_LETTER = "UNKNOWN_LETTER"
    UNKNOWN_SUBJECT = "UNKNOWN_SUBJECT"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    INVALID_GRAPH = "INVALID_GRAPH"
    GRAPH_EXISTS = "GRAPH_EXISTS"
    UNKNOWN_GRAPH = "UNKNOWN_GRAPH"
    NO_ASSIGNMENT = "NO_ASSIGNMENT"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code
    TOKEN_SPENT = "TOKEN_SPENT"  # noqa: S105 - a code
    WEBHOOK_EXISTS = "WEBHOOK_EXISTS"
    UNKNOWN_WEBHOOK = "UNKNOWN_WEBHOOK"
    TOO_MANY_WEBHOOKS = "TOO_MANY_WEBHOOKS"
    WRONG_PROJECT = "WRONG_PROJECT"
    TASK_EXISTS = "TASK_EXISTS"
    UNKNOWN_TASK = "UNKNOWN_TASK"
    TOO_MANY_TASKS = "TOO_MANY_TASKS"


class Gs(StrEnum):
    """The eight codes of governed parallelism, as its model numbers them."""

    SUB_PAC_LANE_VIOLATION = "GS_200"
    SUB_PAC_SCOPE_EXPANSION = "GS_201"
    MAEG_CYCLE_DETECTED = "GS_202"
    DISPATCH_DEPENDENCY_UNMET = "GS_203"
    BER_DEPENDENCY_UNMET = "GS_204"
    PDO_ORCH_INCOMPLETE = "GS_205"
    WRAP_PARTIAL_EXECUTION = "GS_206"
    AGENT_SIDE_CHANNEL = "GS_207"


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule's answer no: a stable code, the reason for people, and what to do next, or when to try again.

    ``current`` is the event that stands in the place of the one that was expected. ``faults`` are all that is wrong
    with a document, where it is one that is refused.
    """

    code: Code | Gs
    reason: str
    hint: str = ""
    conflicts: tuple[str, ...] = ()
    retry_seconds: int | None = None
    current: int | None = None
    faults: "tuple[FaultTold, ...] | None" = None
