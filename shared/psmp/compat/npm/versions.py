"""SemVer 2.0 versions and their order, as node-semver reads them."""

import re
from typing import Final, NamedTuple

LARGEST: Final = 2**53 - 1
"""The largest number that a version may have: Number.MAX_SAFE_INTEGER."""

LONGEST: Final = 256
"""The most characters that a version may have."""

Identifier = tuple[int, int, str]
"""One identifier of a pre-release: (0, number, "") or (1, 0, text), so that the order of tuples is SemVer's."""

Prerelease = tuple[Identifier, ...]

Core = tuple[int, int, int]
"""Major, minor and patch."""

LEAST: Final[Prerelease] = ((0, 0, ""),)
"""The first pre-release of all, ``-0``. What follows on ``-x`` is ``-x.0``; nothing lies between them."""

SPACE: Final = r"[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
"""White space as JavaScript has it."""

NUMBER: Final = r"(?:0|[1-9][0-9]*)"
IDENTIFIERS: Final = rf"(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|{NUMBER})(?:\.(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|{NUMBER}))*"
BUILD: Final = r"\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"

_VERSION: Final = re.compile(
    rf"{SPACE}*v?({NUMBER})\.({NUMBER})\.({NUMBER})(?:-({IDENTIFIERS}))?(?:{BUILD})?{SPACE}*",
)


class Version(NamedTuple):
    """A version without its build metadata, which no comparison looks at. The order of tuples is SemVer's.

    # Invariant: ``final`` is true if and only if ``prerelease`` is empty; a release comes after its pre-releases.
    """

    major: int
    minor: int
    patch: int
    final: bool = True
    prerelease: Prerelease = ()

    @property
    def core(self) -> Core:
        """Major, minor and patch."""
        return self[:3]

    def __str__(self) -> str:
        """The version as SemVer writes it."""
        release = f"{self.major}.{self.minor}.{self.patch}"
        return f"{release}-{written(self.prerelease)}" if self.prerelease else release


def version(core: Core, prerelease: Prerelease = ()) -> Version:
    """The version of these parts."""
    return Version(*core, not prerelease, prerelease)


def read(text: str) -> Version | None:
    """The version that ``text`` spells, strictly but for a leading ``v`` and white space; None: it spells none."""
    match = _VERSION.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return None
    core = int(match[1]), int(match[2]), int(match[3])
    return None if max(core) > LARGEST else version(core, identifiers(match[4]))


def identifiers(text: str | None) -> Prerelease:
    """The identifiers of a valid pre-release; none of None."""
    return tuple(_identifier(part) for part in text.split(".")) if text else ()


def _identifier(text: str) -> Identifier:
    if not text.isdigit():
        return 1, 0, text
    number = int(text)
    # Beyond that JavaScript compares as it can, so that 9007199254740993 is 9007199254740992.
    return 0, number if number <= LARGEST else int(float(text)), ""


def written(prerelease: Prerelease) -> str:
    """The identifiers as SemVer writes them."""
    return ".".join(text or str(number) for _, number, text in prerelease)


def after(core: Core) -> Core:
    """What follows on this core; beyond the last one stands what is no core of a version."""
    major, minor, patch = core
    if patch < LARGEST:
        return major, minor, patch + 1
    return (major, minor + 1, 0) if minor < LARGEST else (major + 1, 0, 0)
