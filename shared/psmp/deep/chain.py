"""From declarations through packages to the clash: the links of a proof, where they make plain chains.

A chain is told only if it is right: from each of the clashing needs a single line of packages leads to one package on
which they all meet. Otherwise there is none, and less is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import and_, or_
from typing import Final

from packaging.ranges import VersionRange

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.pypi.ranges import parse
from psmp.deep.problem import Element, Need
from psmp.deep.report import Fact

MOST_HOLES: Final = 3
"""So many versions are told as excluded; of more than these only the range round them is told."""

MOST_ALTERNATIVES: Final = 3
"""Of more alternatives only the range round them is told, which is true and says less."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a package needs: ``versions`` of ``package``, as a constraint of PEP 440 or several joined by "or"."""

    package: str
    versions: str

    def __str__(self) -> str:
        """As a requirement."""
        return f"{self.package}{self.versions}"


@dataclass(frozen=True, slots=True)
class Chain:
    """All lines meet on package ``subject``; ``links`` has the line of each need, in the order of the needs.

    ``demands`` is what each line demands of the subject, as alternatives. They are ``disjoint``, or else the index has
    nothing that satisfies them: that is for the index to say.
    """

    subject: str
    links: tuple[tuple[Link, ...], ...]
    demands: tuple[tuple[str, ...], ...]
    disjoint: bool

    @property
    def lines(self) -> tuple[str, ...] | None:
        """What all demand of the subject, as requirements; None where requirements cannot say it."""
        if any(len(alternatives) > 1 for alternatives in self.demands):
            return None
        return tuple(sorted({f"{self.subject}{constraint}" for (constraint,) in self.demands}))

    def sentences(self, elements: Sequence[Element]) -> tuple[str, ...]:
        """Link by link, from the declarations down."""
        told: list[str] = []
        for (artifact, need), line in zip(elements, self.links, strict=True):
            told.append(f"{artifact} requires {need.said}")
            before = need.said
            for link in line:
                told.append(f"{before} needs {link}")
                before = str(link)
        return tuple(dict.fromkeys(told))


def derive(elements: Sequence[Element], facts: Iterable[Fact], roots: Iterable[str]) -> Chain | None:
    """The chains by which the clashing needs ``elements`` meet, from the facts of the proof that they do.

    ``roots`` are the names by which the proof calls the artifacts.
    """
    own = set(roots)
    following: dict[str, dict[str, list[str]]] = {}
    for fact in facts:
        who, what = _plain(fact.who), _plain(fact.what)
        if who not in own and who != what:
            following.setdefault(who, {}).setdefault(what, []).extend(fact.wanted)
    lines = [_line(need, following) for _, need in elements]
    known = [line for line in lines if line is not None]
    ends = {line[-1].package if line else need.name for line, (_, need) in zip(known, elements, strict=False)}
    if len(known) < len(lines) or len(ends) != 1:
        return None
    demands = tuple(_demand(need, line, following) for (_, need), line in zip(elements, known, strict=True))
    try:
        left = reduce(and_, (reduce(or_, map(_range, alternatives)) for alternatives in demands))
    except InvalidConstraint:
        return None
    return Chain(ends.pop(), tuple(known), demands, left.is_empty)


def _line(need: Need, following: dict[str, dict[str, list[str]]]) -> tuple[Link, ...] | None:
    """The only way on from ``need``; None where there are several, or it leads round in a circle."""
    line: list[Link] = []
    name, seen = need.name, {need.name}
    while name in following:
        if len(following[name]) > 1:
            return None
        ((name, wanted),) = following[name].items()
        if name in seen:
            return None
        seen.add(name)
        line.append(Link(name, _told(wanted)))
    return tuple(line)


def _demand(need: Need, line: Sequence[Link], following: dict[str, dict[str, list[str]]]) -> tuple[str, ...]:
    """What the end of the line demands of the package it ends on, as alternatives."""
    if not line:
        return (need.constraint,)
    before = line[-2].package if line[1:] else need.name
    return tuple(dict.fromkeys(following[before][line[-1].package]))


def _range(constraint: str) -> VersionRange:
    return parse(constraint).span.any


def _told(alternatives: Iterable[str]) -> str:
    """Alternatives in few words: as exclusions, as the range round them, or one by one."""
    distinct = list(dict.fromkeys(alternatives))
    holes: list[str] = []
    for before, after in pairwise(distinct):
        end, start = before.split(",")[-1], after.split(",")[0]
        if not (end[:1] == "<" and end[1:2] != "=" and start == f">{end[1:]}"):
            break
        holes.append(f"!={end[1:]}")
    hull = reduce(_hull, distinct)
    if len(holes) == len(distinct) - 1 <= MOST_HOLES:
        lower = [clause for clause in hull.split(",") if clause.startswith((">", "="))]
        return ",".join([*lower, *holes, *(clause for clause in hull.split(",") if clause.startswith("<"))])
    exact = _range(hull).is_subset(reduce(or_, map(_range, distinct)))
    return hull if exact or len(distinct) > MOST_ALTERNATIVES else " or ".join(distinct)


def _hull(one: str, other: str) -> str:
    """The smallest range without a hole round two constraints that are bounds."""
    lower, upper = [], []
    for constraint in (one, other):
        clauses = constraint.split(",")
        lower.append([c for c in clauses if c.startswith(">")] + [f">={c[2:]}" for c in clauses if _pins(c)])
        upper.append([c for c in clauses if c.startswith("<")] + [f"<={c[2:]}" for c in clauses if _pins(c)])
    return ",".join([*_widest(lower), *_widest(upper)])


def _pins(clause: str) -> bool:
    return clause.startswith("==") and not clause.endswith("*")


def _widest(bounds: Sequence[Sequence[str]]) -> list[str]:
    """Of two bounds on the same side the one that admits more; none where one side has no bound."""
    if not all(bounds):
        return []
    (one, *_), (other, *_) = bounds
    return [one if _range(other).is_subset(_range(one)) else other]


def _plain(name: str) -> str:
    return name.partition("[")[0]
