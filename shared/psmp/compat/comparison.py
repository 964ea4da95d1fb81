"""What became of the open conflicts: clashes found now beside the conflicts that were told before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from psmp.compat import evidence
from psmp.compat.direct import Clash
from psmp.compat.paths.clashes import PathClash
from psmp.compat.standing import Touched
from psmp.words.values import Conflict, Severity

Identity = tuple[str, ...]

WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}
"""How much a severity weighs, the lightest 0."""


class Compared(NamedTuple):
    """Each conflict as it is now with what it was told as before, if it was; and those that are gone, oldest first."""

    found: tuple[tuple[Conflict, Conflict | None], ...]
    gone: tuple[Conflict, ...]


def concerned(conflicts: Iterable[Conflict], touched: Touched) -> dict[Identity, Conflict]:
    """The conflicts on what was touched, by what makes each the same conflict."""
    about = evidence.topics(touched)
    return {each.identity: each for each in conflicts if each.identity[:-1] in about}


def compared(
    known: Mapping[Identity, Conflict],
    clashes: Sequence[Clash | PathClash],
    versions: Mapping[str, int],
    detected: int,
) -> Compared:
    """The clashes as conflicts: under the names they had, new ones numbered on from ``detected``."""
    left, number = dict(known), detected
    found: list[tuple[Conflict, Conflict | None]] = []
    for clash in clashes:
        before = left.pop(evidence.identity(clash), None)
        number += before is None
        name = before.id if before else f"C-{number}"
        found.append((evidence.conflict(clash, name, versions), before))
    return Compared(tuple(found), tuple(sorted(left.values(), key=lambda each: number_of(each.id))))


def number_of(conflict: str) -> int:
    """The number in a conflict's id: 3 of ``C-3``."""
    return int(conflict.removeprefix("C-"))


def worsened(before: Conflict, now: Conflict) -> str:
    """In what a conflict weighs more than it did; "" where in nothing.

    It weighs more when somebody is party to it who was not, where it exists in an environment that it did not, or when
    artifacts clash that did not. Of a conflict that is not told completely not all of that is known.
    """
    if WEIGHTS[now.severity] > WEIGHTS[before.severity]:
        return f"it would be {now.severity}"
    if more := _artifacts(now) - _artifacts(before):
        return f"{', '.join(sorted(more))} would be party to it"
    if wider := set(now.environments) - set(before.environments):
        return f"it would exist in {', '.join(sorted(wider))}"
    if before.complete and (fresh := _fresh(before, now)):
        return f"{', '.join(fresh)} would clash"
    return ""


def _artifacts(conflict: Conflict) -> set[str]:
    return {party.artifact for party in conflict.parties}


def _fresh(before: Conflict, now: Conflict) -> tuple[str, ...]:
    """A set of artifacts that clashes now, and of which no part did before."""
    known = [set(cause) for cause in before.causes]
    return next((cause for cause in now.causes if not any(each <= set(cause) for each in known)), ())
