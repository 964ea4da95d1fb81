"""Ways out of a clash: what to change so that everything can stand together again, best first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.version import Version

from psmp.compat.cores import dissect
from psmp.compat.faults import InvalidConstraint
from psmp.compat.ranges import Constraint, Span, parse
from psmp.compat.requirement import Stake, meet
from psmp.compat.spelling import read, spell

MOST: Final = 5
"""How many suggestions are listed."""

MOST_CORRECTIONS: Final = 8
"""From how many corrections suggestions are made."""

MOST_READINGS: Final = 3
"""How many ways to give way are tried for one correction."""

MOST_CHANGES: Final = 20
"""Only the smallest correction may need more changes than this."""

_FAR: Final = Version("999999999!0")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One step: all that ``artifact`` demands of package ``name`` (``old``) becomes ``new``; "" is any version."""

    artifact: str
    agent: str
    name: str
    old: str
    new: str

    def __str__(self) -> str:
        """Say it in half a line."""
        wanted = f"{self.name}{self.new}" if self.new else f"any {self.name}"
        return f"{self.agent} -> {wanted} in {self.artifact} (was {self.old})"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A verified way out; ``n`` is its number, from 1, within its clash."""

    n: int
    changes: tuple[Change, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Option:
    """A suggestion before it is ranked, with what all would admit together afterwards and how that is spelled."""

    changes: tuple[Change, ...]
    common: Span
    spelled: str


def suggest(
    subject: str, stakes: Mapping[str, Stake], corrections: Sequence[tuple[str, ...]]
) -> tuple[Suggestion, ...]:
    """At most ``MOST`` ways out, each applied and found to stand.

    ``corrections`` come smallest first. The best suggestion is first: fewest artifacts touched, then the loosest
    change, then the newest version.
    """
    options: list[_Option] = []
    worthy = [one for one in corrections if one is corrections[0] or len(one) <= MOST_CHANGES]
    for correction in worthy[:MOST_CORRECTIONS]:
        giving = {artifact: stakes[artifact] for artifact in correction}
        staying = [stake for artifact, stake in stakes.items() if artifact not in giving]
        options.extend(_options(subject, list(giving.values()), staying))
    best = _ranked(options)[:MOST]
    return tuple(Suggestion(n, option.changes, _told(option.changes)) for n, option in enumerate(best, start=1))


def _options(subject: str, giving: Sequence[Stake], staying: Sequence[Stake]) -> Iterator[_Option]:
    """What those that give way can demand instead: what those that stay demand, and of their own what still fits."""
    demanded = [constraint for stake in staying for constraint in stake.constraints]
    left = meet(demanded)
    clauses = sorted({clause for stake in giving for clause in stake.clauses})
    own = [parse(clause) for clause in clauses]
    for dropped in dissect([left.any & clause.span.any for clause in own]).corrections[:MOST_READINGS]:
        kept = {clause.text: clause for place, clause in enumerate(own) if place not in dropped}
        changes = tuple(_change(subject, stake, demanded, kept) for stake in giving)
        common = _common(left, changes)
        if common is not None:
            yield _Option(changes, common, spell([*demanded, *kept.values()]))


def _change(subject: str, stake: Stake, demanded: Sequence[Constraint], kept: Mapping[str, Constraint]) -> Change:
    own = (kept[clause] for clause in stake.clauses if clause in kept)
    return Change(stake.artifact, stake.agent, subject, stake.text, spell([*demanded, *own]))


def _common(left: Span, changes: Iterable[Change]) -> Span | None:
    """What all admit once ``changes`` are made; None where that is nothing, or a change could not be declared."""
    try:
        common = left & meet(parse(change.new) for change in changes)
    except InvalidConstraint:
        return None
    return None if common.is_empty else common


def _ranked(options: Iterable[_Option]) -> list[_Option]:
    """Best first; ties are settled by what the changes say, so that no order of arrival shows."""
    ranked = sorted(options, key=lambda option: option.changes)
    ranked.sort(key=lambda option: _newest(option.spelled), reverse=True)
    ranked.sort(key=lambda option: (len(option.changes), option.common.only_prereleases, _tightness(option)))
    return ranked


def _tightness(option: _Option) -> int:
    """0: newer versions will do without end; 1: there is an end; 2: one version alone will do."""
    if option.common.any.contains(_FAR):
        return 0
    pinned = option.spelled.startswith("==") and not {",", "*"} & set(option.spelled)
    return 2 if pinned else 1


def _newest(spelled: str) -> Version:
    """The newest version that is named as wanted, or as the end of what is wanted."""
    wanted = [clause for clause in spelled.split(",") if clause and not clause.startswith("!=")]
    return max((read(clause).version for clause in wanted), default=Version("0"))


def _told(changes: Sequence[Change], most: int = 5) -> str:
    told = [str(change) for change in changes[:most]]
    if len(changes) > most:
        told.append(f"and {len(changes) - most} more alike")
    return "; ".join(told)
