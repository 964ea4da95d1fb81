"""What can be attested of a project: which properties its folded log has, or why nothing is attested."""

from collections.abc import Iterator
from typing import Final

from psmp.rules.project import Project
from psmp.words.events import Event, ResolutionApplied
from psmp.words.values import Phase

COMPLETED: Final = "PSMP_COMPLETED"
NO_OPEN_CONFLICTS: Final = "PSMP_NO_OPEN_CONFLICTS"
ALL_JUDGED: Final = "PSMP_ALL_DECLARATIONS_JUDGED"
NOTHING_WAIVED: Final = "PSMP_NO_CONFLICT_WAIVED"
TRANSITIVE: Final = "PSMP_TRANSITIVELY_COMPATIBLE"
LOG_VERIFIED: Final = "PSMP_LOG_VERIFIED"
SIGNED: Final = "PSMP_CHECKPOINT_SIGNED"


def unfinished(project: Project | None) -> str:
    """Why nothing is attested of it; "" when it is completed."""
    if project is None:
        return "it is not there"
    if project.phase is Phase.COMPLETED:
        return ""
    return f"it is {project.phase}, not {Phase.COMPLETED}"


def waives(event: Event) -> bool:
    """Whether a conflict is waived by this."""
    return isinstance(event, ResolutionApplied) and event.seconds is not None


def properties(project: Project, *, waived: bool) -> Iterator[str]:
    """The properties that a completed project has. ``waived`` is whether a conflict of it ever was."""
    yield COMPLETED
    if not project.conflicts:
        yield NO_OPEN_CONFLICTS
    if not any(each.pending for each in project.artifacts.values()):
        yield ALL_JUDGED
    if not waived:
        yield NOTHING_WAIVED
    checked = project.checked
    if checked is not None and checked.verdict == "compatible" and checked.sequence >= project.changed:
        yield TRANSITIVE
