"""What becomes of the wish to erase a subject: the operator's alone, in our own services' project."""

from psmp.rules.access import governs
from psmp.rules.project import Project
from psmp.words.commands import EraseSubject
from psmp.words.events import SubjectErased
from psmp.words.ids import OPERATOR, OWN_AGENTS
from psmp.words.refusals import Code, Refused
from psmp_intake.rules.state import Decision


def decide(project: Project, agent: str, command: EraseSubject) -> Decision:
    """What becomes of it; which keys were destroyed is for who destroys them to say."""
    if not (project.creator.startswith(OWN_AGENTS) and governs(project, agent)):
        reason = f"{agent} may erase nobody, {OPERATOR} alone may"
        return Refused(Code.NOT_ALLOWED, reason, "ask whoever runs PSMP: psmp erase")
    return SubjectErased(
        tenant=command.tenant, subject=command.subject, keys=(), reason=command.reason, approver=command.approver
    )
