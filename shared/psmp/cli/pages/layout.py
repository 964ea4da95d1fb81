"""The few shapes that every page is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

STATE_STYLES = {
    "BLOCKED": "bold red",
    "RESOLVING": "yellow",
    "COMPLETED": "bold green",
    "DONE": "bold green",
    "IN_PROGRESS": "green",
    "DRAFT": "yellow",
    "ACTIVE": "green",
    "ARCHIVED": "dim",
}
SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def state(name: str) -> Text:
    """A state in its colour."""
    return Text(name, style=STATE_STYLES.get(name, "bold"))


def heading(text: str) -> Text:
    """The title of a section."""
    return Text(text, style="bold")


def indented(content: RenderableType, by: int = 2) -> Padding:
    """Content moved to the right."""
    return Padding(content, (0, 0, 0, by), expand=False)


def table(*headings: str, rows: Iterable[Iterable[RenderableType]], tight: tuple[str, ...] = ()) -> Table:
    """A table without lines; the columns ``tight`` are never wrapped."""
    built = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    for name in headings:
        fixed = name in tight
        built.add_column(name, no_wrap=fixed, overflow="fold" if not fixed else "ellipsis", min_width=4)
    for row in rows:
        built.add_row(*row)
    return built


def facts(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Names and values in two aligned columns."""
    built = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False, show_edge=False)
    built.add_column(style="dim", no_wrap=True)
    built.add_column(overflow="fold")
    for row in rows:
        built.add_row(*row)
    return built


def to_type(command: str, indent: int = 0) -> Text:
    """A command to be copied: never wrapped or cut by us, the terminal folds it. Not to be put into anything else."""
    return Text(" " * indent + command, style="cyan", no_wrap=True, overflow="ignore")


@dataclass(frozen=True, slots=True)
class Fitting:
    """Shows ``wide`` where there are at least ``columns``, else ``narrow``."""

    columns: int
    wide: RenderableType
    narrow: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """See ``rich.console.RichRenderable``."""
        yield self.wide if options.max_width >= self.columns else self.narrow
