"""What a resolver answers: a set of versions, a proof that there is none, or that it does not know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.version import InvalidVersion, Version

from psmp.deep.names import PREFIX
from psmp.deep.report import Proof


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package of a resolved set.

    ``hashes`` are of all files that the index has of this version, ``sha256:...``; empty where the index gives none.
    ``direct`` are the artifacts that ask for it themselves, ``via`` the packages that do. ``url`` is where it comes
    from if not from the index; then ``version`` may be empty.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Solved:
    """All can be installed together: with these packages, by name. ``notes`` is what to know of them."""

    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsolvable:
    """Nothing in the index satisfies all; ``text`` is how the resolver says it."""

    proof: Proof
    text: str


@dataclass(frozen=True, slots=True)
class Undetermined:
    """It is not known, for this ``reason``; ``text`` is what the resolver said, if anything."""

    reason: str
    text: str = ""


Answer = Solved | Unsolvable | Undetermined

_PIN: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)(?:\[[^\]]*\])?(?:==(?P<version>[^\s;\\]+)| @ (?P<url>\S+))")
_NOTE: Final = re.compile(
    r"^warning: (?:`(?P<yanked>[^`]+)` is yanked(?: \(reason: \"(?P<why>.*)\"\))?"
    r"|The package `(?P<package>[^`]+)` does not have an extra named `(?P<extra>[^`]+)`)",
    re.MULTILINE | re.DOTALL,
)
_LONGEST: Final = 120


def read_solution(output: str, warnings: str, artifacts: Mapping[str, str]) -> Solved | Undetermined:
    """The set that ``uv pip compile`` wrote as requirements, with hashes and "via" comments.

    ``artifacts`` are those of the question, by the names of their roots.
    """
    packages: list[Package] = []
    for block in re.split(r"\n(?=\S)", output.strip()):
        pin = _PIN.match(block)
        if not pin:
            if block:
                return Undetermined("the resolver's answer could not be read", output)
            continue
        if pin["name"].startswith(PREFIX) and pin["name"] in artifacts:
            continue
        via = [name for line in re.findall(r"# via (.+)", block) for name in line.strip().split(", ")]
        packages.append(
            Package(
                pin["name"],
                pin["version"] or "",
                tuple(sorted(re.findall(r"--hash=(\S+)", block))),
                tuple(sorted(artifacts[name] for name in via if name in artifacts)),
                tuple(sorted(name for name in via if name not in artifacts)),
                pin["url"] or "",
            )
        )
    return Solved(tuple(sorted(packages)), tuple(sorted({*_notes(warnings), *_early(packages)})))


def _notes(warnings: str) -> Iterator[str]:
    for match in _NOTE.finditer(warnings):
        if match["yanked"]:
            why = " ".join((match["why"] or "").split())[:_LONGEST]
            yield f"{match['yanked']} is yanked" + (f" ({why})" if why else "")
        else:
            yield f"{match['package']} has no extra {match['extra']}"


def _early(packages: list[Package]) -> Iterator[str]:
    for package in packages:
        try:
            if Version(package.version).is_prerelease:
                yield f"{package.name}=={package.version} is a pre-release"
        except InvalidVersion:
            continue
