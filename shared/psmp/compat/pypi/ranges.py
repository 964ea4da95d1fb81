"""A PEP 440 constraint as what it is: an exact set of versions."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

from packaging.ranges import VersionRange
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from psmp.compat.ecosystem import Constraint, InvalidConstraint
from psmp.compat.pypi.faults import diagnose

LONGEST: Final = 1000
"""The most characters that a constraint may have."""


@dataclass(frozen=True, slots=True)
class Span:
    """The versions that one constraint, or several together, admit.

    # Invariant: both ranges hold the same bounds and differ only in their pre-release policy. Ranges of different
    # policies cannot be combined; one whose policy is set has no opt-in region, so that equal ``any`` are equal sets.
    """

    any: VersionRange
    finals: VersionRange = field(compare=False)

    def __and__(self, other: Self) -> "Span":
        """The versions that both admit."""
        return Span(self.any & other.any, self.finals & other.finals)

    def __sub__(self, other: Self) -> "Span":
        """The versions that are admitted here and not there."""
        return Span(self.any - other.any, self.finals - other.finals)

    @property
    def is_empty(self) -> bool:
        """Whether no version at all is admitted."""
        return self.any.is_empty

    @property
    def only_prereleases(self) -> bool:
        """Whether versions are admitted, but no final or post release among them."""
        return self.finals.is_empty and not self.any.is_empty

    def covers(self, other: Self) -> bool:
        """Whether every version that ``other`` admits is admitted here too."""
        return other.any.is_subset(self.any)

    def contains(self, version: str) -> bool:
        """Whether this version is admitted."""
        return version in self.any


@lru_cache(maxsize=4096)
def parse(text: str) -> Constraint[Span]:
    """The constraint that ``text`` spells; "" admits everything, even what is no PEP 440 version.

    Raises InvalidConstraint, with the place of the fault.
    """
    if len(text) > LONGEST:
        raise InvalidConstraint(text, LONGEST, f"it is longer than {LONGEST} characters")
    try:
        specifiers = SpecifierSet(text, prereleases=True)
    except InvalidSpecifier:
        raise diagnose(text) from None
    if not all(specifier.version for specifier in specifiers):
        raise diagnose(text)
    clauses = tuple("".join(clause.split()) for clause in text.split(",") if clause.strip())
    finals = SpecifierSet(list(specifiers), prereleases=False)
    return Constraint(",".join(clauses), clauses, Span(specifiers.to_range(), finals.to_range()))
