"""What is wrong with the data of a graph: schemas, and edges that carry what is not given or not taken."""

from collections.abc import Iterator, Mapping

from psmp.rules.orchestration.fitting import Fit, fit
from psmp.rules.orchestration.reading import Draft
from psmp.rules.orchestration.schemas import Path, faults_in
from psmp.words.orchestration.codes import Flaw, GraphFault
from psmp.words.orchestration.graph import AgentNode, DataFlowEdge, Schema
from psmp.words.strict import pointer


def schema_faults(draft: Draft) -> Iterator[GraphFault]:
    """Schemas that are none, or that use what is not taken."""
    for number, each in draft.nodes.items():
        if isinstance(each, AgentNode):
            for side, ports in (("inputs", each.inputs), ("outputs", each.outputs)):
                for name, schema in ports.items():
                    for path, problem in faults_in(schema):
                        yield GraphFault(Flaw.SCHEMA_INVALID, pointer(("nodes", number, side, name, *path)), problem)


def flow_faults(draft: Draft) -> Iterator[GraphFault]:
    """Outputs and inputs that are not there, do not fit, or are fed by none or by several."""
    agents = _agents(draft)
    fed = set[tuple[str, str]]()
    for number, edge in draft.edges.items():
        if not isinstance(edge, DataFlowEdge):
            continue
        for output, taken in edge.flows.items():
            place = ("edges", number, "flows", output)
            if (edge.to, taken) in fed:
                yield GraphFault(Flaw.INPUT_FED_TWICE, pointer(place), f"input {taken} of {edge.to} is fed already")
            fed.add((edge.to, taken))
            yield from _port_faults(agents, edge, output, taken, place)
    if "edges" not in draft.unread:
        for number, each in draft.nodes.items():
            for name in each.inputs if isinstance(each, AgentNode) else ():
                if (each.node, name) not in fed:
                    problem = f"no edge feeds input {name} of {each.node}"
                    yield GraphFault(Flaw.INPUT_UNFED, pointer(("nodes", number, "inputs", name)), problem)


def _port_faults(
    agents: Mapping[str, AgentNode], edge: DataFlowEdge, output: str, taken: str, place: Path
) -> Iterator[GraphFault]:
    one, other = agents.get(edge.origin), agents.get(edge.to)
    if one is not None and output not in one.outputs:
        yield GraphFault(Flaw.UNKNOWN_OUTPUT, pointer(place), f"{edge.origin} has no output {output}")
    if other is not None and taken not in other.inputs:
        yield GraphFault(Flaw.UNKNOWN_INPUT, pointer(place), f"{edge.to} has no input {taken}")
    found = _fit(one, other, output, taken)
    if found is not None and found.answer == "MISMATCH":
        problem = f"{found.witness!r:.100} may come and is not taken: {found.reason}"
        yield GraphFault(Flaw.SCHEMA_MISMATCH, pointer(place), problem)


def unproven(draft: Draft) -> Iterator[tuple[str, str]]:
    """The flows of which neither is known, that they fit or that they do not: where, and what the doubt is."""
    agents = _agents(draft)
    for number, edge in draft.edges.items():
        for output, taken in edge.flows.items() if isinstance(edge, DataFlowEdge) else ():
            found = _fit(agents.get(edge.origin), agents.get(edge.to), output, taken)
            if found is not None and found.answer == "UNPROVEN":
                yield pointer(("edges", number, "flows", output)), found.reason


def _fit(one: AgentNode | None, other: AgentNode | None, output: str, taken: str) -> Fit | None:
    """How they fit; None where one of them is not there or is no schema."""
    if one is None or other is None or output not in one.outputs or taken not in other.inputs:
        return None
    given, wanted = one.outputs[output], other.inputs[taken]
    return None if _is_broken(given) or _is_broken(wanted) else fit(given, wanted)


def _is_broken(schema: Schema) -> bool:
    return next(faults_in(schema), None) is not None


def _agents(draft: Draft) -> Mapping[str, AgentNode]:
    return {each.node: each for each in draft.nodes.values() if isinstance(each, AgentNode)}
