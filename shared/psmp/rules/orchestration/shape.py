"""A graph as who waits for whom: its order, its neighbours, its cycles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from psmp.words.orchestration.graph import AgentNode, DataFlowEdge, Maeg, SubPac

Neighbours = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Feed:
    """Where one input comes from: the node and its output."""

    node: str
    output: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph that can be run.

    # Invariant: ``order`` has every node behind all its predecessors, and of those that could come next always the one
    # that stands first in the document. ``agents`` are the agent nodes in that order, ``sub_pacs``
    # theirs, ``nodes_of`` the nodes of each agent. Neighbours are named once.
    """

    graph: Maeg
    order: tuple[str, ...]
    rank: Mapping[str, int]
    before: Neighbours
    after: Neighbours
    agents: Mapping[str, AgentNode]
    sub_pacs: Mapping[str, SubPac]
    feeds: Mapping[str, Mapping[str, Feed]]
    fed: Neighbours
    nodes_of: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, graph: Maeg) -> "Shape":
        """The shape of a graph without faults."""
        nodes = [each.node for each in graph.nodes]
        pairs = [(edge.origin, edge.to) for edge in graph.edges]
        before, after = neighbours(nodes, ((to, origin) for origin, to in pairs)), neighbours(nodes, pairs)
        order = ordered(nodes, before, after)
        by_name = {each.node: each for each in graph.nodes}
        agents = {node: agent for node in order if isinstance(agent := by_name[node], AgentNode)}
        sub_pacs = {each.sub_pac: each for each in graph.sub_pacs}
        flows = [edge for edge in graph.edges if isinstance(edge, DataFlowEdge)]
        feeds: dict[str, dict[str, Feed]] = {}
        for edge in flows:
            for output, taken in edge.flows.items():
                feeds.setdefault(edge.to, {})[taken] = Feed(edge.origin, output)
        return cls(
            graph,
            order,
            {node: rank for rank, node in enumerate(order)},
            before,
            after,
            agents,
            {node: sub_pacs[agent.sub_pac] for node, agent in agents.items()},
            feeds,
            neighbours(nodes, ((edge.origin, edge.to) for edge in flows)),
            _nodes_of(agents),
        )


def _nodes_of(agents: Mapping[str, AgentNode]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node, agent in agents.items():
        found.setdefault(agent.agent, []).append(node)
    return {agent: tuple(nodes) for agent, nodes in found.items()}


def neighbours(nodes: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Neighbours:
    """For each node its neighbours by ``pairs``, each once, in the order in which they come."""
    found: dict[str, dict[str, None]] = {node: {} for node in nodes}
    for one, other in pairs:
        found[one][other] = None
    return {node: tuple(each) for node, each in found.items()}


def ordered(nodes: Sequence[str], before: Neighbours, after: Neighbours) -> tuple[str, ...]:
    """The nodes behind their predecessors, as early in the document first; those on and behind a cycle are left out."""
    place = {node: number for number, node in enumerate(nodes)}
    waits = {node: len(each) for node, each in before.items()}
    free = [place[node] for node, count in waits.items() if not count]
    heapify(free)
    order = []
    while free:
        node = nodes[heappop(free)]
        order.append(node)
        for each in after[node]:
            waits[each] -= 1
            if not waits[each]:
                heappush(free, place[each])
    return tuple(order)


def cycles(nodes: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Cycles that have no node in common, so many that every other one meets one of them; first node again last."""
    place = {node: number for number, node in enumerate(nodes)}
    left, found = list(nodes), list[tuple[str, ...]]()
    while True:
        inside = set(left)
        kept = [(one, other) for one, other in pairs if one in inside and other in inside]
        before, after = neighbours(left, ((other, one) for one, other in kept)), neighbours(left, kept)
        settled = set(ordered(left, before, after))
        left = [node for node in left if node not in settled]
        if not left:
            return found
        cycle = _walk_back(left[0], before, inside - settled)
        first = cycle.index(min(cycle, key=place.__getitem__))
        found.append((*cycle[first:], *cycle[:first], cycle[first]))
        left = [node for node in left if node not in cycle]


def _walk_back(start: str, before: Neighbours, inside: set[str]) -> list[str]:
    """A cycle, found by going from predecessor to predecessor: whoever is left has one that is left."""
    path, at = dict[str, None](), start
    while at not in path:
        path[at] = None
        at = next(each for each in before[at] if each in inside)
    trail = list(path)
    return trail[trail.index(at) :][::-1]


def reached(start: Iterable[str], after: Neighbours) -> set[str]:
    """All nodes to which a way leads from ``start``, and these."""
    found = set(start)
    new = list(found)
    while new:
        fresh = [each for each in after[new.pop()] if each not in found]
        found.update(fresh)
        new += fresh
    return found
