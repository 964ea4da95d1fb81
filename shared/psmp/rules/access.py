"""Who may change what: everybody what is its own or flexible, whoever governs the project everything. Pure."""

from collections.abc import Iterable

from psmp.rules.project import Project
from psmp.words.ids import OPERATOR, OWN_AGENTS
from psmp.words.values import Change


def governs(project: Project, agent: str) -> bool:
    """Whether ``agent`` may decide over what is others': it made the project, or its policy names it a resolver.

    What our services made is the operator's.
    """
    if project.creator.startswith(OWN_AGENTS):
        return agent == OPERATOR
    return agent == project.creator or agent in (project.policy.resolvers or ())


def owners(project: Project, changes: Iterable[Change], by: str = "") -> tuple[str, ...]:
    """Who must agree to ``changes`` that ``by`` wants: the owners of what is neither flexible nor its own, by name."""
    touched = (project.artifacts[change.artifact] for change in changes)
    return tuple(sorted({each.agent for each in touched if each.agent != by and not each.declaration.flexible}))
