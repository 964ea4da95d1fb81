"""The direct check: do all demands on one package admit one version?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from packaging.ranges import VersionRange

from psmp.compat.cores import dissect
from psmp.compat.explain import Core, explain
from psmp.compat.requirement import Requirement, Stake, meet, stakes
from psmp.compat.spelling import spell
from psmp.compat.suggest import Suggestion, suggest

MOST_CAUSES: Final = 32
"""How many minimal clashing sets are listed."""


@dataclass(frozen=True, slots=True)
class Fits:
    """All demands can stand together: ``witness`` is a constraint that admits exactly what all admit; "" is anything.

    With ``prerelease_only`` only pre-releases and development releases are left.
    """

    witness: str
    prerelease_only: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """The demands on package ``subject`` admit no version.

    ``causes`` are the minimal clashing sets and ``corrections`` the minimal sets whose withdrawal makes the rest stand,
    both as sorted artifact ids, smallest first; ``parties`` are all requirements of the artifacts in ``causes``.
    ``complete`` is false where there may be more than listed. Nothing here depends on the order of arrival.
    """

    subject: str
    causes: tuple[tuple[str, ...], ...]
    parties: tuple[Requirement, ...]
    corrections: tuple[tuple[str, ...], ...]
    complete: bool
    text: str
    suggestions: tuple[Suggestion, ...]


def check(requirements: Iterable[Requirement]) -> Fits | Clash:
    """Judge the requirements on one package together. Raises InvalidConstraint."""
    demands = stakes(requirements)
    constraints = [constraint for stake in demands for constraint in stake.constraints]
    common = meet(constraints)
    return clash(demands) if common.is_empty else Fits(spell(constraints), common.only_prereleases)


def clash(demands: Sequence[Stake]) -> Clash:
    """Why ``demands`` cannot stand together: all stakes in one package, by artifact, with no version in common."""
    groups = _alike(demands)
    anatomy = dissect([group[0].span.any for group in groups])
    cores = sorted((_core(groups, places) for places in anatomy.cores), key=_by_size)
    causes, all_listed = _causes(cores)
    corrections = _sorted(tuple(stake for place in places for stake in groups[place]) for places in anatomy.corrections)
    involved = {artifact for cause in causes for artifact in cause}
    subject = demands[0].requirements[0].name
    return Clash(
        subject,
        causes,
        tuple(party for stake in demands if stake.artifact in involved for party in stake.requirements),
        corrections,
        all_listed and anatomy.complete,
        explain(subject, cores, complete=anatomy.complete),
        suggest(subject, {stake.artifact: stake for stake in demands}, corrections),
    )


def _alike(demands: Iterable[Stake]) -> list[list[Stake]]:
    """The stakes grouped by what they admit, largest group first; who admits everything clashes with nobody."""
    groups: dict[VersionRange, list[Stake]] = {}
    for stake in demands:
        if stake.text:
            groups.setdefault(stake.span.any, []).append(stake)
    return sorted(groups.values(), key=len, reverse=True)


def _core(groups: Sequence[Sequence[Stake]], places: Iterable[int]) -> Core:
    return sorted((groups[place] for place in places), key=lambda group: group[0].artifact)


def _by_size(core: Core) -> tuple[int, list[str]]:
    return len(core), [group[0].artifact for group in core]


def _causes(cores: Iterable[Core]) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Every way to take one stake of each group of a core, cut after ``MOST_CAUSES``, and whether these are all."""
    found = [chosen for core in cores for chosen in islice(product(*core), MOST_CAUSES + 1)]
    return _sorted(found)[:MOST_CAUSES], len(found) <= MOST_CAUSES


def _sorted(sets: Iterable[Iterable[Stake]]) -> tuple[tuple[str, ...], ...]:
    named = (tuple(sorted(stake.artifact for stake in one)) for one in sets)
    return tuple(sorted(named, key=lambda one: (len(one), one)))
