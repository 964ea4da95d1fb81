"""A node-semver range as what it is: an exact set of versions.

A version with pre-release identifiers satisfies comparators that stand together only if it satisfies each of them and
one of them names a pre-release of the same release: that comparator licenses it. Ranges that are declared apart are
satisfied apart; a pre-release must then be licensed in every one of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_
from typing import Final, Self

from psmp.compat.ecosystem import Constraint, InvalidConstraint
from psmp.compat.npm import versions
from psmp.compat.npm.faults import KIND, diagnose
from psmp.compat.npm.grammar import Comparator, Misread, read
from psmp.compat.npm.line import END, NOTHING, START, WHOLE, Line, Place, between, both, either, first, holds, without
from psmp.compat.npm.versions import LEAST, Version, after

LONGEST: Final = 1000
"""The most characters that a range may have."""


@dataclass(frozen=True, slots=True)
class Span:
    """The versions that one range, or several declared apart, admit.

    # Invariant: both lines are the only ones for their sets, so that spans are equal if and only if the sets are. That
    # versions are at most 256 characters long is left aside: nobody names the last one but one.
    """

    releases: Line
    prereleases: Line

    def __and__(self, other: Self) -> "Span":
        """The versions that both admit."""
        return Span(both(self.releases, other.releases), both(self.prereleases, other.prereleases))

    def __or__(self, other: Self) -> "Span":
        """The versions that one of them admits."""
        return Span(either(self.releases, other.releases), either(self.prereleases, other.prereleases))

    def __sub__(self, other: Self) -> "Span":
        """The versions that are admitted here and not there."""
        return Span(without(self.releases, other.releases), without(self.prereleases, other.prereleases))

    @property
    def is_empty(self) -> bool:
        """Whether no version at all is admitted."""
        return not self.releases and not self.prereleases

    @property
    def only_prereleases(self) -> bool:
        """Whether versions are admitted, but none without pre-release identifiers."""
        return not self.releases and bool(self.prereleases)

    def covers(self, other: Self) -> bool:
        """Whether every version that ``other`` admits is admitted here too."""
        return not without(other.releases, self.releases) and not without(other.prereleases, self.prereleases)

    def contains(self, version: str) -> bool:
        """Whether this version is admitted; False for what is no version."""
        found = versions.read(version)
        if found is None:
            return False
        return holds(self.releases if found.final else self.prereleases, (*found.core, found.prerelease))


EVERYTHING: Final = Span(WHOLE, WHOLE)
"""All versions, with all pre-releases: what nobody has restricted."""

RELEASES: Final = Span(WHOLE, NOTHING)
"""All versions but pre-releases: what ``*`` admits."""

_NOTHING: Final = Span(NOTHING, NOTHING)


@lru_cache(maxsize=4096)
def parse(text: str) -> Constraint[Span]:
    """The range that ``text`` spells; "" and "*" admit all versions but pre-releases.

    Its clauses are its comparators, carets, tildes and partial versions, the two ends of a hyphen range; but the whole
    is one clause where it has ``||``, or where its parts admit a pre-release together that they do not admit apart.
    Raises InvalidConstraint, with the place of the fault.
    """
    if len(text) > LONGEST:
        raise InvalidConstraint(text, LONGEST, f"it is longer than {LONGEST} characters", kind=KIND)
    try:
        alternatives = read(text)
    except Misread as misread:
        raise diagnose(text, misread) from None
    sets = [[each for clause in alternative.clauses for each in clause.comparators] for alternative in alternatives]
    # An alternative without comparators is any version, and node-semver then forgets the others.
    span = reduce(Span.__or__, map(_together, sets), _NOTHING) if all(sets) else RELEASES
    whole = _text([alternative.text for alternative in alternatives])
    clauses = alternatives[0].clauses
    if len(alternatives) > 1 or (span.prereleases and _apart(clause.comparators for clause in clauses) != span):
        return Constraint(whole, (whole,), span)
    return Constraint(whole, tuple(clause.text for clause in clauses), span)


def _text(alternatives: Sequence[str]) -> str:
    """The alternatives as people write them, or closer if the whole would be no range for its length."""
    wide, close = " || ".join(alternatives), "||".join(alternatives)
    # Only where nothing was written as "*" is the closer text longer than what was read.
    return next((text for text in (wide, close) if len(text) <= LONGEST), "*")


def _apart(clauses: Iterable[Sequence[Comparator]]) -> Span:
    """What clauses admit that are declared apart."""
    return reduce(and_, map(_together, clauses))


def _together(comparators: Sequence[Comparator]) -> Span:
    """What comparators admit that stand together."""
    if not comparators:
        return RELEASES
    begin, end, begin_pre, end_pre = START, END, START, END
    licensed = set()
    for operator, version in comparators:
        before, behind = _edges(version)
        if operator not in {"<", "<="}:
            low, low_pre = behind if operator == ">" else before
            begin, begin_pre = max(begin, low), max(begin_pre, low_pre)
        if operator not in {">", ">="}:
            high, high_pre = before if operator == "<" else behind
            end, end_pre = min(end, high), min(end_pre, high_pre)
        if not version.final:
            licensed.add(version.core)
    prereleases = NOTHING
    for core in licensed:
        own = between(max(begin_pre, first(core)), min(end_pre, first(after(core))))
        prereleases = either(prereleases, own)
    return Span(between(begin, end), prereleases)


def _edges(version: Version) -> tuple[tuple[Place, Place], tuple[Place, Place]]:
    """Just before ``version`` and just behind it, each on the line of releases and on that of pre-releases."""
    here, following = first(version.core), first(after(version.core))
    if version.final:
        return (here, following), (following, following)
    own, tail = version.prerelease, (*version.prerelease, *LEAST)
    return (here, here if own == LEAST else (*version.core, own)), (here, (*version.core, tail))
