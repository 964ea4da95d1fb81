"""What stops a request, as an exception, and what other people's errors are in our words."""

from typing import Final

from psmp.client.errors import (
    Closed,
    Invalid,
    LogDamaged,
    NoAnswer,
    NoSuchPast,
    NotAcknowledged,
    NotAllowed,
    Overloaded,
    Pruned,
    PsmpError,
    Refusal,
    Unreachable,
    Unreadable,
)
from psmp.words.events import CommandRefused
from psmp.words.strict import Fault
from psmp_gateway.rules import problems
from psmp_gateway.rules.problems import Error, Problem, problem

_AGAIN: Final = 1
"""Seconds after which it is worth while to ask again what could not be answered."""


class Trouble(Exception):
    """The request ends with ``problem``."""

    def __init__(self, told: Problem) -> None:
        super().__init__(told.detail)
        self.problem = told


def trouble(code: str, detail: str, hint: str = "", *, retry_seconds: int | None = None) -> Trouble:
    """A problem to be raised."""
    return Trouble(problem(code, detail, hint, retry_seconds=retry_seconds))


def invalid(*faults: Fault, hint: str = "mend what is named and send it again; nothing was done") -> Trouble:
    """What was sent cannot be taken, and where."""
    errors = tuple(Error(pointer=each.pointer, detail=each.problem) for each in faults)
    return Trouble(problem(problems.INVALID, "; ".join(map(str, faults))[:2000], hint, errors=errors))


def unknown_project(project: str) -> Trouble:
    """Said of what is not there, of what is another tenant's and of what a key is not for, in the same words."""
    hint = "GET /api/v1/projects lists those that this key sees"
    return trouble("UNKNOWN_PROJECT", f"there is no project {project}", hint)


def understood(error: PsmpError, project: str | None) -> Problem:
    """What an error of the client means to whoever asked over HTTP."""
    match error:
        case Refusal(code="UNKNOWN_PROJECT") if project is not None:
            return unknown_project(project).problem
        case Refusal():
            settled = error.settled
            event = settled.event if settled else None
            current = event.current if isinstance(event, CommandRefused) else None
            faults = (event.faults or ()) if isinstance(event, CommandRefused) else ()
            written = settled.sequence if settled and settled.position else None
            return problem(
                error.code,
                error.reason,
                error.hint,
                conflicts=error.conflicts,
                errors=tuple(
                    Error(pointer=each.pointer, detail=each.problem, code=each.code, cycle=each.cycle)
                    for each in faults
                ),
                retry_seconds=error.retry_seconds,
                sequence=written if current is None else current,
                command_id=settled.command_id if settled else None,
            )
        case Invalid():
            return invalid(*error.faults).problem
        case NoSuchPast() | Pruned():
            return problem(problems.NO_SUCH_PAST, error.reason, error.hint)
        case LogDamaged():
            return problem(problems.DAMAGED, error.reason, error.hint)
        case NotAcknowledged():
            hint = "send it again with the same Idempotency-Key: it counts once"
            about = {"retry_seconds": _AGAIN, "command_id": error.command_id}
            return problem(problems.NOT_KNOWN, error.reason, hint, **about)  # type: ignore[arg-type]
        case Overloaded():
            return problem(problems.OVERLOADED, error.reason, "wait and send it again", retry_seconds=_AGAIN)
        case NoAnswer() | Unreachable() | Closed():
            hint = "ask again; GET /api/v1/health tells whether everything is well"
            return problem(problems.UNAVAILABLE, error.reason, hint, retry_seconds=_AGAIN)
        case NotAllowed() | Unreadable():
            return problem(problems.FAULT, error.reason, error.hint)
    return problem(problems.FAULT, error.reason, error.hint)
