"""Which form of a file answers a request: compressed as the reader takes it, and not at all when it has it already."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASKED_EACH_TIME: Final = "no-cache"
HASHED: Final = "assets/"
"""Files below this folder have their hash in their name: what is at one of these addresses never changes."""

SUFFIXES: Final[Mapping[str, str]] = MappingProxyType({"br": ".br", "gzip": ".gz"})
"""Content codings and how the files in them end, the shortest first."""

_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".woff2": "font/woff2",
    }
)
_CODING: Final = re.compile(r"\s*([A-Za-z0-9-]+|\*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is served: its bytes as they are, under ``""``, and in the codings that make them fewer."""

    media_type: str
    cache: str
    tag: str
    forms: Mapping[str, bytes]

    def form(self, accepted: str | None) -> tuple[str, bytes]:
        """The coding to answer in, given ``Accept-Encoding``, and the bytes in it."""
        taken = _taken(accepted)
        return next((each for each in self.forms.items() if each[0] and taken(each[0])), ("", self.forms[""]))

    def is_known(self, tags: str | None) -> bool:
        """Whether ``If-None-Match`` says that the reader has it."""
        return tags is not None and any(each.strip() in (self.tag, f"W/{self.tag}", "*") for each in tags.split(","))


def files(found: Mapping[str, bytes]) -> Mapping[str, File]:
    """The files to serve of what a folder holds, by the path from there; the compressed ones are forms of others."""
    codings = [f"{path}{suffix}" for path in found for suffix in SUFFIXES.values()]
    return {path: _file(path, found) for path in found if path not in codings}


def _file(path: str, found: Mapping[str, bytes]) -> File:
    forms = {coding: found[path + suffix] for coding, suffix in SUFFIXES.items() if path + suffix in found}
    return File(
        _TYPES.get(PurePosixPath(path).suffix, "application/octet-stream"),
        FOR_EVER if path.startswith(HASHED) else ASKED_EACH_TIME,
        f'"{hashlib.sha256(found[path]).hexdigest()[:32]}"',
        MappingProxyType({**forms, "": found[path]}),
    )


class _taken:  # noqa: N801 - it reads as a question
    def __init__(self, accepted: str | None) -> None:
        read = filter(None, map(_CODING.fullmatch, (accepted or "").split(",")))
        self._weights = {each[1].lower(): float(each[2] or 1) for each in read}

    def __call__(self, coding: str) -> bool:
        return self._weights.get(coding, self._weights.get("*", 0)) > 0


def is_page(path: str) -> bool:
    """Whether a path that is no file is an address of the page itself, which reads it: no name in it has an ending."""
    return not PurePosixPath(path).suffix
