"""What an artifact demands of a package."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import and_
from typing import Final

from packaging.utils import canonicalize_name

from psmp.compat.ranges import Constraint, Span, parse

EVERYTHING: Final = parse("").span
"""What is left of the versions when nobody demands anything."""


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The one spelling of a package's name (PEP 503), interned."""
    return sys.intern(canonicalize_name(name))


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """One dependency of one artifact, with who declared it, what for and where in the log.

    # Invariant: ``name`` is canonical (PEP 503). ``constraint`` is as declared; it may still be invalid.
    """

    artifact: str
    agent: str
    name: str
    constraint: str = ""
    purpose: str = ""
    position: int = 0

    def __post_init__(self) -> None:
        """Normalise the name."""
        object.__setattr__(self, "name", canonical(self.name))


@dataclass(frozen=True)
class Stake:
    """Everything that one artifact demands of one package: a package named twice counts twice.

    # Invariant: ``requirements`` is sorted, not empty, and of one artifact and one package.
    """

    requirements: tuple[Requirement, ...]

    @property
    def artifact(self) -> str:
        """The artifact that demands it."""
        return self.requirements[0].artifact

    @property
    def agent(self) -> str:
        """The agent that declared the artifact."""
        return self.requirements[0].agent

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """What is demanded, leaving out what admits everything."""
        parsed = (parse(requirement.constraint) for requirement in self.requirements)
        return tuple(constraint for constraint in parsed if constraint.text)

    @property
    def text(self) -> str:
        """All that is demanded as one constraint; "" is anything."""
        return ",".join(constraint.text for constraint in self.constraints)

    @property
    def clauses(self) -> Iterator[str]:
        """All that is demanded, clause by clause."""
        return (clause for constraint in self.constraints for clause in constraint.clauses)

    @cached_property
    def span(self) -> Span:
        """The versions that all that is demanded admits."""
        return meet(self.constraints)


def stakes(requirements: Iterable[Requirement]) -> tuple[Stake, ...]:
    """The requirements on one package by artifact, in the order of the artifacts' ids."""
    by_artifact: defaultdict[str, list[Requirement]] = defaultdict(list)
    for requirement in sorted(requirements):
        by_artifact[requirement.artifact].append(requirement)
    return tuple(Stake(tuple(group)) for group in by_artifact.values())


def meet(constraints: Iterable[Constraint]) -> Span:
    """The versions that all ``constraints`` admit."""
    distinct = {constraint.text: constraint.span for constraint in constraints}
    return reduce(and_, distinct.values()) if distinct else EVERYTHING
