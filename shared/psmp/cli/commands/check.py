"""``psmp check``: can these declarations stand together; the checker's engine, with no server and no network."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, BinaryIO, Final

from cyclopts import Parameter
from pydantic import ValidationError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SHARED
from psmp.cli.output import Format, Output, writing
from psmp.cli.pages import check as pages
from psmp.compat.answer import answer
from psmp.words import strict
from psmp.words.checks import MAX_SET_BYTES, CheckAnswer, CheckSet
from psmp.words.strict import Malformed
from psmp.words.values import Target

ENDS: Final = {"invalid": Exit.USAGE, "conflict": Exit.GOVERNED, "unknown": Exit.STALE, "compatible": Exit.DONE}
"""How the command ends; of several sets the worst one counts, in this order."""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Answered:
    """How the command answers."""

    output: Annotated[
        Format | None,
        Parameter(name=("--output", "-o"), help="table, json or jsonl; default: table in a terminal, else jsonl."),
    ] = None

    @property
    def out(self) -> Output:
        """Where the answer goes."""
        return Output(self.output or (Format.TABLE if sys.stdout.isatty() else Format.JSONL))


def check(
    file: Annotated[
        Path, Parameter(help="A set as JSON, or one set a line; - is standard input.", allow_leading_hyphen=True)
    ] = Path("-"),
    *,
    answered: Answered = Answered(),
) -> Exit:
    """Say whether declarations can stand together, why not, and what would help.

    Ends with 0, 3 (conflict), 8 (unknown) or 2 (invalid), the worst of several sets.
    """
    targets = (Target(python=f"3.{sys.version_info.minor}"),)
    out, worst = answered.out, len(ENDS) - 1
    ends = list(ENDS.values())
    with ExitStack() as exits:
        for raw in _sets(_opened(file, exits)):
            given = _answer(raw, targets)
            worst = min(worst, list(ENDS).index(given.verdict))
            _write(out, given)
    return ends[worst]


def _opened(file: Path, exits: ExitStack) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return exits.enter_context(file.open("rb"))
    except OSError as error:
        hint = "name a file that holds a set, or pipe one in: psmp check -"
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror or error}", hint) from None


def _sets(stream: BinaryIO) -> Iterator[bytes]:
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


def _answer(raw: bytes, targets: tuple[Target, ...]) -> CheckAnswer:
    """The answer to what was read; what cannot be read is ``invalid``, with the places of its faults."""
    try:
        value = strict.parse(raw, MAX_SET_BYTES)
    except Malformed as malformed:
        return CheckAnswer(verdict="invalid", errors=tuple(map(str, malformed.faults)))
    try:
        return answer(CheckSet.model_validate_json(raw), targets)
    except ValidationError as error:
        faults = (f"{strict.pointer(each['loc'])}: {each['msg']}" for each in error.errors(include_url=False))
        named = value.get("id") if isinstance(value, dict) else None
        known = named if isinstance(named, str | int) and not isinstance(named, bool) else None
        return CheckAnswer(id=known, verdict="invalid", errors=tuple(faults))


def _write(out: Output, given: CheckAnswer) -> None:
    if out.format is Format.TABLE:
        out.show(pages.answered(given))
        return
    with writing() as stdout:
        stdout.write(given.model_dump_json(exclude_none=True, indent=2 if out.format is Format.JSON else None) + "\n")
