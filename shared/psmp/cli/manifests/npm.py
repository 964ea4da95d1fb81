"""``package.json``: what it asks of npm. Scripts are not run, lock files not read."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from psmp.cli.manifests.found import Found, ManifestFault, Place, declared, text_of, together
from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.npm.ranges import parse
from psmp.words.values import Scope

SECTIONS: Final[Mapping[str, Scope]] = {
    "dependencies": "runtime",
    "optionalDependencies": "runtime",
    "peerDependencies": "runtime",
    "devDependencies": "dev",
}
"""The sections that are read, and the scope of what they hold."""

_ALIAS: Final = re.compile(r"^npm:(?P<name>(?:@[^/@]+/)?[^/@]+)(?:@(?P<range>.*))?$")


def read(path: Path, *, purpose: str = "") -> Found:
    """What the package asks for; raises ``ManifestFault``."""
    text = text_of(path)
    return together(_sections(path, text, _parsed(path, text), purpose))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise ManifestFault(path, error.lineno, f"not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ManifestFault(path, None, "not JSON that can be read") from None
    if not isinstance(parsed, dict):
        raise ManifestFault(path, 1, "not a JSON object")
    return parsed


def _sections(path: Path, text: str, parsed: Mapping[str, Any], purpose: str) -> Iterator[Found]:
    for section, scope in SECTIONS.items():
        start = _line_of(text, f'"{section}"', 1)
        entries = parsed.get(section, {})
        if not isinstance(entries, dict):
            raise ManifestFault(path, start, f"{section} is not an object")
        for name, wanted in entries.items():
            place = Place(path, _line_of(text, json.dumps(name), start or 1), scope, purpose)
            if not isinstance(wanted, str):
                raise place.fault(f"the version of {name} is not text")
            if not (section == "peerDependencies" and _optional(parsed, name)):
                yield _entry(name, wanted.strip(), place)


def _optional(parsed: Mapping[str, Any], name: str) -> bool:
    meta = parsed.get("peerDependenciesMeta")
    about = meta.get(name) if isinstance(meta, dict) else None
    return isinstance(about, dict) and about.get("optional") is True


def _entry(name: str, wanted: str, place: Place) -> Found:
    alias = _ALIAS.match(wanted)
    if alias is not None:
        name, wanted = alias["name"], alias["range"] or ""
    known = _is_range(wanted)
    need = declared(place, name=name, constraint=wanted if known else "", ecosystem="npm")
    source = wanted.partition(":")[0]
    remark = f"{place}: {name} is taken from {source!r}, no range of versions; declared as any version of it"
    return Found((need,), () if known else (remark,))


def _is_range(wanted: str) -> bool:
    try:
        parse(wanted)
    except InvalidConstraint:
        return False
    return True


def _line_of(text: str, quoted: str, start: int) -> int | None:
    lines = text.splitlines()[start - 1 :]
    return next((start + offset for offset, line in enumerate(lines) if quoted in line), None)
