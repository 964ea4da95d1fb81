"""Everything that is wrong with a graph, at once: each fault with its code and its place.

What follows from something that is not there (no root, an orphan, a Sub-PAC that is missing, an input that nothing
feeds) is said only where everything that could be it has been read. What is there and wrong is always said.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from psmp.rules.orchestration.flows import flow_faults, schema_faults
from psmp.rules.orchestration.reading import Draft
from psmp.rules.orchestration.scopes import malformed, path_fault, widened, within
from psmp.rules.orchestration.shape import cycles, neighbours, reached
from psmp.words.orchestration.codes import Flaw, GraphFault, Gs
from psmp.words.orchestration.graph import AgentNode, EdgeKind, NodeKind, SubPac
from psmp.words.strict import pointer

EDGES: Final[Mapping[tuple[NodeKind, NodeKind], tuple[EdgeKind, ...]]] = {
    ("ORCH_ROOT", "AGENT_NODE"): ("DEPENDENCY",),
    ("AGENT_NODE", "AGENT_NODE"): ("DEPENDENCY", "DATA_FLOW"),
    ("AGENT_NODE", "SYNC_POINT"): ("BARRIER",),
    ("SYNC_POINT", "SYNC_POINT"): ("BARRIER",),
    ("SYNC_POINT", "AGENT_NODE"): ("DEPENDENCY",),
    ("AGENT_NODE", "AGGREGATION"): ("BARRIER",),
    ("SYNC_POINT", "AGGREGATION"): ("BARRIER",),
    ("AGGREGATION", "TERMINAL"): ("DEPENDENCY",),
}
"""Which edges may lead from which kind of node to which. What is not here may not be."""

ONE_OF: Final[tuple[NodeKind, ...]] = ("ORCH_ROOT", "AGGREGATION", "TERMINAL")


def faults(draft: Draft) -> tuple[GraphFault, ...]:
    """All faults of a graph; none means that it can be run."""
    return (*draft.faults, *(fault for check in _CHECKS for fault in check(draft)))


def _at(*path: str | int) -> str:
    return pointer(path)


def _names(draft: Draft) -> Iterator[GraphFault]:
    pac = draft.pac.pac if draft.pac else None
    if pac is None:
        return
    if draft.maeg is not None and draft.maeg != f"MAEG-{pac}":
        yield GraphFault(Flaw.MAEG_NAME, _at("maeg"), f"the graph of {pac} is called MAEG-{pac}")
    for number, each in draft.sub_pacs.items():
        if each.sub_pac.rpartition("-A")[0] != f"Sub-PAC-{pac}":
            problem = f"a Sub-PAC of {pac} is called Sub-PAC-{pac}-A and a number"
            yield GraphFault(Flaw.SUB_PAC_NAME, _at("sub_pacs", number, "sub_pac"), problem)


def _nodes(draft: Draft) -> Iterator[GraphFault]:
    seen = set[str]()
    for number, name in draft.names.items():
        if name in seen:
            yield GraphFault(Flaw.DOUBLE_NODE, _at("nodes", number, "node"), f"there is a node {name} already")
        seen.add(name)
    kinds = defaultdict[str, list[int]](list)
    for number, each in draft.nodes.items():
        kinds[each.type].append(number)
    for kind in ONE_OF:
        for number in kinds[kind][1:]:
            yield GraphFault(Flaw.SEVERAL_OF_KIND, _at("nodes", number, "type"), f"there is one {kind} already")
    for kind in (*ONE_OF, "AGENT_NODE"):
        if not kinds[kind] and "nodes" not in draft.unread:
            yield GraphFault(Flaw.NO_SUCH_KIND, _at("nodes"), f"there is no {kind}")


def _edges(draft: Draft) -> Iterator[GraphFault]:
    known = set(draft.names.values())
    for number, (origin, to) in draft.pairs.items():
        for key, name in (("from", origin), ("to", to)):
            if name not in known and "names" not in draft.unread:
                yield GraphFault(Flaw.UNKNOWN_NODE, _at("edges", number, key), f"there is no node {name}")
    kinds = {each.node: each.type for each in draft.nodes.values()}
    seen = set[tuple[str, str, str]]()
    for number, edge in draft.edges.items():
        if (key_of := (edge.origin, edge.to, edge.type)) in seen:
            yield GraphFault(Flaw.DOUBLE_EDGE, _at("edges", number), f"there is such a {edge.type} edge already")
        seen.add(key_of)
        one, other = kinds.get(edge.origin), kinds.get(edge.to)
        if one is None or other is None:
            continue
        allowed = EDGES.get((one, other), ())
        if edge.type not in allowed:
            may = f"{' or '.join(allowed)} edges" if allowed else "no edge"
            yield GraphFault(Flaw.EDGE_NOT_ALLOWED, _at("edges", number), f"{may} may lead from {one} to {other}")


def _cycles(draft: Draft) -> Iterator[GraphFault]:
    nodes = list(dict.fromkeys(name for pair in draft.pairs.values() for name in pair))
    ordered = list(dict.fromkeys((*draft.names.values(), *nodes)))
    numbers = {pair: number for number, pair in reversed(list(draft.pairs.items()))}
    for cycle in cycles(ordered, list(numbers)):
        closing = numbers[cycle[-2], cycle[-1]]
        shown = " > ".join(cycle)
        yield GraphFault(Gs.MAEG_CYCLE_DETECTED, _at("edges", closing), f"{shown} is a cycle", cycle)


def _reach(draft: Draft) -> Iterator[GraphFault]:
    """Orphans, to which no way leads from a root, and sinks, from which none leads on."""
    if draft.unread & {"nodes", "edges"}:
        return
    known = set(draft.names.values())
    after = neighbours(known, (pair for pair in draft.pairs.values() if known.issuperset(pair)))
    found = reached((each.node for each in draft.nodes.values() if each.type == "ORCH_ROOT"), after)
    for number, each in draft.nodes.items():
        if each.node not in found:
            yield GraphFault(Flaw.ORPHAN, _at("nodes", number), f"no way leads from the root to {each.node}")
        if not after[each.node] and each.type != "TERMINAL":
            problem = f"no way leads from {each.node} to the aggregation"
            yield GraphFault(Flaw.SEVERAL_SINKS, _at("nodes", number), problem)


def _agents(draft: Draft) -> Iterator[tuple[int, AgentNode]]:
    return ((number, each) for number, each in draft.nodes.items() if isinstance(each, AgentNode))


def _sub_pacs(draft: Draft) -> Iterator[GraphFault]:
    listed, given = Counter[str](), set[str]()
    for number, each in draft.sub_pacs.items():
        listed[each.sub_pac] += 1
        if listed[each.sub_pac] > 1:
            problem = f"there is a {each.sub_pac} already"
            yield GraphFault(Flaw.SUB_PAC_DOUBLE, _at("sub_pacs", number, "sub_pac"), problem)
    for number, agent in _agents(draft):
        place = _at("nodes", number, "sub_pac")
        if agent.sub_pac in given:
            yield GraphFault(Flaw.SUB_PAC_DOUBLE, place, f"{agent.sub_pac} is another node's already")
        given.add(agent.sub_pac)
        if agent.sub_pac not in listed and "sub_pacs" not in draft.unread:
            yield GraphFault(Flaw.SUB_PAC_MISSING, place, f"there is no {agent.sub_pac}")
    if "nodes" not in draft.unread:
        for number, each in draft.sub_pacs.items():
            if each.sub_pac not in given:
                yield GraphFault(Flaw.SUB_PAC_UNUSED, _at("sub_pacs", number), f"no node has {each.sub_pac}")


def _lanes(draft: Draft) -> Iterator[GraphFault]:
    if draft.pac is None:
        return
    lanes = {lane.lane: lane for lane in reversed(draft.pac.lanes)}
    for number, lane in enumerate(draft.pac.lanes):
        if lanes[lane.lane] is not lane:
            place = _at("pac", "lanes", number, "lane")
            yield GraphFault(Flaw.DOUBLE_LANE, place, f"there is a lane {lane.lane} already")
        for index, path in enumerate(lane.paths or ()):
            if fault := path_fault(path):
                yield GraphFault(Flaw.INVALID_PATH, _at("pac", "lanes", number, "paths", index), fault)
    places, home = _places(draft), dict[str, str]()
    for number, agent in _agents(draft):
        at = _at("nodes", number, "lane")
        if agent.lane not in lanes:
            yield GraphFault(Flaw.UNKNOWN_LANE, at, f"{agent.lane} is not among the lanes of the PAC")
            continue
        if home.setdefault(agent.agent, agent.lane) != agent.lane:
            problem = f"{agent.agent} works in {home[agent.agent]} and in no other lane"
            yield GraphFault(Gs.SUB_PAC_LANE_VIOLATION, at, problem)
        limits = lanes[agent.lane].paths
        if limits is not None and agent.sub_pac in places and not any(map(path_fault, limits)):
            yield from _beyond_lane(*places[agent.sub_pac], agent.lane, limits)


def _beyond_lane(number: int, sub_pac: SubPac, lane: str, limits: tuple[str, ...]) -> Iterator[GraphFault]:
    for index, path in enumerate(sub_pac.scope.paths or ()):
        if not path_fault(path) and not within(path, limits):
            place = _at("sub_pacs", number, "scope", "paths", index)
            yield GraphFault(Gs.SUB_PAC_LANE_VIOLATION, place, f"{path} is not among the paths of lane {lane}")


def _places(draft: Draft) -> Mapping[str, tuple[int, SubPac]]:
    return {each.sub_pac: (number, each) for number, each in reversed(list(draft.sub_pacs.items()))}


def _scopes(draft: Draft) -> Iterator[GraphFault]:
    parent = draft.pac.scope if draft.pac else None
    broken = [] if parent is None else list(malformed(parent))
    for path, problem in broken:
        yield GraphFault(_kind_of(path), _at("pac", "scope", *path), problem)
    for number, each in draft.sub_pacs.items():
        own = list(malformed(each.scope))
        for path, problem in own:
            yield GraphFault(_kind_of(path), _at("sub_pacs", number, "scope", *path), problem)
        if parent is not None and not own and not broken:
            for path, problem in widened(parent, each.scope):
                place = _at("sub_pacs", number, "scope", *path)
                yield GraphFault(Gs.SUB_PAC_SCOPE_EXPANSION, place, problem)


def _kind_of(path: tuple[str | int, ...]) -> Flaw:
    return Flaw.INVALID_PATH if path[0] == "paths" else Flaw.INVALID_CONSTRAINT


_CHECKS: Final[tuple[Callable[[Draft], Iterator[GraphFault]], ...]] = (
    _names,
    _nodes,
    _edges,
    _cycles,
    _reach,
    _sub_pacs,
    _lanes,
    _scopes,
    schema_faults,
    flow_faults,
)
