"""What the engine asks of an ecosystem: read a constraint, combine what constraints admit, write it down again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from psmp.compat.cores import Region
from psmp.words import values


class Span(Region, Protocol):
    """A set of versions: immutable, hashable, equal when it is the same set."""

    @property
    def only_prereleases(self) -> bool:
        """Whether versions are admitted, but none that is not a pre-release."""

    def covers(self, other: Self, /) -> bool:
        """Whether every version that ``other`` admits is admitted here too."""

    def contains(self, version: str, /) -> bool:
        """Whether this version is admitted; False for what is no version."""


S = TypeVar("S", bound=Span)


class InvalidConstraint(ValueError):
    """``text`` is not a ``kind`` of text: ``fault`` says why, ``at`` is where it starts (characters from 0).

    ``hint`` says what to do instead; it may be empty.
    """

    def __init__(self, text: str, at: int, fault: str, hint: str = "", kind: str = "PEP 440 constraint") -> None:
        super().__init__(text, at, fault, hint, kind)
        self.text, self.at, self.fault, self.hint, self.kind = text, at, fault, hint, kind

    def __str__(self) -> str:
        """Say what is wrong, and where."""
        return f"{shown(self.text)} is not a {self.kind}: {self.fault}, at character {self.at}"


def shown(text: str, most: int = 60) -> str:
    """A text of others in quotes, cut where it is long."""
    return repr(text if len(text) <= most else text[: most - 3] + "...")


@dataclass(frozen=True, slots=True)
class Constraint(Generic[S]):
    """A valid constraint: its text without needless white space, its clauses, and what it admits.

    Invariant: what all ``clauses`` admit together is ``span``; each is itself a valid constraint. No clauses: anything.
    """

    text: str
    clauses: tuple[str, ...]
    span: S


class Weight(NamedTuple):
    """How good it is to be left with a set of versions: less ``tightness`` is better, then a newer ``newest``.

    ``tightness`` 0: newer versions will do without end; 1: there is an end; 2: one version alone will do.
    """

    tightness: int
    newest: Any


@dataclass(frozen=True, slots=True)
class Ecosystem(Generic[S]):
    """An ecosystem as the engine sees it.

    ``canonical`` is the one spelling of a package's name. ``parse`` raises ``InvalidConstraint``. ``join`` says all
    constraints in one text, as declared; ``spell`` as shortly as it can, the same for every order of them; both texts
    are constraints. ``weigh`` weighs a set of versions by it and its spelling.
    """

    name: values.Ecosystem
    everything: S
    canonical: Callable[[str], str]
    parse: Callable[[str], Constraint[S]]
    join: Callable[[Sequence[Constraint[S]]], str]
    spell: Callable[[Iterable[Constraint[S]]], str]
    weigh: Callable[[S, str], Weight]

    def meet(self, constraints: Iterable[Constraint[S]]) -> S:
        """The versions that all ``constraints`` admit."""
        distinct = {constraint.text: constraint.span for constraint in constraints}
        return reduce(and_, distinct.values()) if distinct else self.everything
