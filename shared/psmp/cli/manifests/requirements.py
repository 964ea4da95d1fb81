"""``requirements.txt`` as pip reads it, without running or fetching anything.

Comments, continuation lines, markers, extras, ``-r`` and ``-c`` files, per-requirement options (``--hash``) are
understood; options about where packages come from have no bearing on what is needed and are passed over. A comment
behind a requirement is taken as its purpose.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from psmp.cli.manifests.found import Found, Place, requirement, text_of, together
from psmp.words.values import Dependency, Scope

MOST_FILES: Final = 50
"""Files that may be included, all told."""

_COMMENT: Final = re.compile(r"(?:^|\s+)#\s*(?P<said>.*)$")
_OPTION: Final = re.compile(r"^(?P<name>-[A-Za-z]|--[a-z][a-z-]*)(?:\s*=\s*|\s+|(?<=^-[A-Za-z])|$)(?P<value>.*)$")
_OF_REQUIREMENT: Final = re.compile(r"\s+--[a-z].*$")
_NAMELESS: Final = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://|[./~\\]|[a-z]:\\)|\.(?:whl|zip|tar\.gz)(?:\s|;|$)", re.IGNORECASE
)
_NAMED: Final = re.compile(r"^[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@")
_ABOUT_SOURCES: Final = frozenset(
    {
        *("-i", "--index-url", "--pypi-url", "--extra-index-url", "--no-index", "-f", "--find-links", "--trusted-host"),
        *("--pre", "--prefer-binary", "--require-hashes", "--no-binary", "--only-binary", "--use-feature"),
    }
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One logical line: where it starts, what it says and the comment behind it."""

    number: int
    text: str
    comment: str


@dataclass(slots=True)
class _Reading:
    """What one reading carries from file to file.

    Invariant: every file in ``seen`` is ``root`` or lies below it.
    """

    root: Path
    scope: Scope
    purpose: str
    seen: set[Path] = field(default_factory=set)
    constraints: list[Dependency] = field(default_factory=list)


def read(path: Path, *, root: Path | None = None, scope: Scope = "runtime", purpose: str = "") -> Found:
    """What the file and those that it includes ask for; raises ``ManifestFault``.

    Files above or beside ``root`` (by default the file's own folder) are not opened. Constraint files narrow what is
    asked for.
    """
    reading = _Reading((root or path.parent).resolve(), scope, purpose)
    found = together(_file(path, reading, Place(path, None)))
    return Found(tuple(_narrowed(found.dependencies, reading.constraints)), found.unread)


def _file(path: Path, reading: _Reading, asked_at: Place) -> Iterator[Found]:
    real = path.resolve()
    if not real.is_relative_to(reading.root):
        raise asked_at.fault(f"{path} lies outside {reading.root}", "if that is meant, say from where on: --root DIR")
    if real in reading.seen:
        return
    if len(reading.seen) == MOST_FILES:
        raise asked_at.fault(f"more than {MOST_FILES} files are included")
    reading.seen.add(real)
    if asked_at.line and not real.is_file():
        raise asked_at.fault(f"there is no file {path}")
    for line in _lines(text_of(path)):
        yield from _line(path, line, reading)


def _lines(text: str) -> Iterator[_Line]:
    """Logical lines: a backslash at the end joins the next one, comments are cut off, empty ones are left out."""
    started, parts = 0, [""]
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        whole_comment = raw.lstrip().startswith("#")
        started = started or number
        if raw.endswith("\\") and not whole_comment:
            parts.append(raw[:-1])
            continue
        joined = "".join((*parts, " " + raw if whole_comment else raw))
        comment = _COMMENT.search(joined)
        said = comment["said"].strip() if comment else ""
        statement = _COMMENT.sub("", joined).strip()
        if statement:
            yield _Line(started, statement, said)
        started, parts = 0, [""]


def _line(path: Path, line: _Line, reading: _Reading) -> Iterator[Found]:
    place = Place(path, line.number, reading.scope, line.comment or reading.purpose)
    option = _OPTION.match(line.text)
    if option is not None:
        yield from _option(option["name"], option["value"].strip(), place, reading)
    elif _NAMELESS.search(line.text) and not _NAMED.match(line.text):
        yield Found(unread=(f"{place}: {_shown(line.text)} names no package; declare what it is with --dep",))
    else:
        yield requirement(_OF_REQUIREMENT.sub("", line.text), place)


def _option(name: str, value: str, place: Place, reading: _Reading) -> Iterator[Found]:
    match name:
        case "-r" | "--requirement":
            yield from _file(_included(value, place), reading, place)
        case "-c" | "--constraint":
            yield _constraints(_included(value, place), reading, place)
        case "-e" | "--editable":
            yield Found(unread=(f"{place}: {_shown(value)} is a project of its own; declare it with --from there",))
        case _ if name in _ABOUT_SOURCES:
            return
        case _:
            raise place.fault(f"pip has no option {name} in such a file")


def _included(value: str, place: Place) -> Path:
    if not value:
        raise place.fault("names no file")
    if "://" in value:
        raise place.fault("names an address; only files are read", "download it beside this file and include that")
    return place.path.parent / value


def _constraints(path: Path, reading: _Reading, place: Place) -> Found:
    found = together(_file(path, reading, place))
    reading.constraints.extend(found.dependencies)
    return Found(unread=found.unread)


def _narrowed(needs: tuple[Dependency, ...], limits: list[Dependency]) -> Iterator[Dependency]:
    """Each need under the constraints on its package; one with a marker of its own stands beside it."""
    ordered = sorted(limits, key=lambda limit: canonicalize_name(limit.name))
    by_name = {name: list(group) for name, group in groupby(ordered, key=lambda limit: canonicalize_name(limit.name))}
    for need in needs:
        mine = by_name.get(canonicalize_name(need.name), [])
        plain = [limit.constraint for limit in mine if limit.marker is None and limit.constraint]
        narrowed = need.model_copy(update={"constraint": _all_of((need.constraint, *plain))})
        yield narrowed
        for limit in (limit for limit in mine if limit.marker is not None):
            marker = f"({need.marker}) and ({limit.marker})" if need.marker else limit.marker
            constraint = _all_of((narrowed.constraint, limit.constraint))
            yield narrowed.model_copy(update={"constraint": constraint, "marker": marker})


def _all_of(constraints: tuple[str, ...]) -> str:
    clauses = (clause.strip() for constraint in constraints for clause in constraint.split(","))
    return ",".join(dict.fromkeys(clause for clause in clauses if clause))


def _shown(text: str) -> str:
    """An address or a path without a user's password in it."""
    return re.sub(r"://[^/@\s]*@", "://", text)
