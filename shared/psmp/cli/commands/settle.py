"""``psmp settle``: can two changes that are both at hand be merged; if not, where not. Needs no server."""

from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli import diffs
from psmp.cli.exits import Exit
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.pages.layout import table
from psmp.cli.pages.wording import counted, shown
from psmp.compat.paths.merge import Stop
from psmp.compat.paths.merge import settle as merge

_MOST_LINES: Final = 20


def settle(
    one: Annotated[str, Parameter(help="A change: a git revision or range (main...feature), or a file with a diff.")],
    other: Annotated[str, Parameter(help="The other change, from the same state of the files.")],
    *,
    beyond_git: Annotated[
        bool, Parameter(help="Leave out where git would stop, but the text is not in doubt.")
    ] = False,
    repository: Annotated[Path, Parameter(help="Where git is asked; default: here.")] = Path(),
    answering: Answering = ANSWERING,
) -> Exit:
    """Say whether two changes can both be made; ends with 3 where somebody has to decide."""
    stops = merge(
        diffs.read(one, folder=repository).changes,
        diffs.read(other, folder=repository).changes,
        beyond_git=beyond_git,
    )
    answering.out.one({"merges": not stops, "stops": list(map(_plain, stops))}, lambda: _page(stops))
    return Exit.GOVERNED if stops else Exit.DONE


def _plain(stop: Stop) -> dict[str, Any]:
    merged = None if stop.merged is None else b"".join(stop.merged).decode(errors="replace")
    return {"path": stop.path, "lines": stop.lines, "reason": stop.reason, "merged": merged}


def _page(stops: list[Stop]) -> RenderableType:
    if not stops:
        return Text.assemble(("✓ ", "green"), "both changes can be made")
    head = Text.assemble(("✗ ", "bold red"), f"they meet in {counted(len(stops), 'place')}")
    rows = ((shown(stop.path), _lines(stop), shown(stop.reason), _merged(stop)) for stop in stops)
    return Group(head, table("path", "lines", "why", "merged, where it is not in doubt", rows=rows, tight=("lines",)))


def _lines(stop: Stop) -> str:
    return "all" if stop.lines is None else f"[{stop.lines[0]}, {stop.lines[1]})"


def _merged(stop: Stop) -> str:
    if stop.merged is None:
        return "-"
    lines = [shown(line.decode(errors="replace")) for line in stop.merged[:_MOST_LINES]]
    return "\n".join((*lines, *(["…"] if len(stop.merged) > _MOST_LINES else [])))
