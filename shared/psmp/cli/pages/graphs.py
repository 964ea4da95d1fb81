"""Graphs of agents for people: what is wrong with one in a file, how one runs, as a tree."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Group, RenderableType
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
DEEPEST: Final = 12
"""So far a tree is moved to the right; what is deeper stands below it, with the name of whom it follows."""
_SHORT: Final = 12
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
    after = followed(found)
    rows = [row for node, label in branches(found, after) for row in _rows(node, after[node.id], label)]
    listed = table("node", "state", "attempt", "lane", "agent", "token", "cost", rows=rows, tight=("node", "state"))
    return Group(_title(found), Text(), listed, *_ends(found))


def _title(found: Orchestration) -> Text:
    done = f"  {found.complete} of {counted(found.agents, 'node')} complete, cost {money(found.cost_micros)}"
    state = (found.state, STYLES.get(found.state, "bold"))
    return Text.assemble((found.id, "bold"), "  ", state, done, (f"  graph {found.graph_digest[:_SHORT]}", "dim"))


def _ends(found: Orchestration) -> Iterator[RenderableType]:
    known = [("root", found.root), ("checkpoint", found.wrap and found.wrap.checkpoint), ("given up", found.abandoned)]
    rows = [(name, Text(shown(value))) for name, value in known if value]
    rows += [("a person", Text(shown(each.text), style="yellow")) for each in found.for_a_person]
    if rows:
        yield Text()
        yield facts(rows)


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


def _rows(node: SeenNode, after: tuple[str, ...], ahead: str) -> Iterator[tuple[RenderableType, ...]]:
    style = STYLES.get(node.state, "dim")
    others = f"  after {', '.join(after)}" if len(after) > 1 else ""
    others = others if len(others) <= 40 else f"  after {len(after)} nodes"  # noqa: PLR2004 - what a column bears
    label = Text.assemble((ahead, "dim"), (f"{SIGNS.get(node.state, '·')} ", style), node.id, (others, "dim"))
    if node.agent is None:
        yield label, Text(node.state, style=style), "", "", Text(node.kind, style="dim"), "", ""
        return
    attempt = f"{node.attempt} of {node.attempts}" if node.attempt else ""
    cost = money(node.cost_micros) if node.cost_micros else ""
    yield label, Text(node.state, style=style), attempt, node.lane or "", node.agent, _token(node), cost
    if node.reasons:
        why = "; ".join(node.reasons) if node.state == "FAILED" else f"to correct: {'; '.join(node.reasons)}"
        yield Text(f"{' ' * len(ahead)}  ↳ {shown(why)}", style="yellow"), "", "", "", "", "", ""


def _token(node: SeenNode) -> Text:
    if node.token is None:
        return Text("")
    name = node.token.id[-_SHORT:]
    if node.token.state == "live":
        return Text(f"{name} until {clock_time(node.token.expires)}", style="cyan")
    return Text(f"{name} {node.token.state}", style="dim")


def money(micros: int) -> str:
    """Millionths of whatever money it is, as people write it."""
    text = f"{micros // _MICROS}.{micros % _MICROS:06d}".rstrip("0")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"
