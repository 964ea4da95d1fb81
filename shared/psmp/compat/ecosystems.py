"""The ecosystems that there are."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import Version

from psmp.compat.ecosystem import Constraint, Ecosystem, Weight
from psmp.compat.npm.ecosystem import NPM
from psmp.compat.pypi.ranges import EVERYTHING, Span, parse
from psmp.compat.pypi.spelling import read, spell

_ZERO: Final = Version("0")


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The one spelling of a Python package's name (PEP 503), interned."""
    return intern(canonicalize_name(name))


def _join(constraints: Sequence[Constraint[Span]]) -> str:
    return ",".join(constraint.text for constraint in constraints if constraint.text)


def _weigh(span: Span, spelled: str) -> Weight:
    """The newest version is the newest that is named as wanted, or as the end of what is wanted."""
    wanted = [clause for clause in spelled.split(",") if clause and not clause.startswith("!=")]
    newest = max((read(clause).version for clause in wanted), default=_ZERO)
    if span.is_endless:
        return Weight(0, newest)
    return Weight(2 if spelled.startswith("==") and not {",", "*"} & set(spelled) else 1, newest)


PYPI: Final = Ecosystem("pypi", EVERYTHING, canonical, parse, _join, spell, _weigh)
"""Python packages: PEP 440 and PEP 503."""

ECOSYSTEMS: Final[Mapping[str, Ecosystem[Any]]] = MappingProxyType({"pypi": PYPI, "npm": NPM})
