"""What the keeper decides: the transition that a project's open conflicts ask for. Pure."""

from psmp.rules.lifecycle import WORKING
from psmp.rules.project import Project
from psmp.words.events import ProjectTransitioned
from psmp.words.values import Phase


def due(project: Project) -> ProjectTransitioned | None:
    """The next transition that must be written; None when phase and conflicts agree.

    Looks at the state alone, so it says the same however often and in whatever order it is asked. A blocked project
    goes on by way of RESOLVING, in two steps.
    """
    blockers = project.blockers
    to, reason = project.phase, ""
    if project.phase in WORKING and blockers:
        to, reason = Phase.BLOCKED, " ".join(project.conflicts[name].text for name in blockers)
    elif project.phase is Phase.BLOCKED and not blockers:
        to, reason = Phase.RESOLVING, "no blocking conflict is left"
    elif project.phase is Phase.RESOLVING:
        to = Phase.BLOCKED if blockers else Phase.IN_PROGRESS
        reason = f"still open: {', '.join(blockers)}" if blockers else "all declarations stand together again"
    if to is project.phase:
        return None
    return ProjectTransitioned(origin=project.phase, to=to, reason=reason, conflicts=blockers)
