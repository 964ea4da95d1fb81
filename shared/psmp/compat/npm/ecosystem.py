"""npm as the engine sees it."""

from sys import intern
from typing import Final

from psmp.compat.ecosystem import Ecosystem
from psmp.compat.npm.ranges import EVERYTHING, Span, parse
from psmp.compat.npm.spelling import join, spell, weigh


def canonical(name: str) -> str:
    """The name as it is, interned: npm takes new names in lower case alone, but old ones may differ by case only."""
    return intern(name)


NPM: Final[Ecosystem[Span]] = Ecosystem("npm", EVERYTHING, canonical, parse, join, spell, weigh)
"""npm packages: SemVer 2.0 and the ranges of node-semver, each package in one version."""
