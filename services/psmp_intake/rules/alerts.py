"""What becomes of the word of a person who takes an alert or a dead letter in hand."""

from typing import assert_never

from psmp.rules.access import governs
from psmp.rules.alerts import of_letter
from psmp.rules.project import Project
from psmp.words.commands import AcknowledgeAlert, DropLetter, RetryLetter
from psmp.words.events import AlertAcknowledged, LetterDropped, LetterRetried
from psmp.words.refusals import Code, Refused
from psmp_intake.rules.state import Decision


def decide(project: Project, agent: str, command: AcknowledgeAlert | RetryLetter | DropLetter) -> Decision:
    """What becomes of it: whoever governs the project may do it, once."""
    if not governs(project, agent):
        who = ", ".join(sorted({project.creator, *(project.policy.resolvers or ())}))
        return Refused(Code.NOT_ALLOWED, f"{agent} does not govern the project", f"ask {who}")
    match command:
        case AcknowledgeAlert():
            return _acknowledge(project, command)
        case RetryLetter():
            return _unknown(project, command.letter) or LetterRetried(letter=command.letter, reason=command.reason)
        case DropLetter():
            return _unknown(project, command.letter) or LetterDropped(letter=command.letter, reason=command.reason)
        case never:
            assert_never(never)


def _acknowledge(project: Project, command: AcknowledgeAlert) -> Decision:
    alert = project.alerts.get(command.alert)
    if alert is None:
        return Refused(Code.UNKNOWN_ALERT, f"no alert {command.alert} is open", "look at the project's status")
    if alert.taken is not None:
        return Refused(Code.UNKNOWN_ALERT, f"{alert.taken} has {command.alert} in hand", "ask there")
    return AlertAcknowledged(alert=command.alert, reason=command.reason)


def _unknown(project: Project, letter: int) -> Refused | None:
    if of_letter(letter) in project.alerts:
        return None
    reason = f"no dead letter {letter} of this project waits"
    return Refused(Code.UNKNOWN_LETTER, reason, "`psmp dlq list` shows those that do")
