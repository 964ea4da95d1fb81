"""node-semver's README read again, with no line of psmp: which versions a range admits, tried on a dense universe.

Ranges are made here as what the README calls ranges, comparator sets and their parts, each of which says what primitive
comparators it stands for; a version is compared with them identifier by identifier, as semver.org says. Round and
between all versions that the parts name stand versions of every kind, so that two ranges admit the same if and only if
they admit the same of the universe.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product, zip_longest


@dataclass(frozen=True)
class V:
    """A version: three numbers, and the identifiers of a pre-release as text."""

    numbers: tuple[int, int, int]
    tag: str = ""

    @property
    def text(self) -> str:
        return ".".join(map(str, self.numbers)) + (f"-{self.tag}" if self.tag else "")


def compared(one: V, other: V) -> int:
    """Negative if ``one`` comes first, 0 if both are the same, positive if ``other`` comes first (semver.org, 11)."""
    for mine, theirs in zip(one.numbers, other.numbers, strict=True):
        if mine != theirs:
            return mine - theirs
    if not one.tag or not other.tag:
        return bool(other.tag) - bool(one.tag)
    for left, right in zip_longest(one.tag.split("."), other.tag.split(".")):
        order = _identifiers(left, right)
        if order:
            return order
    return 0


def _identifiers(left: str | None, right: str | None) -> int:
    if left is None or right is None:
        return -1 if left is None else 1
    if left.isdigit() and right.isdigit():
        return int(left) - int(right)
    if left.isdigit() != right.isdigit():
        return -1 if left.isdigit() else 1
    return (left > right) - (left < right)


@dataclass(frozen=True)
class Primitive:
    """An operator and a whole version."""

    operator: str
    named: V

    def admits(self, v: V) -> bool:
        order = compared(v, self.named)
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0, "=": order == 0}[self.operator]


NEVER = Primitive("<", V((0, 0, 0), "0"))


@dataclass(frozen=True)
class Part:
    """An operator and a partial version: ``numbers`` are those that are there, none for ``*``."""

    operator: str
    numbers: tuple[int, ...]
    tag: str = ""

    @property
    def text(self) -> str:
        version = ".".join(map(str, self.numbers)) or "*"
        return f"{self.operator}{version}{f'-{self.tag}' if self.tag else ''}"

    @property
    def primitives(self) -> tuple[Primitive, ...]:
        """Section by section of "Advanced Range Syntax"."""
        if not self.numbers:
            return (NEVER,) if self.operator in {"<", ">"} else ()
        low = _whole(self.numbers, self.tag)
        match self.operator:
            case "^":
                return Primitive(">=", low), _below(self.numbers, _leftmost(self.numbers))
            case "~":
                return Primitive(">=", low), _below(self.numbers, min(1, len(self.numbers) - 1))
            case operator if len(self.numbers) == 3:
                return (Primitive(operator or "=", low),)
            case operator:
                return _x_range(operator, low, _below(self.numbers, len(self.numbers) - 1))


def _x_range(operator: str, low: V, beyond: Primitive) -> tuple[Primitive, ...]:
    match operator:
        case "<":
            return (Primitive("<", V(low.numbers, "0")),)
        case "<=":
            return (beyond,)
        case ">":
            return (Primitive(">=", V(beyond.named.numbers)),)
        case ">=":
            return (Primitive(">=", low),)
        case _:
            return Primitive(">=", low), beyond


def _whole(numbers: tuple[int, ...], tag: str = "") -> V:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return V((major, minor, patch), tag)


def _leftmost(numbers: tuple[int, ...]) -> int:
    """Where the leftmost number other than 0 stands, or the last one that is there."""
    return [*(place for place, number in enumerate(numbers) if number), len(numbers) - 1][0]


def _below(numbers: tuple[int, ...], place: int) -> Primitive:
    return Primitive("<", V(_whole((*numbers[:place], numbers[place] + 1)).numbers, "0"))


@dataclass(frozen=True)
class Hyphen:
    """``low - high``."""

    low: Part
    high: Part

    @property
    def text(self) -> str:
        return f"{self.low.text} - {self.high.text}"

    @property
    def primitives(self) -> tuple[Primitive, ...]:
        low = Part(">=", self.low.numbers, self.low.tag)
        return *low.primitives, *Part("<=", self.high.numbers, self.high.tag).primitives


Set = tuple[Part | Hyphen, ...]
"""A comparator set; a hyphen range stands alone in it. Nothing in it is "", any version."""

Range = tuple[Set, ...]
"""Comparator sets joined by "||"."""


def text_of(wanted: Range) -> str:
    return " || ".join(" ".join(part.text for part in parts) for parts in wanted)


def _primitives(parts: Set) -> tuple[Primitive, ...]:
    """What the README does not say: >=0.0.0 is any version, and not even a bound beside others."""
    every = (primitive for part in parts for primitive in part.primitives)
    return tuple(primitive for primitive in every if primitive != Primitive(">=", V((0, 0, 0))))


def _satisfies(v: V, primitives: Iterable[Primitive]) -> bool:
    """A comparator set: "Prerelease Tags"."""
    kept = tuple(primitives)
    licensed = not v.tag or any(one.named.tag and one.named.numbers == v.numbers for one in kept)
    return licensed and all(primitive.admits(v) for primitive in kept)


@cache
def admitted(wanted: Range) -> int:
    """The versions of the universe that a range admits, as a bit mask.

    What the README does not say: where one of several sets is any version, the others are forgotten.
    """
    sets = [_primitives(parts) for parts in wanted]
    if not all(sets):
        return FINALS
    return sum(1 << place for place, v in enumerate(UNIVERSE) if any(_satisfies(v, one) for one in sets))


TAGS = ("0", "a", "a.0", "b")
"""The pre-releases that parts name."""

_TAGS = ("0", "0.0", "-", "a", "a.0", "a.0.0", "a.a", "b", "b.0")

UNIVERSE = tuple(
    V((major, minor, patch), tag) for major, minor, patch, tag in product(range(4), range(3), range(3), ("", *_TAGS))
)
"""Versions before, at, right after and between all that parts name with major numbers up to 2 and others up to 1."""

FINALS = sum(1 << place for place, v in enumerate(UNIVERSE) if not v.tag)
"""The versions of the universe without pre-release identifiers, as a bit mask."""

EVERY = (1 << len(UNIVERSE)) - 1
"""The universe as a bit mask."""
