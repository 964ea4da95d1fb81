"""Sets of declarations as a command reads them: one whole, or one a line as they come."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.words import strict
from psmp.words.checks import MAX_SET_BYTES, CheckAnswer, CheckSet
from psmp.words.strict import Malformed


def opened(file: Path, exits: ExitStack) -> BinaryIO:
    """The file, or standard input for ``-``; raises ``Complaint`` where it cannot be read."""
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return exits.enter_context(file.open("rb"))
    except OSError as error:
        hint = "name a file that holds a set, or - and pipe one in"
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror or error}", hint) from None


def sets(stream: BinaryIO) -> Iterator[bytes]:
    """Each line that holds something, as it comes, if the first one is a set by itself; else all as one."""
    lines = (line for line in stream if line.strip())
    first = next(lines, b"")
    if _is_whole(first):
        yield from chain((first,), lines)
    else:
        yield first + b"".join(iter(lambda: stream.read(65_536), b""))


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(strict.parse(line, MAX_SET_BYTES), dict)
    except Malformed:
        return False


def read_set(raw: bytes) -> CheckSet | CheckAnswer:
    """The set that was read; what cannot be read is answered as ``invalid``, with the places of its faults."""
    try:
        value = strict.parse(raw, MAX_SET_BYTES)
    except Malformed as malformed:
        return CheckAnswer(verdict="invalid", errors=tuple(map(str, malformed.faults)))
    try:
        return CheckSet.model_validate_json(raw)
    except ValidationError as error:
        faults = (f"{strict.pointer(each['loc'])}: {each['msg']}" for each in error.errors(include_url=False))
        named = value.get("id") if isinstance(value, dict) else None
        known = named if isinstance(named, str | int) and not isinstance(named, bool) else None
        return CheckAnswer(id=known, verdict="invalid", errors=tuple(faults))
