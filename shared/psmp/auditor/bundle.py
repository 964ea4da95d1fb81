"""What is read: files of a folder or a .zip, and strict JSON. Whatever they hold, reading is bounded and harmless."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, Final, cast

from .signed import Finding, Flawed, Wrong

LONGEST_LINE: Final = 1_100_000
LARGEST_MANIFEST: Final = 100_000_000
MOST_INFLATED: Final = 200
"""How many times its own size a .zip may unpack to; a bundle packs to about a tenth."""


class Bundle:
    """The files of a folder, or of a .zip, by their names; never one outside."""

    def __init__(self, path: Path) -> None:
        self._folder = path.resolve()
        try:
            self._zip = None if path.is_dir() else zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise Wrong(f"{path} is neither a folder nor a .zip that can be read: {error}") from None
        if self._zip is None:
            return
        members = self._zip.infolist()
        if len({each.filename for each in members}) < len(members):
            raise Wrong("the archive has a name twice")
        if any(each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for each in members):
            raise Wrong("the archive is packed in an uncommon way: unpack it")
        if sum(each.file_size for each in members) > MOST_INFLATED * path.stat().st_size + (1 << 20):
            raise Wrong(f"the archive unpacks to more than {MOST_INFLATED} times its size: unpack it if you trust it")

    def open(self, name: str) -> BufferedReader:
        """A file's bytes; raises ``Flawed`` where there is no such file."""
        if self._zip is not None:
            if name in self._zip.NameToInfo:
                return BufferedReader(cast("RawIOBase", self._zip.open(name)), 1 << 20)
        elif not (path := (self._folder / name).resolve()).is_relative_to(self._folder):
            raise Wrong(f"{name!r} lies outside of the bundle")
        elif path.is_file():
            return path.open("rb")
        raise Flawed(Finding(1, "missing file", name, "nothing"))

    def has(self, name: str) -> bool:
        """Whether there is such a file, or something in its place that ``open`` refuses."""
        try:
            self.open(name).close()
        except Flawed:
            return False
        return True

    def lines(self, name: str) -> Iterator[bytes]:
        """A file's lines; none where there is no such file, which step 1 has told."""
        if self.has(name):
            with self.open(name) as file:
                yield from lines(file)

    def names(self) -> Iterator[str]:
        """Every file that is there."""
        if self._zip is not None:
            yield from (each.filename for each in self._zip.infolist() if not each.is_dir())
            return
        for folder, _, files in os.walk(self._folder):
            yield from ((Path(folder) / name).relative_to(self._folder).as_posix() for name in files)

    def check(self, files: Mapping[str, Any]) -> Iterator[Finding]:
        """Step 1 for these files and their SHA-256."""
        for name, expected in files.items():
            try:
                with self.open(name) as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except Flawed as flaw:
                yield flaw.finding
            else:
                if found != expected:
                    yield Finding(1, "altered file", f"{name} of SHA-256 {expected}", found)


def lines(file: BufferedReader) -> Iterator[bytes]:
    """The lines with their ends; one that is too long comes in pieces without."""
    return iter(partial(file.readline, LONGEST_LINE), b"")


def texts(found: Iterable[bytes]) -> Iterator[str]:
    """The strings that stand as JSON in each of these lines; raises ``Flawed``."""
    for number, line in enumerate(found, 1):
        try:
            text: str = parse(line, str)
            text.encode()  # no half of a surrogate pair
        except ValueError as error:
            raise Flawed(Finding(2, "no text", f"a string as JSON in line {number}", str(error)[:200])) from None
        yield text


def notes(path: Path) -> Iterator[str]:
    """The notes of a file: one as it is, or one JSON string a line; raises ``Flawed``."""
    with path.open("rb") as file:
        if file.peek(1)[:1] == b'"':
            yield from texts(lines(file))
        else:
            yield file.read(LONGEST_LINE).decode()


def fields(value: object, **kinds: Any) -> dict[str, Any]:
    """``value`` as an object of these fields and no other; those that may be None may be left out (step 1)."""
    if not isinstance(value, dict):
        raise Flawed(Finding(1, "manifest", "an object", repr(value)[:200]))
    if strange := value.keys() - kinds.keys():
        raise Flawed(Finding(1, "unknown field", ", ".join(kinds), repr(min(strange))))
    for name, kind in kinds.items():
        if not isinstance(value.setdefault(name), kind):
            raise Flawed(Finding(1, "manifest", f"{name} of another type", repr(value[name])[:200]))
    return value


def _refuse(constant: str) -> Any:  # noqa: ANN401 - as JSONDecoder wants it
    raise ValueError(f"{constant} is no JSON")


# Objects come as lists of their pairs, inner ones first, without a call of Python's for each: records are many.
_objects: Final[list[list[tuple[str, Any]]]] = []
_read: Final = json.JSONDecoder(object_pairs_hook=_objects.append, parse_constant=_refuse).raw_decode


def unique(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON text, the outermost last, without those in them; ``ValueError`` for a name twice in one."""
    _objects.clear()
    try:
        end = _read(text)[1]
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end != len(text):
        raise ValueError("more than one value")
    found = list(map(dict, _objects))
    if list(map(len, found)) != list(map(len, _objects)):
        raise ValueError("a name stands twice in an object")
    return found


def parse(line: bytes, kind: type) -> Any:  # noqa: ANN401 - JSON
    """A value of this type; raises ``ValueError``."""
    text = line.decode().removesuffix("\n")
    unique(text)
    found = json.loads(text)
    if type(found) is not kind:
        raise ValueError(f"a {type(found).__name__}, not a {kind.__name__}")
    return found


def claim(body: bytes) -> tuple[Any, Any, Any]:
    """What a record says of its own place: project, number, hash of the one before; raises ``ValueError``."""
    objects = unique(body.decode())
    if not objects or body[:1] != b"{":
        raise ValueError("no object")
    said = objects[-1]
    number = said.get("sequence")
    return said.get("subject"), number if type(number) is int else repr(number), said.get("prev")
