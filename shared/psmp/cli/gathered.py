"""A set gathered from what a repository has: manifests and changes, each as an artifact by itself."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from psmp.cli import diffs, manifests
from psmp.cli.diffs import FromDiff
from psmp.cli.manifests import Found
from psmp.compat.paths.claims import Claim, claims_of
from psmp.words.checks import Declaration
from psmp.words.values import Dependency

_LONGEST: Final = 64
_LONGEST_PLACE: Final = 200


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found. ``files`` has for each artifact that is a manifest where it lies; ``remarks`` are for people."""

    declarations: tuple[Declaration, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def gathered(files: Sequence[Path], changes: Sequence[str], known: Sequence[Declaration] = ()) -> Gathered:
    """What each of these manifests and changes declares, beside what is ``known``; raises ManifestFault, DiffFault."""
    names = _Names(each.artifact for each in known)
    found: list[Declaration] = []
    lying: dict[str, str] = {}
    remarks: list[str] = []
    for file in files:
        read = manifests.read(file)
        name, place = names.of(str(_shown(file).with_suffix(""))), _shown(file)
        lying[name] = str(place)
        remarks += read.unread
        found.append(_declaration(name, read, [place, *_beside(place)]))
    made = [(names.of(_newer(text)), diffs.read(text)) for text in changes]
    claims = [claim for each in known for claim in claims_of(each.artifact, each.agent or each.artifact, 1, each.paths)]
    for name, change in _bridged(made, claims):
        remarks += change.remarks
        changed = [PurePosixPath(each.path) for each in change.changes]
        declared = _declaration(name, change.found or Found(), changed)
        found.append(declared.model_copy(update={"paths": change.claims}))
    return Gathered(tuple(found), lying, tuple(dict.fromkeys(remarks)))


class _Names:
    """Gives each artifact an id of its own that says what it is."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def of(self, text: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[-_LONGEST:].strip("-") or "change"
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain[: _LONGEST - 5]}-{number}"
        self._taken.add(name)
        return name


def _newer(text: str) -> str:
    """What a change leads to: ``feature`` of ``main...feature``."""
    return "stdin" if text == "-" else re.split(r"\.{2,3}", text)[-1] or text


def _shown(file: Path) -> PurePosixPath:
    """The file as of here, where it lies below."""
    here = Path.cwd()
    return PurePosixPath(file.relative_to(here) if file.is_absolute() and file.is_relative_to(here) else file)


def _beside(place: PurePosixPath) -> Iterator[PurePosixPath]:
    """The other files in the folder of a manifest, which it may include."""
    yield from (PurePosixPath(each) for each in sorted(Path(place).parent.iterdir()) if each.is_file())


def _declaration(name: str, found: Found, files: Iterable[PurePosixPath]) -> Declaration:
    """It with places as of here: a manifest knows its own name alone, and not its folder."""
    lying: dict[str, list[PurePosixPath]] = {}
    for file in dict.fromkeys(files):
        lying.setdefault(file.name, []).append(file)
    needs = tuple(_placed(need, lying) for need in found.dependencies)
    return Declaration(artifact=name, dependencies=needs, requires_python=found.requires_python or None)


def _placed(need: Dependency, lying: Mapping[str, Sequence[PurePosixPath]]) -> Dependency:
    name, _, line = (need.location or "").rpartition(":")
    there = lying.get(name, ())
    place = f"{there[0]}:{line}" if len(there) == 1 else ""
    return need.model_copy(update={"location": place}) if 0 < len(place) <= _LONGEST_PLACE else need


def _bridged(made: Sequence[tuple[str, FromDiff]], known: Sequence[Claim]) -> Iterator[tuple[str, FromDiff]]:
    """The changes with what makes their claims comparable with those of the others."""
    own = {name: claims_of(name, name, 1, change.claims) for name, change in made}
    for name, change in made:
        others = [*known, *(claim for other, claims in own.items() if other != name for claim in claims)]
        yield name, diffs.with_passages(change, others) if others and change.claims else change
