"""Unified diffs, git's and others': exactly which lines of which blob become which. What is not understood is a fault.

All is bytes and split at line feeds alone, as git does: a form feed, a lone carriage return or Latin-1 text in a file
breaks nothing and changes no line number. Context is read and left out: only changed lines are told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha1, sha256
from typing import Final, Literal

from psmp.cli.diffs.faults import DiffFault
from psmp.cli.diffs.quoting import name_of, pair_of, unprefixed
from psmp.compat.paths.edits import Edit, FileChange, joined
from psmp.compat.paths.names import InvalidPath, normal

_HUNK: Final = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_INDEX: Final = re.compile(rb"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?\r?$")
_MODE: Final = re.compile(rb"(?P<what>old|new|deleted file|new file) mode (?P<mode>[0-7]{6})\r?$")
_NAMES: Final = re.compile(rb"(?P<what>rename|copy) (?P<end>from|to) (?P<name>.*)$")
_UNTOLD: Final = re.compile(rb"Binary files .* differ\r?$|Only in [^:]+: ")
_PASSED_OVER: Final = (b"similarity index ", b"dissimilarity index ")
_SUBMODULE: Final = b"160000"
_LINKS: Final = frozenset({_SUBMODULE, b"120000"})
_NAMED, _HEAD = 2, 3
_SHA256: Final = 64


@dataclass(slots=True)
class _Header:
    """What stands above the hunks of one file."""

    line: int
    old: bytes | None = None
    new: bytes | None = None
    made: bool = False
    gone: bool = False
    moved: Literal["", "rename", "copy"] = ""
    base: str | None = None
    result: str | None = None
    binary: bool = False
    modes: list[bytes] = field(default_factory=list)


def parse(data: bytes, source: str = "diff") -> tuple[FileChange, ...]:
    """What the patch does, by path; raises ``DiffFault``.

    A rename is a deletion, which says where the file lives on, and a creation. What is created is known by the id of
    its blob, as git would give it.
    """
    reading = _Reading(data.split(b"\n"), source)
    by_path: dict[str, FileChange] = {}
    for change in reading.files():
        before = by_path.get(change.path)
        if before is not None and {before.mode, change.mode} != {"delete", "create"}:
            raise reading.fault(f"{change.path} is changed twice", "give one diff, from the first state to the last")
        by_path[change.path] = change if before is None else _replaced(before, change)
    return tuple(by_path[path] for path in sorted(by_path))


def _replaced(one: FileChange, other: FileChange) -> FileChange:
    """A file that is taken away and made anew, as when it becomes a link, is written whole."""
    return FileChange(one.path, "write", one.base or other.base, one.result or other.result)


class _Reading:
    """A diff on its way through: ``at`` is the place of the line to be read next."""

    def __init__(self, lines: list[bytes], source: str) -> None:
        self._lines = lines if lines[-1] else lines[:-1]
        self._source = source
        self._at = 0

    def fault(self, problem: str, hint: str = "give a unified diff, as git diff or diff -u write it") -> DiffFault:
        return DiffFault(self._source, min(self._at + 1, len(self._lines)), problem, hint)

    def files(self) -> Iterator[FileChange]:
        """Each file of the patch; what is above the first and between two, such as a mail's text, is passed over."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.startswith((b"diff --cc ", b"diff --combined ", b"@@@ ")):
                raise self.fault("a merge's combined diff", "give the diff from one state to one other")
            if line.startswith(b"diff --git "):
                yield from self._git_file()
            elif self._is_plain_header():
                header = _Header(self._at)
                yield from self._told(header, self._body(header))
            elif _HUNK.match(line):
                raise self.fault("a hunk of no file")
            elif _UNTOLD.match(line):
                raise self.fault("a file of which nothing is told", "write the diff with git diff, or diff -uNa")
            else:
                self._at += 1

    def _is_plain_header(self) -> bool:
        two = self._lines[self._at : self._at + _HEAD]
        return all(map(bytes.startswith, two, (b"--- ", b"+++ ", b"@@ "))) and len(two) == _HEAD

    def _git_file(self) -> Iterator[FileChange]:
        header = _Header(self._at)
        names = pair_of(self._lines[self._at].removeprefix(b"diff --git ").removesuffix(b"\r"))
        self._at += 1
        while self._at < len(self._lines) and self._extended(header, self._lines[self._at]):
            self._at += 1
        if header.old is None and header.new is None and names is not None:
            header.old, header.new = names
        yield from self._told(header, self._body(header))

    def _extended(self, header: _Header, line: bytes) -> bool:
        """Whether the line belongs to git's own header, of which it tells more."""
        if mode := _MODE.match(line):
            header.modes.append(mode["mode"])
            header.made = header.made or mode["what"] == b"new file"
            header.gone = header.gone or mode["what"] == b"deleted file"
        elif index := _INDEX.match(line):
            header.base, header.result = (_blob(index[1]), _blob(index[2]))
            header.modes.extend([index[3]] if index[3] else [])
        elif names := _NAMES.match(line):
            header.moved = "rename" if names["what"] == b"rename" else "copy"
            name = name_of(names["name"].removesuffix(b"\r"))
            if names["end"] == b"from":
                header.old = name
            else:
                header.new = name
        elif line.startswith((b"Binary files ", b"GIT binary patch")):
            header.binary = True
        elif not line.startswith(_PASSED_OVER):
            return False
        return True

    def _body(self, header: _Header) -> tuple[Edit, ...]:
        """The names above the hunks, if they stand there, and all hunks."""
        following = self._lines[self._at : self._at + _NAMED]
        if all(map(bytes.startswith, following, (b"--- ", b"+++ "))) and len(following) == _NAMED:
            old, new = (name_of(line[4:].removesuffix(b"\r"), stamped=True) for line in following)
            if header.old is None and header.new is None:
                header.old, header.new = unprefixed(old, new)
            header.made = header.made or old == b"/dev/null"
            header.gone = header.gone or new == b"/dev/null"
            self._at += 2
        edits: list[Edit] = []
        while self._at < len(self._lines) and (hunk := _HUNK.match(self._lines[self._at])):
            self._at += 1
            edits.extend(self._hunk(hunk))
        try:
            return joined(edits)
        except ValueError as error:
            raise self.fault(f"hunks out of order: {error}") from None

    def _hunk(self, head: re.Match[bytes]) -> list[Edit]:
        old_left, new_left = (1 if count is None else int(count) for count in (head[2], head[3]))
        number = int(head[1]) + (old_left == 0)
        edits: list[Edit] = []
        old: list[bytes] = []
        new: list[bytes] = []
        while old_left or new_left or self._is_remark():
            line = self._lines[self._at] if self._at < len(self._lines) else b"@"
            match line[:1]:
                case b"-" if old_left:
                    old.append(line[1:] + b"\n")
                    old_left -= 1
                case b"+" if new_left:
                    new.append(line[1:] + b"\n")
                    new_left -= 1
                case b" " | b"" | b"\r" if old_left and new_left:
                    number = _close(edits, number, old, new) + 1
                    old_left, new_left = old_left - 1, new_left - 1
                case b"\\":
                    _without_end(self._lines[self._at - 1][:1], old, new)
                case _:
                    raise self.fault("the hunk ends before its count of lines", "the diff is cut short or was edited")
            self._at += 1
        _close(edits, number, old, new)
        return edits

    def _is_remark(self) -> bool:
        return self._at < len(self._lines) and self._lines[self._at].startswith(b"\\ ")

    def _told(self, header: _Header, edits: tuple[Edit, ...]) -> Iterator[FileChange]:
        whole = header.binary or bool(_LINKS.intersection(header.modes))
        told = None if whole else edits
        if header.moved or header.made:
            if header.moved == "rename":
                to = self._path(header.new, header)
                yield FileChange(self._path(header.old, header), "delete", header.base, None, told, to)
            content = None if header.moved or whole else b"".join(line for edit in edits for line in edit.new)
            result = header.result or (None if content is None else blob_id(content))
            yield FileChange(
                self._path(header.new, header), "create", None, _full(result, content), None if header.moved else told
            )
        elif header.gone:
            yield FileChange(self._path(header.old, header), "delete", header.base, None, told)
        elif told != () or header.modes:
            yield FileChange(self._path(header.new, header), "write", header.base, header.result, told)

    def _path(self, name: bytes | None, header: _Header) -> str:
        line = header.line + 1
        if name is None:
            raise DiffFault(self._source, line, "the name of the file is not told", "write the diff with git diff")
        try:
            path = normal(name.decode("utf-8"))
        except UnicodeDecodeError:
            raise DiffFault(self._source, line, f"{name!r} is not UTF-8", "rename the file") from None
        except InvalidPath as error:
            raise DiffFault(self._source, line, str(error), error.hint) from None
        if path.endswith("/"):
            raise DiffFault(self._source, line, f"{path} is no file", "write the diff with git diff")
        return path


def blob_id(content: bytes, like: str = "") -> str:
    """The id that git gives to a blob, in the kind of ``like``: SHA-256 where that is so long, else SHA-1."""
    kind = sha256 if len(like) == _SHA256 else sha1
    return kind(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def with_base(change: FileChange, base: str) -> FileChange:
    """The same change of a file that is known to be blob ``base``."""
    return replace(change, base=base)


def _full(result: str | None, content: bytes | None) -> str | None:
    """A short id in full, where the content proves what it is short for."""
    if result is None or content is None:
        return result
    full = blob_id(content, result)
    return full if full.startswith(result) else result


def _blob(name: bytes) -> str | None:
    text = name.decode("ascii")
    return text if text.strip("0") else None


def _close(edits: list[Edit], number: int, old: list[bytes], new: list[bytes]) -> int:
    """Put down what has changed up to here, if anything; the number of the next line of the base."""
    if old or new:
        edits.append(Edit(number, tuple(old), tuple(new)))
    end = number + len(old)
    old.clear()
    new.clear()
    return end


def _without_end(kind: bytes, old: list[bytes], new: list[bytes]) -> None:
    """The line before was the last of its file and had no line feed."""
    for sign, lines in ((b"-", old), (b"+", new)):
        if kind == sign and lines:
            lines[-1] = lines[-1].removesuffix(b"\n")
