"""Graphs of agents for people: what is wrong with one in a file, how one runs, as a tree and as Mermaid."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import clock_time
from psmp.cli.graphs.judging import Judged
from psmp.cli.graphs.seen import Seen, SeenNode
from psmp.cli.pages.layout import facts, table
from psmp.cli.pages.wording import counted, shown

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


def page(found: Seen) -> RenderableType:
    """The graph as a tree, each node below the last one that it waits for."""
    rows = [row for node, label in branches(found) for row in _rows(node, label)]
    listed = table("node", "state", "attempt", "lane", "agent", "token", "cost", rows=rows, tight=("node", "state"))
    return Group(_title(found), Text(), listed, *_ends(found))


def _title(found: Seen) -> Text:
    done = f"  {found.complete} of {counted(found.agents, 'node')} complete, cost {money(found.cost_micros)}"
    state = (found.outcome, STYLES.get(found.outcome, "bold"))
    return Text.assemble((found.maeg, "bold"), "  ", state, done, (f"  graph {found.graph[:_SHORT]}", "dim"))


def _ends(found: Seen) -> Iterator[RenderableType]:
    known = [("root", found.root), ("checkpoint", found.checkpoint), ("given up", found.abandoned)]
    known += [("a person says", f"{', '.join(found.persons)}: failed as often as it may")] if found.persons else []
    known += [("a person agrees", f"a {found.approver} has yet to agree to the whole")] if found.approver else []
    rows = [(name, Text(shown(value))) for name, value in known if value]
    if rows:
        yield Text()
        yield facts(rows)


def branches(found: Seen) -> Iterator[tuple[SeenNode, str]]:
    """Every node once with what stands ahead of it, below the last in graph order of those that it follows."""
    rank = {each.node: place for place, each in enumerate(found.nodes)}
    below: dict[str, list[SeenNode]] = {}
    for each in found.nodes:
        parent = max(each.after, key=rank.__getitem__, default="")
        below.setdefault(parent, []).append(each)
    left = [(each, "", "") for each in reversed(below.get("", []))]
    while left:
        node, ahead, further = left.pop()
        yield node, ahead
        children = below.get(node.node, [])
        deep = len(further) >= 3 * DEEPEST
        for place, child in reversed(list(enumerate(children, 1))):
            last = place == len(children)
            joint, space = ("└─ ", "   ") if last else ("├─ ", "│  ")
            left.append((child, further + joint, further if deep else further + space))


def _rows(node: SeenNode, ahead: str) -> Iterator[tuple[RenderableType, ...]]:
    style = STYLES.get(node.state, "dim")
    others = f"  after {', '.join(node.after)}" if len(node.after) > 1 else ""
    others = others if len(others) <= 40 else f"  after {len(node.after)} nodes"  # noqa: PLR2004 - what a column bears
    label = Text.assemble((ahead, "dim"), (f"{SIGNS.get(node.state, '·')} ", style), node.node, (others, "dim"))
    if not node.agent:
        yield label, Text(node.state, style=style), "", "", Text(node.type, style="dim"), "", ""
        return
    attempt = f"{node.attempt} of {node.attempts}" if node.attempt else ""
    cost = money(node.cost_micros) if node.cost_micros else ""
    yield label, Text(node.state, style=style), attempt, node.lane, node.agent, _token(node), cost
    if node.reason:
        yield Text(f"{' ' * len(ahead)}  ↳ {shown(node.reason)}", style="yellow"), "", "", "", "", "", ""


def _token(node: SeenNode) -> Text:
    if not node.use:
        return Text("")
    if node.use == "live":
        return Text(f"{node.token[-_SHORT:]} until {clock_time(node.until)}", style="cyan")
    return Text(f"{node.token[-_SHORT:]} used", style="dim")


def money(micros: int) -> str:
    """Millionths of whatever money it is, as people write it."""
    text = f"{micros // _MICROS}.{micros % _MICROS:06d}".rstrip("0")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"


def mermaid(found: Seen) -> str:
    """The graph as a Mermaid flow chart, coloured by state."""
    lines = ["flowchart TD"]
    number = {each.node: f"n{place}" for place, each in enumerate(found.nodes)}
    for each in found.nodes:
        left, right = ('["', '"]') if each.agent else ('(["', '"])')
        told = f"<br/>{each.agent}, {each.lane}<br/>{each.state}" if each.agent else f"<br/>{each.type}"
        again = f", attempt {each.attempt}" if each.attempt > 1 else ""
        lines.append(f"    {number[each.node]}{left}{each.node}{told}{again}{right}:::{_class(each.state)}")
    lines += [f"    {number[one]} --> {number[each.node]}" for each in found.nodes for one in each.after]
    lines += [f"    classDef {name} {style}" for name, style in _CLASSES.items()]
    return "\n".join(lines) + "\n"


_CLASSES: Final = {
    "done": "fill:#d3f2d9,stroke:#1a7f37,color:#0b3d1a",
    "failed": "fill:#ffd7d5,stroke:#cf222e,color:#67060c",
    "busy": "fill:#d8ecff,stroke:#0969da,color:#0a3069",
    "waiting": "fill:#f6f8fa,stroke:#8c959f,color:#24292f",
}


def _class(state: str) -> str:
    if state in ("COMPLETE", "PASSED"):
        return "done"
    if state == "FAILED":
        return "failed"
    return "waiting" if state in ("WAITING", "NOT_ISSUED", "ISSUED") else "busy"
