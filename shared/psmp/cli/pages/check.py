"""The answer of ``psmp check`` as people read it."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.pages.conflict import proof
from psmp.cli.pages.layout import indented
from psmp.cli.pages.wording import constraint_of, counted, shown
from psmp.words.checks import CheckAnswer

_HEADS: Final = {
    "compatible": ("✓ ", "green", "all can stand together"),
    "conflict": ("✗ ", "bold red", "not all can stand together"),
    "unknown": ("? ", "yellow", "it cannot be known whether all can stand together"),
    "invalid": ("! ", "bold red", "this cannot be checked"),
}


def answered(given: CheckAnswer) -> RenderableType:
    """The verdict on a set, with the proof of each conflict and its ways out."""
    sign, style, said = _HEADS[given.verdict]
    name = "" if given.id is None else f"{shown(str(given.id))}: "
    return Group(Text.assemble((sign, style), name, said), *_body(given))


def _body(given: CheckAnswer) -> Iterator[RenderableType]:
    for fault in given.errors:
        yield indented(Text(shown(fault)))
    for conflict in given.conflicts:
        yield Text()
        yield proof(conflict)
    for warning in given.warnings:
        yield indented(Text(f"! {shown(warning)}", style="yellow"))
    for unknown in given.unknown:
        yield indented(Text(f"? {shown(unknown)}", style="yellow"))
    if given.witness and given.verdict != "invalid":
        common = ", ".join(f"{shown(name)} {constraint_of(range_)}" for name, range_ in given.witness.items())
        what = counted(len(given.witness), "subject")
        yield indented(Text(f"{what} that several name: {common}", style="dim"))
