"""What was found in a manifest, and how a fault in one is told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from pydantic import ValidationError

from psmp.compat.references import canonical
from psmp.words.values import Dependency, Scope

LARGEST: Final = 1_048_576
"""Bytes of a manifest that are read at most."""

_ORDER: Final = ("===", "==", "~=", ">=", ">", "!=", "<=", "<")
_LONGEST_PURPOSE: Final = 200
_SECRET: Final = re.compile(r"(?<!ssh)://[^/@\s]*@")


class ManifestFault(ValueError):
    """A manifest cannot be read as it stands; names the file and, where known, the line."""

    def __init__(self, path: Path, line: int | None, problem: str, hint: str = "") -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem
        self.hint = hint or "correct that place, or declare single needs with --dep 'name>=1.0'"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Found:
    """The needs that a manifest names, and in ``unread``, for people, what it holds beyond what can be declared.

    ``requires_python`` is what it asks of the interpreter (PEP 440); "" is anything.
    """

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[str, ...] = ()
    requires_python: str = ""


def together(parts: Iterable[Found]) -> Found:
    """Several findings as one, each need and each remark once, in the order of first sight."""
    listed = list(parts)
    needs: dict[tuple[str, ...], Dependency] = {}
    for need in (need for part in listed for need in part.dependencies):
        needs.setdefault(_marks(need), need)
    return Found(
        dependencies=tuple(needs.values()),
        unread=tuple(dict.fromkeys(remark for part in listed for remark in part.unread)),
        requires_python=",".join(dict.fromkeys(part.requires_python for part in listed if part.requires_python)),
    )


def _marks(need: Dependency) -> tuple[str, ...]:
    marks = (need.ecosystem, need.scope, need.name, need.constraint, need.marker or "", need.reference or "")
    return (*marks, *need.extras)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a requirement stands, and what is known of it from there."""

    path: Path
    line: int | None
    scope: Scope = "runtime"
    purpose: str = ""

    def fault(self, problem: str, hint: str = "") -> ManifestFault:
        """A fault at this place, which may be an option of a command."""
        option = str(self.path) if str(self.path).startswith("--") else ""
        return ManifestFault(self.path, self.line, problem, hint or (option and f"write it so: {option} 'name>=1.0'"))

    @property
    def named(self) -> str | None:
        """The place as it is kept for ever: file and line, without where on this machine it lies."""
        return f"{self.path.name}:{self.line}"[-_LONGEST_PURPOSE:] if self.line else None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


def requirement(text: str, place: Place) -> Found:
    """What one PEP 508 requirement asks for; raises ``ManifestFault``."""
    try:
        asked = Requirement(text)
    except InvalidRequirement as error:
        raise place.fault(f"not a requirement: {text!r} ({_first_line(error)})") from None
    need = declared(
        place,
        name=asked.name,
        constraint=spelled(asked.specifier),
        extras=tuple(sorted(asked.extras)),
        marker=str(asked.marker) if asked.marker else None,
        reference=_sourced(asked.url) if asked.url else None,
    )
    remark = f"{place}: the user and password of {asked.name}'s address are left out"
    return Found((need,), (remark,) if asked.url and _SECRET.search(asked.url) else ())


def _sourced(url: str) -> str:
    """A reference in its one spelling, without a secret: what is declared is kept for ever."""
    return canonical(_SECRET.sub("://", url))


def declared(place: Place, **fields: object) -> Dependency:
    """The dependency of these fields with the place's scope and purpose; raises ``ManifestFault``."""
    try:
        about = {"scope": place.scope, "purpose": trimmed(place.purpose), "location": place.named}
        return Dependency.model_validate(about | fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise place.fault(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def spelled(specifiers: SpecifierSet) -> str:
    """A specifier set the way people write it: exact ones and lower bounds before upper bounds."""
    ordered = sorted(specifiers, key=lambda each: (_ORDER.index(each.operator), each.version))
    return ",".join(map(str, ordered))


def trimmed(purpose: str) -> str:
    """A purpose in one printable line of bounded length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in purpose).split())
    return line if len(line) <= _LONGEST_PURPOSE else line[: _LONGEST_PURPOSE - 1] + "…"


def text_of(path: Path) -> str:
    """The text of a manifest: UTF-8, or UTF-16 where it starts with that mark, as some shells write it.

    Raises ``ManifestFault`` when it is missing, too large or not text.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ManifestFault(path, None, error.strerror or str(error), "check the path") from None
    if len(raw) > LARGEST:
        raise ManifestFault(path, None, f"larger than {LARGEST} bytes", "this does not look like a manifest")
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        named = encoding.removesuffix("-sig").upper()
        raise ManifestFault(path, line, f"not {named} text", "save it as UTF-8") from None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
