"""The grammar of node-semver ranges, strict: from text to comparators, exactly as version 7 reads it.

What its README does not say and its code does is followed, since npm installs by it: ``=`` and ``v`` may stand before
a partial version in any number (``~=1.4`` is ``~1.4``), white space may stand after an operator, ``>=0.0.0`` is any
version, and an alternative that is any version swallows the others (``1.0.0-a || *`` admits no 1.0.0-a). Three slips
that its code lets pass are refused here: a ``*`` that sticks to a whole version (``1.2.3*``), build metadata of no
version (``+a``), and ``~> >1``.
"""

import re
from typing import Final, NamedTuple

from psmp.compat.npm.versions import (
    BUILD,
    IDENTIFIERS,
    LARGEST,
    LEAST,
    LONGEST,
    NUMBER,
    SPACE,
    Prerelease,
    Version,
    identifiers,
    version,
)


def _partial_shape(suffix: str) -> str:
    """A version of which numbers may be left open; its groups end in ``suffix``."""
    major, minor, patch = (rf"(?P<{name}{suffix}>{NUMBER}|[xX*])" for name in ("major", "minor", "patch"))
    return rf"{major}(?:\.{minor}(?:\.{patch}(?:-(?P<prerelease{suffix}>{IDENTIFIERS}))?)?)?(?:{BUILD})*"


_SIMPLE: Final = re.compile(
    rf"(?P<operator>~{SPACE}*(?:>={SPACE}*|>{SPACE}+=|>{SPACE}*|={SPACE}*|)|\^{SPACE}*(?:={SPACE}*|)"
    rf"|[<>]={SPACE}*|[<>]{SPACE}+=|[<>]{SPACE}*|={SPACE}*|)"
    rf"(?P<prefix>[v=]*)(?P<partial>{_partial_shape('')})(?:{SPACE}+|\Z)",
)
_HYPHEN: Final = re.compile(
    rf"(?P<prefix>(?:[v=]|{SPACE})*)(?P<partial>{_partial_shape('')}){SPACE}+-{SPACE}+"
    rf"(?P<prefix2>(?:[v=]|{SPACE})*)(?P<partial2>{_partial_shape('2')}){SPACE}*",
)
_SPACES: Final = re.compile(rf"{SPACE}+")
_WHOLE: Final = 3


class Misread(Exception):
    """What stands at ``at`` is no part of a range; ``fault`` says why where only the grammar can know."""

    def __init__(self, at: int, fault: str = "") -> None:
        super().__init__(at, fault)
        self.at, self.fault = at, fault


class Comparator(NamedTuple):
    """One of ``<``, ``<=``, ``>``, ``>=``, ``=`` and a version."""

    operator: str
    version: Version


class Clause(NamedTuple):
    """A part of a range that can stand alone, and the comparators that it stands for; none: any version."""

    text: str
    comparators: tuple[Comparator, ...]


class Alternative(NamedTuple):
    """What stands between two ``||``: its text without needless white space, and its clauses, at least one."""

    text: str
    clauses: tuple[Clause, ...]


class _Partial(NamedTuple):
    """The numbers of a version up to the first that is left open; ``at`` is where it stands.

    ``skips`` is true where a number follows on one that is left open.
    """

    numbers: tuple[int, ...]
    prerelease: Prerelease
    skips: bool
    at: int

    @property
    def is_whole(self) -> bool:
        return len(self.numbers) == _WHOLE

    @property
    def text(self) -> str:
        return str(self.floor) if self.is_whole else ".".join(map(str, self.numbers))

    @property
    def floor(self) -> Version:
        """The version itself, or the first release of those that it leaves open."""
        major, minor, patch = (*self.numbers, 0, 0, 0)[:_WHOLE]
        return version((major, minor, patch), self.prerelease)


_ANY: Final = Clause("*", ())
_NONE: Final = Comparator("<", version((0, 0, 0), LEAST))
_ZERO: Final = Comparator(">=", version((0, 0, 0)))


def read(text: str) -> list[Alternative]:
    """The alternatives of a range, at least one; raises Misread."""
    found, start = [], 0
    for part in text.split("||"):
        end = start + len(part)
        blank = _SPACES.match(text, start, end)
        found.append(_alternative(text, blank.end() if blank else start, end))
        start = end + len("||")
    return found


def _alternative(text: str, at: int, end: int) -> Alternative:
    hyphen = _HYPHEN.fullmatch(text, at, end)
    if hyphen is not None:
        return _hyphen(hyphen)
    clauses: list[Clause] = []
    while at < end:
        match = _SIMPLE.match(text, at, end)
        if match is None:
            raise Misread(at)
        clauses.append(_simple(match))
        at = match.end()
    clauses = clauses or [_ANY]
    return Alternative(" ".join(clause.text for clause in clauses), tuple(clauses))


def _partial(match: re.Match[str], suffix: str = "") -> _Partial:
    """Read a partial version; raises Misread where a number or the whole is too large."""
    names = [f"{name}{suffix}" for name in ("major", "minor", "patch")]
    closed = [match[name] not in {None, "x", "X", "*"} for name in names]
    depth = closed.index(False) if False in closed else _WHOLE
    for name in names[:depth]:
        if int(match[name]) > LARGEST:
            raise Misread(match.start(name), f"a number is larger than {LARGEST}")
    numbers, at, tag = tuple(int(match[name]) for name in names[:depth]), match.start(names[0]), f"prerelease{suffix}"
    if depth < _WHOLE or match[tag] is None:
        return _Partial(numbers, (), True in closed[depth:], at)
    if match.end(tag) - at > LONGEST:
        raise Misread(at, f"a version is longer than {LONGEST} characters")
    return _Partial(numbers, identifiers(match[tag]), skips=False, at=at)


def _simple(match: re.Match[str]) -> Clause:
    partial, prefix = _partial(match), match["prefix"]
    operator = _SPACES.sub("", match["operator"])
    text = operator + prefix + match["partial"]
    if operator.startswith(("~", "^")):
        return Clause(text, _plain(*_near(operator, partial)))
    if partial.skips or (partial.is_whole and prefix not in {"", "v"}):
        raise Misread(match.start())
    if not partial.is_whole:
        return Clause(text, _plain(*_open(operator, partial)))
    comparator = Comparator(operator or "=", partial.floor)
    return Clause(text, (comparator,) if prefix else _plain(comparator))


def _hyphen(match: re.Match[str]) -> Alternative:
    """``low - high``: both ends belong to it, and everything that begins as a partial upper one does."""
    low, high = _partial(match), _partial(match, "2")
    # A whole version takes along what stands before it, which must then be what a comparator allows.
    if low.is_whole and match["prefix"] not in {"", "v"}:
        raise Misread(match.start())
    if high.is_whole and not high.prerelease and match["prefix2"] not in {"", "v"}:
        raise Misread(match.start("prefix2"))
    clauses = []
    if low.numbers:
        kept = "v" if low.is_whole and match["prefix"] else ""
        lower = Comparator(">=", low.floor)
        clauses.append(Clause(f">={kept}{low.text}", (lower,) if kept else _plain(lower)))
    if high.numbers:
        upper = (Comparator("<=", high.floor),) if high.is_whole else _open("<=", high)
        clauses.append(Clause(f"<={high.text}", upper))
    ends = (_SPACES.sub("", match[f"prefix{suffix}"]) + match[f"partial{suffix}"] for suffix in ("", "2"))
    return Alternative(" - ".join(ends), tuple(clauses) or (_ANY,))


def _near(operator: str, partial: _Partial) -> tuple[Comparator, ...]:
    """Caret: up to where the leftmost number other than 0 changes. Tilde: up to where the minor number does."""
    if not partial.numbers:
        return ()
    depth = len(partial.numbers)
    if operator.startswith("^"):
        fixed = next((place for place, number in enumerate(partial.numbers, 1) if number), depth)
    else:
        fixed = min(depth, 2)
    return Comparator(">=", partial.floor), _below_next(partial, fixed)


def _open(operator: str, partial: _Partial) -> tuple[Comparator, ...]:
    """A comparator with a version that leaves numbers open: all versions that begin so count as one."""
    if not partial.numbers:
        return (_NONE,) if operator in {"<", ">"} else ()
    floor, ceiling = partial.floor, len(partial.numbers)
    match operator:
        case ">=":
            return (Comparator(">=", floor),)
        case "<":
            return (Comparator("<", version(floor.core, LEAST)),)
        case "<=":
            return (_below_next(partial, ceiling),)
        case ">":
            return (Comparator(">=", version(_below_next(partial, ceiling).version.core)),)
        case _:
            return Comparator(">=", floor), _below_next(partial, ceiling)


def _below_next(partial: _Partial, depth: int) -> Comparator:
    """Below all versions with a higher number at ``depth`` (1, 2, 3), their pre-releases too."""
    *before, raised = partial.numbers[:depth]
    if raised == LARGEST:
        raise Misread(partial.at, f"its end would need a number larger than {LARGEST}")
    major, minor, patch = (*before, raised + 1, 0, 0)[:_WHOLE]
    return Comparator("<", version((major, minor, patch), LEAST))


def _plain(*comparators: Comparator) -> tuple[Comparator, ...]:
    """``comparators`` without ``>=0.0.0``: node-semver takes it for any version and forgets the bound."""
    return tuple(comparator for comparator in comparators if comparator != _ZERO)
