"""What a project's state forbids, in words."""

from psmp.rules.access import governs
from psmp.rules.lifecycle import OPEN
from psmp.rules.project import Project
from psmp.words.events import Event
from psmp.words.refusals import Code, Refused
from psmp.words.values import Phase

Decision = Event | Refused


def blocked(project: Project, what: str) -> Refused:
    """The answer to who wants to do ``what`` in a blocked project."""
    texts = " ".join(project.conflicts[name].text for name in project.blockers)
    names = ", ".join(project.blockers)
    return Refused(
        Code.PROJECT_BLOCKED,
        f"{what}: the project is blocked by {names}. {texts}" if names else f"{what}: the project is still blocked",
        "resolve the conflict by one of its numbered suggestions, or amend or withdraw a declaration that it names",
        project.blockers,
    )


def closed(project: Project) -> Refused | None:
    """A refusal where nothing can be declared any more, or yet."""
    if project.phase in OPEN:
        return None
    return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}; nothing can be declared", opened(project))


def ungoverned(project: Project, agent: str) -> Refused | None:
    """A refusal where ``agent`` does not govern the project."""
    if governs(project, agent):
        return None
    who = ", ".join(sorted({project.creator, *(project.policy.resolvers or ())}))
    return Refused(Code.NOT_ALLOWED, f"{agent} does not govern the project", f"ask {who}")


def opened(project: Project) -> str:
    """What to do about a project that is not open yet, or no longer."""
    return "move it to PLANNING first" if project.phase is Phase.INITIALIZED else "start another project"
