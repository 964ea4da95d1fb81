"""Writing a set of versions as a person would write it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import and_
from typing import Final, NamedTuple

from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version

from psmp.compat.ecosystem import Constraint
from psmp.compat.pypi.ranges import Span, parse

MOST_CLAUSES: Final = 48
"""Above this many different clauses only those go that the strongest one implies."""

MOST_RIVALS: Final = 8
"""With how many of the strongest clauses each of the others is compared."""

_FOLDING: Final = frozenset({"!=", "<="})
"""Only beside these can other clauses fold into fewer: >=2,<=2 is ==2. To try costs 20 times the rest."""

_STRENGTH: Final = {"===": 0, "==": 0, "~=": 0, ">": 1, "<": 1, ">=": 1, "<=": 1, "!=": 2}

_ORDER: Final = {">=": 0, ">": 0, "~=": 1, "==": 2, "===": 2, "<": 3, "<=": 3, "!=": 4}


def spell(constraints: Iterable[Constraint[Span]]) -> str:
    """A short constraint that admits exactly what all ``constraints`` admit; "" is anything.

    It is the same for every order of them. The clauses are as declared, except where PEP 440 says the same with fewer.
    """
    clauses = {clause for constraint in constraints for clause in constraint.clauses}
    return _spelled(frozenset(_strictest(clauses) if len(clauses) > 1 else clauses))


class Reading(NamedTuple):
    """A clause taken apart; ``version`` is 0 where it names none that PEP 440 knows (``===``).

    ``is_bound``: of two such clauses with one operator the stricter one implies the other. ``>=`` and ``<=`` follow the
    order of versions; ``>`` and ``<`` do so between plain releases only, since what they exclude besides depends on the
    version (``>1.0`` excludes 1.0.post1, ``>=1.0.post1`` and ``>1.0.post0`` do not).
    """

    operator: str
    version: Version
    clause: str
    is_bound: bool


@lru_cache(maxsize=4096)
def read(clause: str) -> Reading:
    """Take a valid clause apart."""
    specifier = Specifier(clause)
    try:
        version = Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:
        version = Version("0")
    plain = not (version.is_prerelease or version.is_postrelease)
    operator = specifier.operator
    return Reading(operator, version, clause, operator in {">=", "<="} or (operator in {">", "<"} and plain))


def _strictest(clauses: Iterable[str]) -> Iterator[str]:
    """``clauses`` without the bounds that a bound of the same kind implies: cheap, and most of what is redundant."""
    bounds: dict[str, Reading] = {}
    for reading in map(read, sorted(sorted(clauses), key=len)):  # of two spellings of one bound the shorter stays
        if not reading.is_bound:
            yield reading.clause
            continue
        rival = bounds.setdefault(reading.operator, reading)
        if rival is reading:
            continue
        lower = reading.operator.startswith(">")
        if reading.version > rival.version if lower else reading.version < rival.version:
            bounds[reading.operator] = reading
    yield from (reading.clause for reading in bounds.values())


@lru_cache(maxsize=4096)
def _spelled(clauses: frozenset[str]) -> str:
    if len(clauses) <= 1:
        return "".join(clauses)
    parts = _irredundant([parse(clause) for clause in sorted(clauses, key=_strongly)])
    texts = _folded(parts) if len(parts) <= MOST_CLAUSES else [part.text for part in parts]
    return ",".join(sorted(texts, key=_naturally))


def _irredundant(parts: Sequence[Constraint[Span]]) -> list[Constraint[Span]]:
    """``parts`` without those that another implies; of equal ones the first stays."""
    most = MOST_RIVALS if len(parts) <= MOST_CLAUSES else 1
    kept: list[Constraint[Span]] = []
    for part in parts:
        if not any(part.span.covers(rival.span) for rival in kept[:most]):
            kept[:most] = [rival for rival in kept[:most] if not rival.span.covers(part.span)]
            kept.append(part)
    return kept


def _folded(parts: Sequence[Constraint[Span]]) -> list[str]:
    """The texts of ``parts``, or fewer that say the same."""
    if any(read(part.text).operator in _FOLDING for part in parts):
        # Not by way of what was met before: equal sets are spelled in many ways, and the words must always be the same.
        canonical = reduce(and_, (part.span.any for part in parts)).to_specifier_set()
        # A bound of the algebra's own making, X.dev0, is exact and reads like nothing a person would write.
        if canonical is not None and len(canonical) < len(parts) and ".dev" not in str(canonical):
            return [str(specifier) for specifier in canonical]
    return [part.text for part in parts]


def _strongly(clause: str) -> tuple[bool, int, int, str]:
    """What is pinned, then what is bounded on both sides, then bounds, then exclusions; of these the shorter first."""
    operator = read(clause).operator
    return clause.endswith(".*") or operator not in {"==", "==="}, _STRENGTH[operator], len(clause), clause


def _naturally(clause: str) -> tuple[int, Version, str]:
    """Lower bounds, then what is pinned, then upper bounds, then exclusions; each by version."""
    reading = read(clause)
    return _ORDER[reading.operator], reading.version, clause
