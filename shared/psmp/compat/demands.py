"""All demands of a project, kept so that one more declaration is judged without looking at the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from sys import intern
from typing import NamedTuple

from psmp.compat.direct import Clash, Fits, clash
from psmp.compat.ranges import Span, parse
from psmp.compat.requirement import EVERYTHING, Requirement, canonical, meet, stakes
from psmp.compat.spelling import spell


class _Row(NamedTuple):
    """What one artifact requires: name, constraint and purpose of each requirement in turn.

    Flat, because 5,000 objects or tuples of their own would cost a project twice the memory.
    """

    agent: str
    position: int
    said: tuple[str, ...]

    def pairs(self) -> set[tuple[str, str]]:
        return set(zip(self.said[::3], self.said[1::3], strict=True))

    def requirements(self, artifact: str, package: str | None = None) -> Iterator[Requirement]:
        for name, constraint, purpose in zip(self.said[::3], self.said[1::3], self.said[2::3], strict=True):
            if package is None or name == package:
                yield Requirement(artifact, self.agent, name, constraint, purpose, self.position)


_NOTHING = _Row("", 0, ())


@dataclass(slots=True)
class _Package:
    """The constraints on one package.

    # Invariant: ``held`` has each constraint, as declared, once for every artifact that declared it; never empty.
    # Invariant: all of ``held`` admit all of ``common``. They admit nothing else unless it is ``stale``: withdrawing a
    # constraint can only admit more, so as long as something is left there is no need to know how much.
    # Invariant: ``spelled`` spells what all of ``held`` admit, or is None.
    """

    held: tuple[str, ...] = ()
    common: Span = EVERYTHING
    stale: bool = False
    spelled: str | None = None

    def add(self, constraint: str) -> None:
        if constraint not in self.held:
            span = parse(constraint).span
            if not span.covers(self.common):
                self.common &= span
            self.spelled = None
        self.held = (*self.held, constraint)

    def remove(self, constraint: str) -> None:
        place = self.held.index(constraint)
        self.held = self.held[:place] + self.held[place + 1 :]
        if constraint not in self.held:
            self.stale, self.spelled = True, None

    @property
    def is_empty(self) -> bool:
        if self.common.is_empty:
            self._refresh()
        return self.common.is_empty

    @property
    def only_prereleases(self) -> bool:
        if self.common.finals.is_empty:
            self._refresh()
        return self.common.only_prereleases

    @property
    def witness(self) -> str:
        if self.spelled is None:
            self.spelled = spell(map(parse, set(self.held)))
        return self.spelled

    def _refresh(self) -> None:
        if self.stale:
            self.common, self.stale = meet(map(parse, self.held)), False


class Demands:
    """The requirements of a project's artifacts, changed in place, with the running intersection for each package.

    It answers as ``check`` would from scratch, whatever came and went before.
    """

    __slots__ = ("_packages", "_rows")

    def __init__(self) -> None:
        """Start with no artifact."""
        self._rows: dict[str, _Row] = {}
        self._packages: dict[str, _Package] = {}

    def put(self, artifact: str, requirements: Iterable[Requirement]) -> tuple[str, ...]:
        """From now on ``artifact`` requires this and nothing else; the packages that it names or named, sorted.

        The requirements share one artifact, agent and position, else ValueError. Raises InvalidConstraint. Whatever it
        raises, nothing has changed then.
        """
        row = _row(artifact, tuple(requirements))
        before, now = self._rows.get(artifact, _NOTHING).pairs(), row.pairs()
        for _, constraint in now - before:
            parse(constraint)
        for name, constraint in now - before:
            self._packages.setdefault(name, _Package()).add(constraint)
        for name, constraint in before - now:
            self._packages[name].remove(constraint)
            if not self._packages[name].held:
                del self._packages[name]
        if row.said:
            self._rows[artifact] = row
        else:
            self._rows.pop(artifact, None)
        return tuple(sorted({name for name, _ in before | now}))

    def drop(self, artifact: str) -> tuple[str, ...]:
        """Forget what ``artifact`` requires, if anything; the packages that it named, sorted."""
        return self.put(artifact, ())

    def clashes(self, names: Iterable[str]) -> tuple[Clash, ...]:
        """The clashes on the packages ``names``, by package."""
        subjects = sorted({canonical(name) for name in names} & self._packages.keys())
        return tuple(self._clash(subject) for subject in subjects if self._packages[subject].is_empty)

    def verdict(self, name: str) -> Fits | Clash:
        """Whether all demands on package ``name`` can stand together; a package that nobody names fits."""
        subject = canonical(name)
        package = self._packages.get(subject, _Package())
        if package.is_empty:
            return self._clash(subject)
        return Fits(package.witness, package.only_prereleases)

    def of(self, artifact: str) -> tuple[Requirement, ...]:
        """What ``artifact`` requires, as it was put."""
        return tuple(self._rows.get(artifact, _NOTHING).requirements(artifact))

    def shared(self, artifact: str) -> tuple[str, ...]:
        """The packages on which ``artifact``'s is not the only demand, sorted."""
        names = set(self._rows.get(artifact, _NOTHING).said[::3])
        return tuple(sorted(name for name in names if len(self._packages[name].held) > 1))

    def _clash(self, subject: str) -> Clash:
        """Only here every artifact is looked at: to index who holds what would cost more memory than all the rest."""
        told = (row.requirements(artifact, subject) for artifact, row in self._rows.items())
        return clash(stakes(chain.from_iterable(told)))


def _row(artifact: str, requirements: tuple[Requirement, ...]) -> _Row:
    if not requirements:
        return _NOTHING
    agent, position = requirements[0].agent, requirements[0].position
    if any((r.artifact, r.agent, r.position) != (artifact, agent, position) for r in requirements):
        raise ValueError(f"requirements of {artifact} name more than one artifact, agent or position")
    said = ((r.name, intern(r.constraint), r.purpose) for r in requirements)
    return _Row(intern(agent), position, tuple(chain.from_iterable(said)))
