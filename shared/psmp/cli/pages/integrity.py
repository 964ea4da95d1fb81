"""What came of a verification or a replay."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.pages.layout import facts, indented
from psmp.cli.pages.wording import counted, shown
from psmp.store.replay import BESIDE, Replayed
from psmp.store.verify import Verified

MOST_DIFFERENCES = 20
"""How many differing rows of one project are named."""


def verified(found: Iterable[Verified]) -> Group:
    """One line for each project; a fault with its place, its kind and both hashes."""
    return Group(*(part for each in found for part in _verified(each)))


def _verified(each: Verified) -> Iterator[RenderableType]:
    lag = f", {counted(each.ahead, 'event')} in the log still to come" if each.ahead else ""
    if each.fault is None:
        pruned = f", {each.pruned} of them pruned" if each.pruned else ""
        sign, told = (
            ("✓ ", "green"),
            f"{counted(each.events, 'event')} unbroken{pruned}, head {each.head.leaf[:16]}…{lag}",
        )
        yield Text.assemble(sign, (str(each.key), "bold"), f"  {told}")
        return
    fault = each.fault
    what = f"  broken at event {fault.sequence}, position {fault.position}: {fault.flaw}"
    yield Text.assemble(("✗ ", "bold red"), (str(each.key), "bold"), (what, "red"))
    rows = [("holds", Text(f"{counted(each.events, 'event')} before it"))]
    rows += [("expected", Text(shown(fault.expected))), ("found", Text(shown(fault.found)))]
    yield indented(facts(rows))


def replayed(found: Iterable[Replayed]) -> Group:
    """One line for each project; every row that differs, up to a number. Then what else lies there."""
    beside = f"no projections, and so not compared: {', '.join(BESIDE)}, and views"
    return Group(*(part for each in found for part in _replayed(each)), Text(beside, style="dim"))


def _replayed(each: Replayed) -> Iterator[RenderableType]:
    whole = f"{counted(each.sequence, 'event')}, {counted(len(each.digests), 'table')}"
    if not each.differences and not each.damage:
        yield Text.assemble(("✓ ", "green"), (str(each.key), "bold"), f"  {whole} equal by hash")
        return
    problem = each.damage or counted(len(each.differences), "row differs", "rows differ")
    yield Text.assemble(("✗ ", "bold red"), (str(each.key), "bold"), (f"  {whole}: {shown(problem)}", "red"))
    yield indented(facts(_differing(each)))


def _differing(each: Replayed) -> Iterator[tuple[str, RenderableType]]:
    for table, (by_log, live) in each.digests.items():
        if by_log != live:
            yield table, Text(f"log {by_log[:16]}…, live {live[:16]}…")
    for difference in each.differences[:MOST_DIFFERENCES]:
        yield difference.problem, Text(f"{difference.table} {shown(difference.row)}")
    if len(each.differences) > MOST_DIFFERENCES:
        yield "", Text(f"and {len(each.differences) - MOST_DIFFERENCES} more; -o json names them all")
