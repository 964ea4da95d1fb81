"""Graphs of agents for people: what is wrong with one in a file, how one runs, as a tree."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.text import Text

from psmp.cli.clock import clock_time
from psmp.cli.pages.layout import facts, table
from psmp.cli.pages.wording import counted, shown
from psmp.graphs.judging import Judged
from psmp.words.orchestration.seen import Orchestration, SeenNode

STYLES: Final = {
    "COMPLETE": "green",
    "PASSED": "green",
    "SETTLED": "bold green",
    "FAILED": "bold red",
    "ABANDONED": "bold red",
    "EXECUTING": "cyan",
    "DISPATCHED": "cyan",
    "BER_PENDING": "yellow",
    "PDO_PENDING": "yellow",
    "AGGREGATED": "yellow",
}
SIGNS: Final = {"COMPLETE": "✓", "PASSED": "✓", "FAILED": "✗", "EXECUTING": "▶", "DISPATCHED": "▷"}
_FIRST: Final = {
    state: place
    for place, state in enumerate(("FAILED", "BER_PENDING", "EXECUTING", "PDO_PENDING", "DISPATCHED", "ISSUED"))
}
"""What is shown first where there is no room for all."""
DEEPEST: Final = 12
"""So far a tree is moved to the right; what is deeper stands below it, with the name of whom it follows."""
_SHORT: Final = 12
_AROUND: Final = 7
"""Lines around the nodes: the title, the headings, what has come of it."""
_MICROS: Final = 1_000_000


def faulty(judged: Judged, name: str) -> RenderableType:
    """Every fault on a line that editors follow, and what is not known."""
    lines: list[Text] = []
    for each in judged.faults:
        at = f"{shown(name)}:{each.place.line}:{each.place.column}: "
        lines.append(Text.assemble(at, (str(each.fault.code), "bold red"), f" {shown(each.fault.problem)}"))
    for doubt in judged.doubts:
        at = f"{shown(name)}:{doubt.place.line}:{doubt.place.column}: "
        lines.append(Text.assemble(at, ("not proved", "yellow"), f" {shown(doubt.problem)}"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ignore"
    return Group(*lines, _verdict(judged))


def _verdict(judged: Judged) -> Text:
    graph = judged.draft.graph
    if graph is None or judged.faults:
        return Text.assemble(("✗ ", "bold red"), f"{counted(len(judged.faults), 'fault')}: it cannot be submitted")
    agents = sum(each.type == "AGENT_NODE" for each in graph.nodes)
    size = f"{counted(agents, 'agent node')}, {counted(len(graph.edges), 'edge')}"
    return Text.assemble(("✓ ", "green"), f"{graph.maeg} can be submitted: {size}")


def page(found: Orchestration) -> RenderableType:
    """The graph as a tree, each node below the last one that it waits for."""
    return Group(_title(found), Text(), _Tree(found), *_ends(found, found.nodes))


def glance(found: Orchestration, lines: int) -> RenderableType:
    """The same on a screen of so many lines: where the tree is too long for it, only where something goes on."""
    room = lines - _AROUND - len(found.for_a_person)
    if len(found.nodes) + sum(bool(each.reasons) for each in found.nodes) <= room:
        return page(found)
    busy = sorted((each for each in found.nodes if each.state in _FIRST), key=lambda each: _FIRST[each.state])
    told = tuple(each for each in busy if each.reasons)[: room // 3]
    states = Counter(each.state for each in found.nodes if each.agent is not None)
    counts = Text(", ".join(f"{count} {state}" for state, count in states.most_common()), style="dim")
    tree = _Tree(found, tuple(busy[: max(room - len(told), 1)]))
    return Group(_title(found), counts, Text(), tree, *_ends(found, told))


@dataclass(frozen=True, slots=True)
class _Tree:
    """The nodes in as many columns as there is room for; of ``only`` some each on a line of its own."""

    found: Orchestration
    only: tuple[SeenNode, ...] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """See ``rich.console.RichRenderable``."""
        after = followed(self.found)
        listed = list(branches(self.found, after)) if self.only is None else [(each, "") for each in self.only]
        for columns, whole in _FORMS:
            told = after if self.only is None and whole else {}
            rows = [_row(node, told.get(node.id, ()), ahead, columns) for node, ahead in listed]
            made = table(*columns, rows=rows, tight=columns)
            wanted = Measurement.get(console, options.update(max_width=_UNBOUNDED), made).maximum
            if wanted <= options.max_width or columns is _FORMS[-1][0]:
                yield made
                return


_FORMS: Final = (
    (("node", "state", "attempt", "lane", "agent", "token", "token id", "cost"), True),
    (("node", "state", "attempt", "lane", "agent", "token", "cost"), True),
    (("node", "state", "attempt", "lane", "agent", "token", "cost"), False),
    (("node", "state", "attempt", "agent", "token", "cost"), False),
    (("node", "state", "attempt", "agent"), False),
    (("node", "state"), False),
)
"""The columns, and whether it is said of whoever waits for several who they are: the first for which there is room."""
_UNBOUNDED: Final = 100_000


def _title(found: Orchestration) -> Text:
    done = f"  {found.complete} of {counted(found.agents, 'node')} complete, cost {money(found.cost_micros)}"
    state, graph = (found.state, STYLES.get(found.state, "bold")), (f"  graph {found.graph_digest[:_SHORT]}", "dim")
    title = Text.assemble((found.id, "bold"), "  ", state, done, graph)
    title.no_wrap, title.overflow = True, "ellipsis"
    return title


def _ends(found: Orchestration, told: Sequence[SeenNode]) -> Iterator[RenderableType]:
    rows = [(each.id, Text(_why(each), style=STYLES.get(each.state, "yellow"))) for each in told if each.reasons]
    known = [("root", found.root), ("checkpoint", found.wrap and found.wrap.checkpoint), ("given up", found.abandoned)]
    rows += [(name, Text(shown(value))) for name, value in known if value]
    rows += [("a person", Text(shown(each.text), style="yellow")) for each in found.for_a_person]
    if rows:
        yield Text()
        yield facts(rows)


def _why(node: SeenNode) -> str:
    """Why a node failed, or what its attempt is to correct."""
    why = shown("; ".join(node.reasons))
    return why if node.state == "FAILED" else f"to correct: {why}"


def followed(found: Orchestration) -> Mapping[str, tuple[str, ...]]:
    """The nodes that each node follows, each once, in the order of the edges."""
    after: dict[str, dict[str, None]] = {each.id: {} for each in found.nodes}
    for edge in found.edges:
        after[edge.target][edge.source] = None
    return {node: tuple(each) for node, each in after.items()}


def branches(found: Orchestration, after: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[SeenNode, str]]:
    """Every node once with what stands ahead of it, below the last in graph order of those that it follows."""
    rank = {each.id: place for place, each in enumerate(found.nodes)}
    below: dict[str, list[SeenNode]] = {}
    for each in found.nodes:
        parent = max(after[each.id], key=rank.__getitem__, default="")
        below.setdefault(parent, []).append(each)
    left = [(each, "", "") for each in reversed(below.get("", []))]
    while left:
        node, ahead, further = left.pop()
        yield node, ahead
        children = below.get(node.id, [])
        deep = len(further) >= 3 * DEEPEST
        for place, child in reversed(list(enumerate(children, 1))):
            last = place == len(children)
            joint, space = ("└─ ", "   ") if last else ("├─ ", "│  ")
            left.append((child, further + joint, further if deep else further + space))


def _row(node: SeenNode, after: tuple[str, ...], ahead: str, columns: tuple[str, ...]) -> tuple[RenderableType, ...]:
    style = STYLES.get(node.state, "dim")
    others = f"  after {', '.join(after)}" if len(after) > 1 else ""
    others = others if len(others) <= 40 else f"  after {len(after)} nodes"  # noqa: PLR2004 - what a column bears
    label = Text.assemble((ahead, "dim"), (f"{SIGNS.get(node.state, '·')} ", style), node.id, (others, "dim"))
    cells: dict[str, RenderableType] = {"node": label, "state": Text(node.state, style=style)}
    cells |= _worked(node) if node.agent is not None else {"agent": Text(node.kind, style="dim")}
    return tuple(cells.get(name, "") for name in columns)


def _attempt(node: SeenNode) -> str:
    """Which attempt it is, of how many; a person may have allowed more."""
    if not node.attempt:
        return ""
    return f"{node.attempt} of {node.attempts}" if node.attempt <= node.attempts else str(node.attempt)


def _worked(node: SeenNode) -> dict[str, RenderableType]:
    cells: dict[str, RenderableType] = {
        "attempt": _attempt(node),
        "lane": node.lane or "",
        "agent": node.agent or "",
        "cost": money(node.cost_micros) if node.cost_micros else "",
    }
    if node.token is not None:
        live = node.token.state == "live"
        said = f"until {clock_time(node.token.expires)}" if live else node.token.state
        cells["token"] = Text(f"{said:<15}", style="cyan" if live else "dim")  # as wide as a live one: nothing jumps
        cells["token id"] = Text(node.token.id[-_SHORT:], style="dim")
    return cells


def money(micros: int) -> str:
    """Millionths of whatever money it is, as people write it."""
    text = f"{micros // _MICROS}.{micros % _MICROS:06d}".rstrip("0")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"
