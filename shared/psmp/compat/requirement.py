"""What an artifact demands of a package, or of the interpreter."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_
from typing import Any, Final, Literal, NamedTuple

from psmp.compat.ecosystem import Constraint, Ecosystem, Span
from psmp.compat.ecosystems import ECOSYSTEMS, PYPI
from psmp.words import values
from psmp.words.values import Scope

PYTHON: Final = "python"
"""The ecosystem, and the one name in it, of what artifacts demand of the interpreter (``requires-python``)."""


_ALGEBRAS: Final = {**ECOSYSTEMS, PYTHON: PYPI}


class Subject(NamedTuple):
    """What demands are on: a package, by its canonical name, in the shared or in a named environment."""

    ecosystem: values.Ecosystem | Literal["python"]
    name: str
    environment: str = ""

    @property
    def algebra(self) -> Ecosystem[Any]:
        """How its versions are reckoned with."""
        return _ALGEBRAS[self.ecosystem]

    @property
    def shown(self) -> str:
        """Its name in a sentence."""
        return "Python" if self.ecosystem == PYTHON else self.name

    @property
    def label(self) -> str:
        """It in one word, as a witness names it."""
        where = f" in {self.environment}" if self.environment else ""
        return f"npm:{self.name}{where}" if self.ecosystem == "npm" else f"{self.name}{where}"


class Ask(NamedTuple):
    """What is asked, whoever asks it; "" is no constraint, no marker, no reference (which is canonical), no extras.

    ``extras`` are normalised (PEP 685), sorted, parted by commas; they have no say in which versions are admitted.
    """

    constraint: str = ""
    scope: Scope = "runtime"
    marker: str = ""
    reference: str = ""
    extras: str = ""


@lru_cache(maxsize=8192)
def interned(ask: Ask) -> Ask:
    """The one object of all that are equal: a project repeats itself."""
    return ask


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """One demand of one artifact, with who declared it, what for, where it is written and where in the log.

    # Invariant: what is asked is valid: its constraint, marker and reference were read before.
    """

    artifact: str
    agent: str
    subject: Subject
    ask: Ask
    purpose: str = ""
    location: str = ""
    position: int = 0

    def __str__(self) -> str:
        """It as it could be written down."""
        algebra, ask = self.subject.algebra, self.ask
        text = algebra.parse(ask.constraint).text
        joint = "@" if algebra.name == "npm" else ""
        said = f" @ {ask.reference}" if ask.reference else f"{joint}{text}"
        marker = f" where {ask.marker}" if ask.marker else ""
        return f"{self.subject.shown}{said}{marker}"


@dataclass(frozen=True, slots=True)
class Stake:
    """Everything that one artifact demands of one subject, as far as it counts: what is demanded twice counts twice.

    ``constraints`` is what is demanded of versions, leaving out what admits everything; ``span`` what all of it admits.
    # Invariant: ``requirements`` is sorted, not empty, and of one artifact and one subject.
    """

    requirements: tuple[Requirement, ...]
    constraints: tuple[Constraint[Any], ...]
    span: Span

    @property
    def artifact(self) -> str:
        """The artifact that demands it."""
        return self.requirements[0].artifact

    @property
    def agent(self) -> str:
        """The agent that declared the artifact."""
        return self.requirements[0].agent

    @property
    def text(self) -> str:
        """All that is demanded of versions as one constraint; "" is anything."""
        return self.requirements[0].subject.algebra.join(self.constraints)

    @property
    def references(self) -> tuple[str, ...]:
        """The references that are demanded."""
        return tuple(dict.fromkeys(r.ask.reference for r in self.requirements if r.ask.reference))

    @property
    def is_free(self) -> bool:
        """Whether nothing is demanded but that the package is there."""
        return not self.constraints and not self.references


def stakes(requirements: Iterable[Requirement], span_of: Callable[[Ask], Span]) -> tuple[Stake, ...]:
    """Sorted requirements on one subject by artifact, in the order of the artifacts' ids; ``span_of`` reads an ask."""
    by_artifact: defaultdict[str, list[Requirement]] = defaultdict(list)
    for requirement in requirements:
        by_artifact[requirement.artifact].append(requirement)
    return tuple(_stake(tuple(group), span_of) for group in by_artifact.values())


def _stake(requirements: tuple[Requirement, ...], span_of: Callable[[Ask], Span]) -> Stake:
    parse = requirements[0].subject.algebra.parse
    parsed = (parse(requirement.ask.constraint) for requirement in requirements)
    constraints = tuple(constraint for constraint in parsed if constraint.text)
    return Stake(requirements, constraints, reduce(and_, (span_of(requirement.ask) for requirement in requirements)))
