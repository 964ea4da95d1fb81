"""A project's page of a simple index (PEP 503 and 691): which Python each wheel says that it is for.

uv heeds the lower bound of Requires-Python (PEP 345) alone, installers the whole of it. So what uv has chosen is looked
up once more.
"""

import json
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version


def pythons(body: bytes, version: str) -> tuple[str, ...]:
    """What the wheels of ``version`` say, each once, sorted; "" is any Python.

    ``body`` is a page in JSON (PEP 691) or HTML (PEP 503). Raises ValueError where it is neither.
    """
    wanted = Version(version)
    found = set()
    for filename, python in _json(body) if body.lstrip()[:1] == b"{" else _html(body):
        try:
            if parse_wheel_filename(filename)[1] == wanted:
                found.add(python)
        except (InvalidWheelFilename, InvalidVersion):
            continue
    return tuple(sorted(found))


def admits(said: Iterable[str], python: str) -> bool:
    """Whether one wheel at least is for ``python``: for a series, for its first release or a late one."""
    releases = [python] if python.count(".") > 1 else [f"{python}.0", f"{python}.99"]
    return any(_admits(each, release) for each in said for release in releases)


def _admits(said: str, release: str) -> bool:
    """Installers take what they cannot read as no demand."""
    try:
        return SpecifierSet(said).contains(release, prereleases=True)
    except InvalidSpecifier:
        return True


def _json(body: bytes) -> Iterator[tuple[str, str]]:
    page = json.loads(body)
    files = page.get("files")
    if not isinstance(files, list):
        raise ValueError("a page without files")  # noqa: TRY004 -- it is what was read that is wrong
    for each in files:
        yield str(each.get("filename", "")), str(each.get("requires-python") or "")


def _html(body: bytes) -> list[tuple[str, str]]:
    reader = _Anchors()
    reader.feed(body.decode())
    reader.close()
    return reader.found


class _Anchors(HTMLParser):
    """Collects the files of a page: the text of each anchor is the file's name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._python: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._python = dict(attrs).get("data-requires-python") or ""

    def handle_data(self, data: str) -> None:
        if self._python is not None and data.strip():
            self.found.append((data.strip(), self._python))
            self._python = None
