"""A PEP 440 constraint as what it is: an exact set of versions."""

from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import Final, Self

from packaging.ranges import VersionRange
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from psmp.compat.ecosystem import Constraint, InvalidConstraint
from psmp.compat.pypi.faults import diagnose

LONGEST: Final = 1000
"""The most characters that a constraint may have."""


_FAR: Final = Version("999999999!0")

# A project repeats itself, and projects resemble each other: most pairs of sets were met before.
_meet: Final = lru_cache(maxsize=16_384)(VersionRange.__and__)
_is_subset: Final = lru_cache(maxsize=16_384)(VersionRange.is_subset)


@dataclass(frozen=True, slots=True)
class Span:
    """The versions that one constraint, or several together, admit.

    # Invariant: what all ``parts`` have in common is ``any`` without its pre-releases. They are met only when somebody
    # asks. Ranges of different pre-release policies cannot be combined; one whose policy is set has no opt-in region,
    # so that equal ``any`` are equal sets.
    """

    any: VersionRange
    parts: tuple[VersionRange, ...] = field(compare=False)

    def __and__(self, other: Self) -> "Span":
        """The versions that both admit."""
        return Span(_meet(self.any, other.any), tuple({id(part): part for part in self.parts + other.parts}.values()))

    def __sub__(self, other: Self) -> "Span":
        """The versions that are admitted here and not there."""
        return Span(self.any - other.any, (reduce(_meet, self.parts) - reduce(_meet, other.parts),))

    @property
    def is_empty(self) -> bool:
        """Whether no version at all is admitted."""
        return self.any.is_empty

    @property
    def only_prereleases(self) -> bool:
        """Whether versions are admitted, but no final or post release among them."""
        return not self.any.contains(_FAR) and not self.any.is_empty and reduce(_meet, self.parts).is_empty

    def covers(self, other: Self) -> bool:
        """Whether every version that ``other`` admits is admitted here too."""
        return _is_subset(other.any, self.any)

    def contains(self, version: str) -> bool:
        """Whether this version is admitted."""
        return version in self.any


@lru_cache(maxsize=8192)
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
    return Constraint(",".join(clauses), clauses, Span(specifiers.to_range(), (finals.to_range(),)))
