"""Why a call came to nothing, as a model can act on it: the stable code, the reason, and the next call to make."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from psmp.client import errors
from psmp.mcp.answered import Problem
from psmp.mcp.session import Unconfigured
from psmp.words.refusals import Code

INVALID: Final = "INVALID"
PENDING: Final = "PENDING"
NOT_KNOWN: Final = "NOT_KNOWN"
UNAVAILABLE: Final = "UNAVAILABLE"
OVERLOADED: Final = "OVERLOADED"
DAMAGED: Final = "DAMAGED"
NO_SUCH_PAST: Final = "NO_SUCH_PAST"
UNREADABLE: Final = "UNREADABLE"
UNCONFIGURED: Final = "UNCONFIGURED"
UNKNOWN_TOOL: Final = "UNKNOWN_TOOL"

NEXT: Final[Mapping[str, str]] = MappingProxyType(
    {
        Code.PROJECT_BLOCKED: "start no work; call list_conflicts, then explain_conflict, then accept_suggestion",
        Code.PROJECT_NOT_OPEN: "call project_status; a person moves the project on with psmp transition",
        Code.UNKNOWN_PROJECT: "check the id, or ask a person to make the project with psmp create",
        Code.ARTIFACT_EXISTS: "call declare_artifact again with amend true to change it",
        Code.UNKNOWN_ARTIFACT: "call project_status for the artifacts that there are; leave amend out for a new one",
        Code.NOT_OWNER: "declare an artifact of your own under another id; only its owner changes this one",
        Code.SLOT_HELD: "you hold a slot already: go on, and call finish when done",
        Code.NO_SLOT: "call request_slot before you work",
        Code.SLOT_LOST: "the slot ended: call request_slot again, and declare under the new one",
        Code.SLOTS_EXHAUSTED: "call request_slot again with wait_seconds",
        "NOT_GRANTED": "call project_status to see who runs, then request_slot again",
        Code.NOT_DECLARED: "call declare_artifact for what you made, or finish with failure",
        Code.CONFLICT_CHANGED: "call explain_conflict again and choose anew, with the 'seen' that it answers",
        Code.UNKNOWN_CONFLICT: "call list_conflicts for those that are open",
        Code.UNKNOWN_SUGGESTION: "call explain_conflict for the numbers that there are",
        Code.RESOLUTION_UNDER_WAY: "call explain_conflict to see whose answer is waited for",
        Code.NOT_ALLOWED: "ask the owner of what would be changed, or whoever governs the project",
        Code.RATE_LIMITED: "wait retry_seconds, then make the same call again",
        INVALID: "mend what is named and call again; nothing was sent",
        PENDING: "it is stored and goes on without you: call project_status in a while",
        NOT_KNOWN: "call project_status to see whether it was done, then make the same call again if not",
        UNAVAILABLE: "start no work; tell the person that PSMP cannot be reached (psmp doctor), then try again",
        OVERLOADED: "wait for the calls that run, then make the same call again",
        DAMAGED: "stop work and tell the person to run psmp verify",
        UNKNOWN_TOOL: "call one of the tools that are listed",
    }
)
"""What to do about a code, in the words of these tools; of others the hint says it that came with them."""


def problem_of(error: errors.PsmpError) -> Problem:
    """What is known of ``error``, with what to do next."""
    code = _code(error)
    refusal = error if isinstance(error, errors.Refusal) else None
    return Problem(
        code=code,
        reason=error.reason,
        next=NEXT.get(code) or error.hint,
        conflicts=refusal.conflicts if refusal else (),
        retry_seconds=refusal.retry_seconds if refusal else None,
        command_id=error.command_id if isinstance(error, errors.Unsettled) else None,
    )


def told(problem: Problem) -> str:
    """It as a text."""
    return f"{problem.code}: {errors.sentence(problem.reason, problem.next)}"


def _code(error: errors.PsmpError) -> str:
    if isinstance(error, errors.Refusal):
        return error.code
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNAVAILABLE)


_CODES: Final = (
    (errors.Invalid, INVALID),
    (Unconfigured, UNCONFIGURED),
    (errors.NotAllowed, Code.NOT_ALLOWED.value),
    (errors.VerdictPending, PENDING),
    (errors.NotAcknowledged, NOT_KNOWN),
    (errors.Overloaded, OVERLOADED),
    ((errors.Damaged, errors.LogDamaged, errors.FalseReceipt), DAMAGED),
    ((errors.NoSuchPast, errors.Pruned), NO_SUCH_PAST),
    ((errors.Unreadable, errors.NotKept), UNREADABLE),
)
"""The code of each error that is no refusal; of all others nothing more is known than that there was no answer."""
