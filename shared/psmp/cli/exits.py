"""Exit codes: one table, used by every command, shown in the help and fixed for ever."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from psmp.words.refusals import Code, Gs


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    GOVERNED = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    UNREACHABLE = 6
    INTEGRITY = 7
    STALE = 8
    INTERRUPTED = 130


MEANING: Final[Mapping[Exit, str]] = MappingProxyType(
    {
        Exit.DONE: "done, nothing wrong",
        Exit.FAULT: "unexpected fault",
        Exit.USAGE: "wrong usage or input",
        Exit.GOVERNED: "governed no: a conflict, a blocked project, a refusal",
        Exit.NOT_FOUND: "no such project, artifact, conflict or other thing",
        Exit.NOT_ALLOWED: "not allowed in this name",
        Exit.UNREACHABLE: "NATS, Postgres or a service does not answer in time",
        Exit.INTEGRITY: "the record does not verify",
        Exit.STALE: "what was asked for is not there yet, or no longer",
        Exit.INTERRUPTED: "interrupted (Ctrl-C)",
    }
)

REFUSED: Final[Mapping[Code | Gs, Exit]] = MappingProxyType(
    {
        Code.MALFORMED: Exit.USAGE,
        Code.INVALID_CONSTRAINT: Exit.USAGE,
        Code.INVALID_MARKER: Exit.USAGE,
        Code.INVALID_REFERENCE: Exit.USAGE,
        Code.INVALID_PATH: Exit.USAGE,
        Code.UNKNOWN_PROJECT: Exit.NOT_FOUND,
        Code.UNKNOWN_ARTIFACT: Exit.NOT_FOUND,
        Code.UNKNOWN_CONFLICT: Exit.NOT_FOUND,
        Code.UNKNOWN_SUGGESTION: Exit.NOT_FOUND,
        Code.UNKNOWN_RESOLUTION: Exit.NOT_FOUND,
        Code.UNKNOWN_ALERT: Exit.NOT_FOUND,
        Code.UNKNOWN_LETTER: Exit.NOT_FOUND,
        Code.UNKNOWN_SUBJECT: Exit.NOT_FOUND,
        Code.INVALID_RESOLUTION: Exit.USAGE,
        Code.INVALID_GRAPH: Exit.USAGE,
        Code.UNKNOWN_GRAPH: Exit.NOT_FOUND,
        Code.TOKEN_EXPIRED: Exit.STALE,
        Code.TOKEN_SPENT: Exit.STALE,
        Gs.MAEG_CYCLE_DETECTED: Exit.USAGE,
        Gs.AGENT_SIDE_CHANNEL: Exit.NOT_ALLOWED,
        Code.UNKNOWN_WEBHOOK: Exit.NOT_FOUND,
        Code.UNKNOWN_TASK: Exit.NOT_FOUND,
        Code.WRONG_PROJECT: Exit.USAGE,
        Code.CONFLICT_CHANGED: Exit.STALE,
        Code.PRECONDITION_FAILED: Exit.STALE,
        Code.SLOT_LOST: Exit.STALE,
        Code.NOT_ALLOWED: Exit.NOT_ALLOWED,
        Code.ACTOR_MISMATCH: Exit.NOT_ALLOWED,
        Code.RESERVED_NAME: Exit.NOT_ALLOWED,
        Code.NOT_OWNER: Exit.NOT_ALLOWED,
    }
)
"""Refusals that are not a governed no."""


def of_refusal(code: str) -> Exit:
    """How a command ends that was refused with ``code``."""
    return next((end for refused, end in REFUSED.items() if refused == code), Exit.GOVERNED)
