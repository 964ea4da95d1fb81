"""Which suggestions could be carried out now, best first, and whose consent each would take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psmp.rules.access import owners
from psmp.rules.project import Project
from psmp.rules.trial import Good, tried
from psmp.words.values import Change, Conflict, Severity

_AT_ONCE: Final = frozenset({Severity.LOW, Severity.MEDIUM})


@dataclass(frozen=True, slots=True)
class Plan:
    """A suggestion that was tried and is good, and who would have to agree to it."""

    suggestion: int
    text: str
    good: Good
    asked: tuple[str, ...]


def plans(project: Project, conflict: Conflict, by: str, failed: tuple[int, ...] = ()) -> Iterator[Plan]:
    """The suggestions that are good and have not ``failed``; first those that nobody need be asked about."""
    left = [each for each in conflict.suggestions if each.n not in failed]
    ranked = [(consent(project, conflict, each.changes, by), each) for each in left]
    for asked, each in sorted(ranked, key=lambda one: (bool(one[0]), one[1].n)):
        found = tried(project, conflict, each.changes)
        if isinstance(found, Good):
            yield Plan(each.n, each.text, found, asked)


def consent(project: Project, conflict: Conflict, changes: tuple[Change, ...], by: str) -> tuple[str, ...]:
    """The owners who would have to agree to ``changes`` that ``by`` wants."""
    favoured = (project.policy.privileged or ()) if is_privileged(project, conflict) else ()
    return tuple(owner for owner in owners(project, changes, by) if owner not in favoured)


def is_privileged(project: Project, conflict: Conflict) -> bool:
    """Whether it is resolved at once, whatever policy says otherwise: light, and with somebody privileged in it."""
    favoured = project.policy.privileged or ()
    return conflict.severity in _AT_ONCE and any(party.agent in favoured for party in conflict.parties)
