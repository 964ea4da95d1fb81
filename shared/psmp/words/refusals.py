"""The word no: codes of refusals, and the value that a rule answers with."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule's answer no: a stable code, the reason for people, and what to do next, or when to try again.

    ``current`` is the event that stands in the place of the one that was expected.
    """

    code: Code
    reason: str
    hint: str = ""
    conflicts: tuple[str, ...] = ()
    retry_seconds: int | None = None
    current: int | None = None
