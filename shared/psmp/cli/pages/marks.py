"""The answer of ``psmp check`` as marks on lines: for annotations of GitHub, and code quality reports of GitLab."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from psmp.words.checks import CheckAnswer
from psmp.words.values import Conflict, Party, Severity

_LINES: Final = re.compile(r"lines \[([0-9]+), ")
_GITLAB: Final[Mapping[Severity | None, str]] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "major",
    Severity.MEDIUM: "minor",
    Severity.LOW: "info",
    None: "info",
}
_HEADS: Final = {
    "compatible": "✅ all can stand together",
    "conflict": "❌ not all can stand together",
    "unknown": "❔ it cannot be known whether all can stand together",
    "invalid": "❌ this cannot be checked",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be said of a line of a file, of a file, or of the whole; ``identity`` stays when lines move."""

    level: Literal["error", "warning"]
    title: str
    text: str
    path: str = ""
    line: int | None = None
    severity: Severity | None = None
    identity: tuple[str, ...] = ()


def marks(given: CheckAnswer, files: Mapping[str, str]) -> Iterator[Mark]:
    """Every clash at each place that has a part in it, then what else is to be known.

    ``files`` says of artifacts in which file they are declared, for needs that stand in no line.
    """
    for conflict in given.conflicts:
        yield from _of_conflict(conflict, files)
    for error in given.errors:
        yield Mark("error", "this cannot be checked", error, severity=Severity.CRITICAL, identity=("invalid", error))
    for said in given.warnings:
        yield Mark("warning", "to be known", said, identity=("warning", said))
    for said in given.unknown:
        yield Mark("warning", "not known", said, identity=("unknown", said))


def _of_conflict(conflict: Conflict, files: Mapping[str, str]) -> Iterator[Mark]:
    scope = ", ".join(filter(None, (conflict.ecosystem, conflict.scope))) or conflict.kind
    title = f"{conflict.subject} ({scope}): {conflict.severity} conflict"
    ways = (f"Way out {each.n}: {each.text}" for each in conflict.suggestions)
    text = "\n".join((conflict.text, *ways))
    seen: set[tuple[str, int | None]] = set()
    for party in conflict.parties:
        place = place_of(conflict, party, files)
        if place in seen:
            continue
        seen.add(place)
        identity = (*conflict.identity, party.artifact, party.constraint)
        yield Mark("error", title, text, *place, severity=conflict.severity, identity=identity)


def place_of(conflict: Conflict, party: Party, files: Mapping[str, str]) -> tuple[str, int | None]:
    """The file and the line that a party's need comes from, as far as they are known."""
    if party.location:
        path, _, line = party.location.rpartition(":")
        return (path, int(line)) if path and line.isdecimal() else (party.location, None)
    if conflict.kind == "path":
        touched = _LINES.search(party.constraint)
        return conflict.subject, int(touched[1]) if touched else None
    return files.get(party.artifact, ""), None


def github(found: Iterable[Mark]) -> str:
    """Workflow commands, one a line."""
    return "".join(f"{_command(each)}\n" for each in found)


def _command(mark: Mark) -> str:
    said = {"file": mark.path, "line": str(mark.line or ""), "title": f"psmp: {mark.title}"}
    properties = ",".join(f"{name}={_property(value)}" for name, value in said.items() if value)
    return f"::{mark.level} {properties}::{_data(mark.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(given: CheckAnswer, files: Mapping[str, str]) -> str:
    """The answer to one set as Markdown: a table of who needs what and where, and the ways out."""
    name = "" if given.id is None else f"{_plain(str(given.id))}: "
    lines = [f"### psmp check: {name}{_HEADS[given.verdict]}", ""]
    if given.conflicts:
        lines += ["| conflict | severity | who | needs | where |", "|---|---|---|---|---|"]
        lines += (_row(conflict, party, files) for conflict in given.conflicts for party in conflict.parties)
        lines.append("")
    for conflict in given.conflicts:
        lines += [f"{_plain(conflict.text)}", ""]
        lines += (f"{each.n}. {_plain(each.text)}" for each in conflict.suggestions)
        lines.append("")
    others = (*given.errors, *given.warnings, *given.unknown)
    lines += (f"- {_plain(each)}" for each in others)
    return "\n".join(lines).rstrip("\n") + "\n\n"


def _row(conflict: Conflict, party: Party, files: Mapping[str, str]) -> str:
    path, line = place_of(conflict, party, files)
    needs = f"@ {party.reference}" if party.reference else party.constraint or "any version"
    cells = (conflict.subject, str(conflict.severity), party.artifact, needs, f"{path}:{line}" if line else path)
    return (
        f"| {' | '.join(_code(each) if number in (0, 3, 4) else _plain(each) for number, each in enumerate(cells))} |"
    )


def _code(text: str) -> str:
    return f"`{text.replace('`', ' ').replace('|', chr(92) + '|')}`" if text else ""


def _plain(text: str) -> str:
    marked = re.sub(r"([\\`*_{}\[\]#|~])", r"\\\1", text)
    return " ".join(marked.replace("&", "&amp;").replace("<", "&lt;").split())


def gitlab(found: Iterable[Mark], elsewhere: str) -> list[dict[str, Any]]:
    """A code quality report; what has no place is told of the file ``elsewhere``, for there must be one."""
    return [
        {
            "description": f"{each.title}. {each.text}" if each.level == "error" else each.text,
            "check_name": "psmp check",
            "fingerprint": hashlib.sha256("\0".join((*each.identity, each.path)).encode()).hexdigest(),
            "severity": _GITLAB[each.severity],
            "location": {"path": each.path or elsewhere, "lines": {"begin": each.line or 1}},
        }
        for each in found
    ]
