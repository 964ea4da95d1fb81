"""Receipts that were kept: one line each."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from psmp.cli.pages.wording import shown

if TYPE_CHECKING:
    from psmp.cli.commands.receipts import Kept


def kept(found: "Iterable[Kept]") -> Group:
    """Which record each promises, and whether it holds."""
    return Group(*(part for each in found for part in _kept(each)))


def _kept(each: "Kept") -> Iterator[Text]:
    sign = ("✗ ", "bold red") if each.fault else ("✓ ", "green") if each.asked else ("  ", "")
    if each.receipt is None:
        yield Text.assemble(sign, (f"line {each.line}  {shown(each.fault or '')}", "red"))
        return
    where = f"  event {each.receipt.sequence}  "
    why = (f"  {shown(each.fault)}", "red") if each.fault else ("", "")
    yield Text.assemble(sign, (each.receipt.origin, "bold"), where, (f"leaf {each.receipt.leaf[:16]}…", "dim"), why)
