"""A PEP 440 constraint as what it is: an exact set of versions."""

from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import and_
from typing import Final, Self

from packaging.ranges import VersionRange
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from psmp.compat.ecosystem import Constraint, InvalidConstraint
from psmp.compat.pypi.faults import diagnose

LONGEST: Final = 1000
"""The most characters that a constraint may have."""


_FAR: Final = Version("999999999!0")


@dataclass(frozen=True, slots=True)
class Span:
    """The versions that one constraint, or several together, admit.

    # Invariant: ``any`` is what all ``clauses`` admit together without what one of ``lacking`` admits. Final versions
    # are a range of their own, read when somebody asks for them: ranges of different pre-release policies cannot be
    # combined. One whose policy is set has no opt-in region, so that equal ``any`` are equal sets.
    # Invariant: ``hashed`` is the hash of ``any``. It and ``is_empty``, whether no version at all is admitted, are kept
    # since they are asked for more often than a span is made.
    """

    any: VersionRange
    clauses: tuple[str, ...] = field(compare=False)
    lacking: tuple["Span", ...] = field(default=(), compare=False)
    hashed: int = field(init=False, compare=False, repr=False)
    is_empty: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Reckon what is asked often."""
        object.__setattr__(self, "hashed", hash(self.any))
        object.__setattr__(self, "is_empty", self.any.is_empty)

    def __hash__(self) -> int:
        """Equal for equal sets."""
        return self.hashed

    def __and__(self, other: Self) -> "Span":
        """The versions that both admit."""
        return _meet(self, other)

    def __sub__(self, other: Self) -> "Span":
        """The versions that are admitted here and not there."""
        return _without(self, other)

    @property
    def is_endless(self) -> bool:
        """Whether newer versions will do without end."""
        return self.any.contains(_FAR)

    @property
    def only_prereleases(self) -> bool:
        """Whether versions are admitted, but no final or post release among them."""
        return not self.is_endless and not self.is_empty and self.finals.is_empty

    @property
    def finals(self) -> VersionRange:
        """The final and post releases that are admitted."""
        return reduce(VersionRange.__sub__, (span.finals for span in self.lacking), _finals(self.clauses))

    def covers(self, other: Self) -> bool:
        """Whether every version that ``other`` admits is admitted here too."""
        return _covers(self, other)

    def contains(self, version: str) -> bool:
        """Whether this version is admitted."""
        return version in self.any


# A project repeats itself, and projects resemble each other: most pairs of sets were met before.
@lru_cache(maxsize=16_384)
def _meet(one: Span, other: Span) -> Span:
    clauses = tuple(dict.fromkeys(one.clauses + other.clauses))
    return Span(one.any & other.any, clauses, one.lacking + other.lacking)


@lru_cache(maxsize=4096)
def _without(one: Span, other: Span) -> Span:
    return Span(one.any - other.any, one.clauses, (*one.lacking, other))


@lru_cache(maxsize=16_384)
def _covers(one: Span, other: Span) -> bool:
    return other.any.is_subset(one.any)


EVERYTHING: Final = Span(SpecifierSet("", prereleases=True).to_range(), ())
"""Everything, even what is no PEP 440 version."""


@lru_cache(maxsize=8192)
def parse(text: str) -> Constraint[Span]:
    """The constraint that ``text`` spells; "" admits everything, even what is no PEP 440 version.

    Raises InvalidConstraint, with the place of the fault.
    """
    if len(text) > LONGEST:
        raise InvalidConstraint(text, LONGEST, f"it is longer than {LONGEST} characters")
    try:
        read = [_clause(clause.strip()) for clause in text.split(",") if clause.strip()]
    except InvalidSpecifier:
        raise diagnose(text) from None
    clauses = tuple(span.clauses[0] for span in read)
    return Constraint(",".join(clauses), clauses, reduce(and_, read) if read else EVERYTHING)


@lru_cache(maxsize=8192)
def _clause(text: str) -> Span:
    """What one clause admits; it keeps the clause without white space. Raises InvalidSpecifier."""
    specifiers = SpecifierSet(text, prereleases=True)
    if not all(specifier.version for specifier in specifiers):
        raise InvalidSpecifier(text)
    return Span(specifiers.to_range(), ("".join(text.split()),))


@lru_cache(maxsize=8192)
def _finals(clauses: tuple[str, ...]) -> VersionRange:
    return reduce(VersionRange.__and__, map(_finals_of, clauses or ("",)))


@lru_cache(maxsize=8192)
def _finals_of(clause: str) -> VersionRange:
    return SpecifierSet(clause, prereleases=False).to_range()
