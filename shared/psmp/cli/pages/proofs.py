"""What is proved of graphs in a bundle."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.graphs.bundled import Found
from psmp.cli.graphs.proving import Proved
from psmp.cli.pages import audit
from psmp.cli.pages.layout import facts, indented
from psmp.cli.pages.wording import counted, shown


def page(found: Found, graphs: Sequence[Proved]) -> RenderableType:
    """The record first; then each graph with what is proved of its settlement, or what does not hold."""
    parts: list[RenderableType] = [audit.audited(found.record)]
    for each in graphs:
        parts += [Text(), *_graph(each)]
    for proof in found.proofs:
        if proof.broken:
            parts.append(Text.assemble(("✗ ", "bold red"), f"{shown(proof.project)}: {shown(proof.broken)}"))
        if proof.pruned:
            parts.append(Text.assemble(("· ", "dim"), f"{shown(proof.project)}: {shown(proof.pruned)}"))
    if found.holds and not any(each.state == "SETTLED" for each in graphs):
        parts.append(Text("nothing is settled in it: there is no WRAP to prove", style="yellow"))
    return Group(*parts)


def _graph(graph: Proved) -> Iterator[RenderableType]:
    name = (f"{shown(graph.maeg)} of {shown(graph.project)}", "bold")
    if graph.flaws:
        yield Text.assemble(("✗ ", "bold red"), name)
        for flaw in graph.flaws:
            yield indented(Text(f"step {flaw.step}, record {flaw.record}: {shown(flaw.problem)}", style="red"))
        return
    if graph.state != "SETTLED":
        yield Text.assemble(("· ", "dim"), name, f"  {graph.state}: not settled, and nothing in it is out of turn")
        return
    size = graph.checkpoint.partition(" ")[0]
    yield Text.assemble(("✓ ", "green"), name, "  settled once, and as a whole")
    outcomes = f"{counted(graph.outcomes, 'outcome')} recomputed, each proved to stand under the root"
    proofs = (("root", graph.root), ("PDO-ORCH", outcomes), ("WRAP", f"one, record {graph.wrap}, of this root"))
    yield indented(facts([*((one, Text(other)) for one, other in proofs), ("checkpoint", _covers(size))]))


def _covers(size: str) -> Text:
    return Text(f"signed over {size} records, the aggregation among them")
