"""Documents of graphs: one to be broken in every way, and any number at random."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from psmp.rules.orchestration.faults import faults
from psmp.rules.orchestration.reading import draft
from psmp.rules.orchestration.shape import Shape

Document = dict[str, Any]
NUMBER = {"type": "integer"}


def agent(number: int, *, takes: Sequence[str] = (), **said: Any) -> Document:
    node = {
        "node": f"n{number}",
        "type": "AGENT_NODE",
        "agent": f"agent-{number}",
        "agent_name": f"Agent {number}",
        "lane": "code",
        "sub_pac": f"Sub-PAC-P1-A{number}",
        "outputs": {"out": NUMBER},
    }
    return node | ({"inputs": dict.fromkeys(takes, NUMBER)} if takes else {}) | said


def waits(origin: str, to: str, kind: str = "DEPENDENCY") -> Document:
    return {"from": origin, "to": to, "type": kind}


def flows(origin: str, to: str, **ports: str) -> Document:
    return {"from": origin, "to": to, "type": "DATA_FLOW", "flows": ports}


def document(nodes: Sequence[Document], edges: Sequence[Document], **pac: Any) -> Document:
    """A whole document: a root before, an aggregation and an end behind what is given."""
    subs = [{"sub_pac": node["sub_pac"], "task": "do it"} for node in nodes if "sub_pac" in node]
    ends = [{"node": "all", "type": "AGGREGATION"}, {"node": "end", "type": "TERMINAL"}]
    return {
        "version": "1.0.0",
        "maeg": "MAEG-P1",
        "pac": {"pac": "P1", "lanes": [{"lane": "code"}, {"lane": "docs"}], **pac},
        "nodes": [{"node": "root", "type": "ORCH_ROOT"}, *nodes, *ends],
        "sub_pacs": subs,
        "edges": [*edges, waits("all", "end")],
    }


def fan(**pac: Any) -> Document:
    """Two that start at once, a sync point behind both, one behind that which takes what both gave."""
    return document(
        [agent(1), agent(2), {"node": "sync", "type": "SYNC_POINT"}, agent(3, takes=("one", "two"))],
        [
            waits("root", "n1"),
            waits("root", "n2"),
            waits("n1", "sync", "BARRIER"),
            waits("n2", "sync", "BARRIER"),
            waits("sync", "n3"),
            flows("n1", "n3", out="one"),
            flows("n2", "n3", out="two"),
            waits("n3", "all", "BARRIER"),
        ],
        **pac,
    )


def shape(of: Document) -> Shape:
    read = draft(of)
    assert read.graph is not None, read.faults
    assert faults(read) == ()
    return Shape.of(read.graph)


def node_of(of: Document, name: str) -> Document:
    return next(each for each in of["nodes"] if each["node"] == name)


def found(of: object) -> list[tuple[str, str]]:
    """The faults of a document, as code and place."""
    return [(str(each.code), each.pointer) for each in faults(draft(of))]


@st.composite
def documents(draw: st.DrawFn, most: int = 7, least: int = 1) -> Document:
    """Random graphs: agents in a shuffled order, edges of every kind forwards, sync points now and then."""
    count = draw(st.integers(least, most))
    before: Mapping[int, list[int]] = {
        number: sorted(draw(st.sets(st.integers(1, number - 1), max_size=3))) if number > 1 else []
        for number in range(1, count + 1)
    }
    nodes, edges = list[Document](), list[Document]()
    for number, others in before.items():
        name, takes = f"n{number}", list[str]()
        gate = len(others) > 1 and draw(st.booleans())
        if gate:
            nodes.append({"node": f"s{number}", "type": "SYNC_POINT"})
            edges += [waits(f"n{each}", f"s{number}", "BARRIER") for each in others]
            edges.append(waits(f"s{number}", name))
        for each in others:
            if draw(st.booleans()):
                takes.append(f"in{each}")
                edges.append(flows(f"n{each}", name, out=f"in{each}"))
            elif not gate:
                edges.append(waits(f"n{each}", name))
        if not others:
            edges.append(waits("root", name))
        nodes.append(agent(number, takes=takes))
    leading = {edge["from"] for edge in edges}
    edges += [waits(f"n{number}", "all", "BARRIER") for number in before if f"n{number}" not in leading]
    return document(draw(st.permutations(nodes)), draw(st.permutations(edges)))
