"""Where output goes: data to stdout, talk to stderr; colour only for a terminal that wants it."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from psmp.client import Settled

PIPED_WIDTH: Final = 120
"""Columns of a table that nobody looks at in a terminal, unless COLUMNS says otherwise."""


class Format(StrEnum):
    """How data is written: for people, as one JSON document, or as one JSON document a line."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


class Unheard(Exception):
    """Whoever read what we write has gone: it has enough, and that is no fault."""


@contextmanager
def writing() -> Iterator[TextIO]:
    """Standard output, flushed at the end, so that a reader at the other end of a pipe sees it at once."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must go somewhere when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Unheard from None


def coloured(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that may be coloured (NO_COLOR, CI and a dumb TERM say no)."""
    unwanted = os.environ.get("NO_COLOR") or os.environ.get("CI") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not unwanted


def console(stream: TextIO) -> "Console":
    """A console that takes text as it is: no markup, no emoji names, no guessing at what should be highlighted."""
    from rich.console import Console  # noqa: PLC0415 - not before something is to be shown

    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPED_WIDTH
    return Console(
        file=stream,
        width=width,
        color_system="auto" if coloured(stream) else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


@dataclass(frozen=True)
class Output:
    """The two streams of one command, and the format of its data."""

    format: Format

    @cached_property
    def page(self) -> "Console":
        """Where tables are printed: stdout."""
        return console(sys.stdout)

    @cached_property
    def margin(self) -> "Console":
        """Where is said what is no data: stderr."""
        return console(sys.stderr)

    def one(self, value: Any, shown: "Callable[[], RenderableType]") -> None:  # noqa: ANN401 - JSON
        """One document: as JSON, or ``shown`` for people."""
        if self.format is Format.TABLE:
            self.show(shown())
        else:
            write_json(value, indent=2 if self.format is Format.JSON else None)

    def many(self, values: Iterable[Any], shown: "Callable[[], RenderableType]") -> None:
        """Several documents: as a JSON array, one a line, or ``shown`` for people."""
        match self.format:
            case Format.TABLE:
                self.show(shown())
            case Format.JSON:
                write_json(list(values), indent=2)
            case Format.JSONL:
                for value in values:
                    write_json(value)

    def show(self, content: "RenderableType | str") -> None:
        """Print for people, on stdout; what must not be wrapped is left to the terminal.

        A terminal does not show the blanks that fill the lines of tables; a file is spared them.
        """
        if self.page.is_terminal:
            self.page.print(content, crop=False)
            return
        with self.page.capture() as captured:
            self.page.print(content, crop=False)
        with writing() as stdout:
            stdout.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))

    def say(self, text: "RenderableType | str", style: str = "") -> None:
        """Talk, on stderr."""
        self.margin.print(text, style=style or None, crop=False)


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """``value`` as JSON can hold it; models as they would be sent."""
    from pydantic import BaseModel  # noqa: PLC0415 - not before something is to be written

    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def stored(settled: "Settled") -> Any:  # noqa: ANN401 - JSON
    """The event that settles a command, with every field as it is stored and no other."""
    return json.loads(settled.raw)


def write_json(value: Any, indent: int | None = None) -> None:  # noqa: ANN401 - JSON
    """One JSON document on stdout."""
    separators = None if indent else (",", ":")
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False, default=plain)
    with writing() as stdout:
        stdout.write(text + "\n")


def write_raw(body: bytes) -> None:
    """Stored bytes as they are, on a line of their own: what is hashed is what is written."""
    with writing() as stdout:
        stdout.buffer.write(body + b"\n")
