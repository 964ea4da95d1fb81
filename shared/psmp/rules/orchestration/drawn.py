"""A graph drawn as a flow chart of Mermaid, its nodes coloured by their state."""

from collections.abc import Mapping
from typing import Final

from psmp.words.orchestration.seen import NodeState, Orchestration, SeenEdge, SeenNode

_STYLES: Final[Mapping[str, str]] = {
    "done": "fill:#d3f2d9,stroke:#1a7f37,color:#0b3d1a",
    "failed": "fill:#ffd7d5,stroke:#cf222e,color:#67060c",
    "busy": "fill:#d8ecff,stroke:#0969da,color:#0a3069",
    "waiting": "fill:#f6f8fa,stroke:#8c959f,color:#24292f",
}
_CLASSES: Final[Mapping[NodeState, str]] = {
    "COMPLETE": "done",
    "PASSED": "done",
    "FAILED": "failed",
    "WAITING": "waiting",
    "NOT_ISSUED": "waiting",
    "ISSUED": "waiting",
}
"""What is not here is at work."""


def mermaid(found: Orchestration) -> str:
    """The graph; what data an edge carries stands at it."""
    number = {each.id: f"n{place}" for place, each in enumerate(found.nodes)}
    lines = ["flowchart TD", *(f"    {number[each.id]}{_node(each)}" for each in found.nodes)]
    lines += [f"    {number[each.source]} {_arrow(each)} {number[each.target]}" for each in found.edges]
    lines += [f"    classDef {name} {style}" for name, style in _STYLES.items()]
    return "\n".join(lines) + "\n"


def _node(of: SeenNode) -> str:
    kind = _CLASSES.get(of.state, "busy")
    if of.agent is None:
        return f'(["{of.id}<br/>{of.kind}"]):::{kind}'
    again = f", attempt {of.attempt}" if of.attempt > 1 else ""
    return f'["{of.id}<br/>{of.agent}, {of.lane}<br/>{of.state}{again}"]:::{kind}'


def _arrow(of: SeenEdge) -> str:
    return f'-->|"{", ".join(of.carries)}"|' if of.carries else "-->"
