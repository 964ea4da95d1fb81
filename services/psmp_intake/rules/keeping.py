"""What becomes of the operator's wishes: to erase a subject, to hold a project, to keep what is archived so long."""

from typing import assert_never

from psmp.rules.access import governs
from psmp.rules.project import Project
from psmp.words.commands import EraseSubject, PlaceHold, ReleaseHold, SetRetention
from psmp.words.events import HoldPlaced, HoldReleased, RetentionChanged, SubjectErased
from psmp.words.ids import OPERATOR, OWN_AGENTS
from psmp.words.refusals import Code, Refused
from psmp_intake.rules.state import Decision

Wish = EraseSubject | PlaceHold | ReleaseHold | SetRetention


def decide(project: Project, agent: str, wish: Wish) -> Decision:
    """What becomes of it in the project to which it was sent: nothing, unless that is our own services'.

    Which keys an erasure destroys is for who destroys them to say.
    """
    if not (project.creator.startswith(OWN_AGENTS) and governs(project, agent)):
        return Refused(Code.NOT_ALLOWED, f"{agent} may not do that, {OPERATOR} alone may", "ask whoever runs PSMP")
    match wish:
        case EraseSubject():
            return SubjectErased(
                tenant=wish.tenant, subject=wish.subject, keys=(), reason=wish.reason, approver=wish.approver
            )
        case SetRetention():
            return RetentionChanged(tenant=wish.tenant, days=wish.days, reason=wish.reason)
        case PlaceHold() | ReleaseHold():
            return hold(wish)
        case never:
            assert_never(never)


def hold(wish: PlaceHold | ReleaseHold) -> HoldPlaced | HoldReleased:
    """What is written of it in the log of the project that it names. Placed again it is told again, and no harm."""
    return HoldPlaced(reason=wish.reason) if isinstance(wish, PlaceHold) else HoldReleased(reason=wish.reason)
