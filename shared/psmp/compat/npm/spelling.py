"""Writing a set of versions as a person would write it for npm.

Comparators that stand together license pre-releases together, and so admit more than each does on its own: to join
ranges by white space is exact only where no pre-release is at stake. With ``||`` everything can be written exactly
that ranges admit together, for pre-releases can always stand in an alternative of their own: ``>=1.2.3-a <1.2.3``.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import and_
from typing import Final, NamedTuple

from psmp.compat.ecosystem import Constraint, InvalidConstraint, Weight
from psmp.compat.npm import versions
from psmp.compat.npm.line import END, START, Line, Place, first, stretches
from psmp.compat.npm.ranges import LONGEST, Span, parse
from psmp.compat.npm.versions import LEAST, Core, Prerelease, after, version

NONE: Final = "<0.0.0-0"
"""How node-semver says that no version will do."""


class _Piece(NamedTuple):
    """Pre-releases of one release: from ``since`` on, () being -0, to before ``until``, () being the release."""

    core: Core
    since: Prerelease
    until: Prerelease


def spell(constraints: Iterable[Constraint[Span]]) -> str:
    """A short range that admits exactly what all ``constraints`` admit, each on its own; "" if there are none.

    It is the same for every order of them, and as declared where nothing shorter says the same. Only where it would be
    longer than a range may be, it admits less: the oldest of its alternatives are left out.
    """
    return _spelled(frozenset(constraint.text for constraint in constraints))


def join(constraints: Sequence[Constraint[Span]]) -> str:
    """All ``constraints`` in one range, as declared where that admits the same; else as ``spell`` says it."""
    distinct = {constraint.text: constraint for constraint in constraints}
    if len(distinct) <= 1:
        return "".join(distinct)
    clauses = (clause for constraint in distinct.values() for clause in constraint.clauses if clause != "*")
    joined = " ".join(dict.fromkeys(clauses)) or "*"
    exact = "||" not in joined and _says(joined, _meet(distinct.values()))
    return joined if exact else spell(distinct.values())


def weigh(span: Span, _text: str) -> Weight:
    """The newest version is the one at the end of what is admitted; if that has no end, where its last part begins."""
    releases, prereleases = stretches(span.releases), stretches(span.prereleases)
    begin, end = max((*releases, *prereleases), key=lambda stretch: stretch[::-1], default=(START, START))
    newest = version(begin[:3], begin[3] or (() if releases else LEAST))
    if end == END:
        return Weight(0, newest)
    following = _release_after(begin) if releases else (*begin[:3], (*newest.prerelease, *LEAST))
    alone = len(releases) + len(prereleases) == 1 and end == following
    return Weight(2, newest) if alone else Weight(1, version(end[:3], end[3]))


def _release_after(place: Place) -> Place:
    return first(after(place[:3]))


def _meet(constraints: Iterable[Constraint[Span]]) -> Span:
    return reduce(and_, (constraint.span for constraint in constraints))


def _says(text: str, meant: Span) -> bool:
    try:
        return parse(text).span == meant
    except InvalidConstraint:
        return False


@lru_cache(maxsize=4096)
def _spelled(texts: frozenset[str]) -> str:
    if len(texts) <= 1:
        return "".join(texts)
    constraints = [parse(text) for text in sorted(texts)]
    meant = _meet(constraints)
    candidates = [constraint.text for constraint in constraints if constraint.span == meant]
    declared = _narrowest(constraints)
    if _says(declared, meant):
        candidates.append(declared)
    # That nothing is left is told better by what was declared than by a range that nobody writes.
    if not (meant.is_empty and candidates):
        candidates.append(_written(meant))
    return min(candidates, key=len)


def _narrowest(constraints: Iterable[Constraint[Span]]) -> str:
    """The clause that begins last and the one that ends first: of ranges without ``||`` these imply the others."""
    clauses = sorted({clause for constraint in constraints for clause in constraint.clauses}, key=_plainly)
    reaches = {clause: reach for clause in clauses if (reach := _reach(parse(clause).span))}
    if len(reaches) < len(clauses):
        return NONE
    begins = max(reaches, key=lambda clause: reaches[clause][0])
    ends = min(reaches, key=lambda clause: reaches[clause][1])
    # What has no beginning of its own comes last: ^1.2.0 <1.8.0.
    return " ".join(sorted({begins, ends}, key=lambda clause: (reaches[clause][0] == START, reaches[clause])))


def _reach(span: Span) -> tuple[Place, Place] | None:
    """Where the versions begin and end; None if there are none."""
    parts = [*stretches(span.releases), *stretches(span.prereleases)]
    return (min(begin for begin, _ in parts), max(end for _, end in parts)) if parts else None


def _plainly(clause: str) -> tuple[int, str]:
    """Shortest first."""
    return len(clause), clause


def _written(span: Span) -> str:
    """A range for ``span``, whose pre-releases have an end: an alternative for each stretch of releases.

    It takes along the pre-releases just before it if nothing is missing in between, and those where it ends if none
    is missing before them; the others stand alone.
    """
    pieces = list(_pieces(span.prereleases))
    floors = {piece.core: piece for piece in pieces if not piece.until}
    ceilings = {piece.core: piece for piece in pieces if piece.until and not piece.since}
    alternatives: list[tuple[Place, str]] = []
    for begin, end in stretches(span.releases):
        floor, ceiling = floors.pop(begin[:3], None), ceilings.pop(end[:3], None)
        pieces = [piece for piece in pieces if piece not in {floor, ceiling}]
        lower = (floor.since or LEAST) if floor else ()
        alternatives.append((begin, _stretch(begin[:3], lower, end[:3], ceiling.until if ceiling else ())))
    alternatives += [((*piece.core, piece.since), _alone(piece)) for piece in pieces]
    texts = [text for _, text in sorted(alternatives)]
    if "*" in texts and len(texts) > 1:
        # An alternative that is any version would swallow the others.
        texts = [*(text for text in texts if text != "*"), "<1.0.0", ">=1.0.0"]
    return _fitting(texts)


def _fitting(texts: list[str]) -> str:
    """``texts`` as alternatives, without the first ones if that would be too long."""
    while len(whole := " || ".join(texts)) > LONGEST:
        texts = texts[1:]
    return whole or NONE


def _pieces(line: Line) -> Iterator[_Piece]:
    """The pre-releases by release."""
    for begin, end in stretches(line):
        place = begin
        while place < end:
            border = _release_after(place)
            yield _Piece(place[:3], place[3], end[3] if end < border else ())
            place = border


def _alone(piece: _Piece) -> str:
    """Pre-releases without their release."""
    since = piece.since or LEAST
    if piece.until == (*since, *LEAST):
        return str(version(piece.core, since))
    return f"{_from(piece.core, since)} {_before(piece.core, piece.until)}"


def _stretch(core: Core, floor: Prerelease, end: Core, ceiling: Prerelease) -> str:
    """From ``core`` on, or its pre-releases from ``floor`` on, to before ``end``, or its pre-releases ``ceiling``."""
    bottom = (core, floor) == (START[:3], ())
    if end == END[:3]:
        return "*" if bottom else _from(core, floor)
    shorthand = "" if ceiling else _shorthand(core, floor, end)
    return shorthand or (_before(end, ceiling) if bottom else f"{_from(core, floor)} {_before(end, ceiling)}")


def _shorthand(core: Core, floor: Prerelease, end: Core) -> str:
    """The same as an x-range, a caret or a tilde, or as the version itself if it is one; "" if there is none."""
    (major, minor, patch), low = core, str(version(core, floor))
    if not floor and end == after(core):
        return low
    to_minor, to_major = end == (major, minor + 1, 0), end == (major + 1, 0, 0)
    if not floor and not patch and (to_minor or (to_major and not minor)):
        return f"{major}.{minor}.x" if to_minor else f"{major}.x"
    if len(low) > versions.LONGEST:
        return ""
    if (to_major and major) or (to_minor and minor and not major) or (core[:2] == (0, 0) and end == (0, 0, patch + 1)):
        return f"^{low}"
    return f"~{low}" if to_minor else ""


def _from(core: Core, since: Prerelease) -> str:
    text = str(version(core, since))
    # What follows on the longest version can only be said by what it follows on.
    return f">={text}" if len(text) <= versions.LONGEST else f">{version(core, since[:-1])}"


def _before(core: Core, until: Prerelease) -> str:
    after_another = len(until) > 1 and until[-1:] == LEAST
    return f"<={version(core, until[:-1])}" if after_another else f"<{version(core, until)}"
