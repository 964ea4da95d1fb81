"""PEP 440 read again, with no line of packaging: which versions a clause admits, tried on a dense universe of them.

Universe and clauses are made together: round and between all versions that a clause names stand versions of every kind,
so that a set of clauses admits some version if and only if it admits one of the universe.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

Key = tuple[Any, ...]

_FIRST, _LAST = -1, 10**9


@dataclass(frozen=True)
class V:
    """A version taken apart as PEP 440 does."""

    release: tuple[int, ...]
    pre: tuple[str, int] | None = None
    post: int | None = None
    dev: int | None = None
    local: str | None = None
    epoch: int = 0

    @property
    def text(self) -> str:
        return (
            (f"{self.epoch}!" if self.epoch else "")
            + ".".join(map(str, self.release))
            + (f"{self.pre[0]}{self.pre[1]}" if self.pre else "")
            + (f".post{self.post}" if self.post is not None else "")
            + (f".dev{self.dev}" if self.dev is not None else "")
            + (f"+{self.local}" if self.local else "")
        )

    @property
    def is_prerelease(self) -> bool:
        return self.pre is not None or self.dev is not None

    @property
    def public(self) -> Key:
        """The place in the order of versions, the local label aside ("Summary of permitted suffixes and ordering")."""
        before_a = self.pre is None and self.post is None and self.dev is not None
        pre = ("", _FIRST) if before_a else self.pre or ("z", _LAST)
        post = _FIRST if self.post is None else self.post
        return self.epoch, self.padded(4), pre, post, _LAST if self.dev is None else self.dev

    @property
    def key(self) -> Key:
        return self.public, self.local or ""

    def padded(self, length: int) -> tuple[int, ...]:
        return (self.release + (0,) * length)[: max(length, len(self.release))]


@dataclass(frozen=True)
class Clause:
    """An operator and a version, perhaps with ``.*``."""

    operator: str
    named: V
    wildcard: bool = False

    @property
    def text(self) -> str:
        return f"{self.operator}{self.named.text}{'.*' if self.wildcard else ''}"

    def admits(self, v: V) -> bool:
        """Whether ``v`` matches, section by section of "Version specifiers"."""
        named = self.named
        match self.operator:
            case "===":
                return v.text.lower() == named.text.lower()
            case "==" if self.wildcard:
                return _has_prefix(v, named.epoch, named.release)
            case "==":
                return v.key == named.key if named.local else v.public == named.public
            case "!=":
                return not Clause("==", named, self.wildcard).admits(v)
            case "~=":
                return v.public >= named.public and _has_prefix(v, named.epoch, named.release[:-1])
            case ">=":
                return v.public >= named.public
            case "<=":
                return v.public <= named.public
            case ">":
                return v.public > named.public and not (_is_post_of(v, named) and named.post is None)
            case _:
                return v.public < named.public and not (_is_pre_of(v, named) and not named.is_prerelease)


def _has_prefix(v: V, epoch: int, prefix: tuple[int, ...]) -> bool:
    return v.epoch == epoch and v.padded(len(prefix))[: len(prefix)] == prefix


def _is_post_of(v: V, named: V) -> bool:
    same = (v.epoch, v.padded(4), v.pre) == (named.epoch, named.padded(4), named.pre)
    return same and v.post is not None and named.dev is None


def _is_pre_of(v: V, named: V) -> bool:
    """1.1a1 and 1.1.dev1 come before the release 1.1; before the post-release 1.1.post1 comes 1.1.post1.dev1 alone."""
    if (v.epoch, v.padded(4)) != (named.epoch, named.padded(4)):
        return False
    return v.is_prerelease if named.post is None else (v.pre, v.post) == (None, named.post) and v.dev is not None


_PRES = (None, ("a", 0), ("a", 1), ("a", 2), ("rc", 1), ("rc", 2))
_RELEASES = (
    (0,),
    (0, 9),
    (1,),
    (1, 0, 1),
    (1, 1),
    (1, 1, 0, 1),
    (1, 1, 1),
    (1, 2),
    (1, 9),
    (2,),
    (2, 0, 1),
    (2, 1),
    (3,),
)

UNIVERSE = (
    # Other spellings of what a clause names by `===`, which goes by the text.
    *(V((1, 1, 0), pre, local=local) for pre, local in ((None, None), (None, "l"), (("a", 1), None))),
    *(
        V(release, pre, post, dev, local, epoch)
        for (epoch, releases), pre, post, dev, local in product(
            ((0, _RELEASES), (1, ((0,), (1,), (1, 1), (2,)))), _PRES, (None, 0, 1, 2), (None, 0, 1, 2), (None, "l", "m")
        )
        for release in releases
        # Labels matter round 1.1, where clauses name one; elsewhere one kind of version is enough.
        if local is None or (release == (1, 1) and epoch == 0) or (pre, post, dev) == (None, None, None)
    ),
)

_NAMED = (
    *(V(release, epoch=epoch) for release, epoch in (((1,), 0), ((1, 1), 0), ((1, 1, 0), 0), ((2,), 0), ((1,), 1))),
    *(V((1, 1), pre, post, dev) for pre, post, dev in ((("a", 1), None, None), (None, 1, None), (None, None, 1))),
    *(V((1, 1), pre, post, dev) for pre, post, dev in ((("a", 1), 1, None), (("rc", 1), None, 1), (None, 1, 1))),
    V((2,), ("a", 1)),
)

CLAUSES = (
    *(Clause(operator, named) for operator, named in product((">=", "<=", ">", "<", "==", "!="), _NAMED)),
    *(Clause("~=", named) for named in _NAMED if len(named.release) > 1),
    *(Clause(operator, V(release), wildcard=True) for operator, release in product(("==", "!="), ((1,), (1, 1), (2,)))),
    *(Clause(operator, V((1, 1), local="l")) for operator in ("==", "!=", "===")),
    *(Clause("===", named) for named in (V((1, 1)), V((1, 1, 0)), V((1, 1), ("a", 1)))),
    Clause("<", V((0,))),
)

FINALS = sum(1 << place for place, v in enumerate(UNIVERSE) if not v.is_prerelease)
"""The versions of the universe that are no pre-releases, as a bit mask."""


@cache
def admitted(clause: Clause) -> int:
    """The versions of the universe that ``clause`` admits, as a bit mask."""
    return sum(1 << place for place, v in enumerate(UNIVERSE) if clause.admits(v))


def common(clauses: Iterable[Clause]) -> int:
    """The versions of the universe that all ``clauses`` admit, as a bit mask."""
    left = (1 << len(UNIVERSE)) - 1
    for clause in clauses:
        left &= admitted(clause)
    return left
