"""What is answered about a graph of agents that is sent: everything that is wrong with it at once, or what it is."""

from typing import Annotated

from pydantic import Field

from psmp.graphs.judging import Judged
from psmp.rules.orchestration.reading import graph_digest
from psmp.words.faulted import MOST_FAULTS
from psmp.words.ids import Digest
from psmp.words.orchestration.codes import Gs
from psmp.words.orchestration.graph import Maeg, MaegId, PacId
from psmp.words.refusals import Code
from psmp.words.values import LongText, Short, Word
from psmp_gateway.rules.problems import Error, Problem, problem

_FIRST_TOLD = 5
"""So many faults stand in the sentence; all are beside it."""


class Doubt(Word):
    """A flow of which is not known whether what is given is taken; the graph may be submitted."""

    pointer: str
    detail: str
    line: int
    column: int


class GraphJudged(Word):
    """A graph that can be submitted, and what of it is not proved."""

    id: MaegId
    pac: PacId
    graph_digest: Digest
    agents: Annotated[int, Field(description="How many agent nodes it has.")]
    edges: int
    doubts: tuple[Doubt, ...] = ()


class GraphReview(Word):
    """A person's word on the result of a node that waits for one of that role."""

    role: Short
    agrees: bool
    reason: Annotated[LongText, Field(min_length=1)]


def told(graph: Maeg, judged: Judged) -> GraphJudged:
    """What is said of a graph without faults."""
    return GraphJudged(
        id=graph.maeg,
        pac=graph.pac.pac,
        graph_digest=graph_digest(graph),
        agents=sum(each.type == "AGENT_NODE" for each in graph.nodes),
        edges=len(graph.edges),
        doubts=tuple(
            Doubt(pointer=each.pointer, detail=each.problem, line=each.place.line, column=each.place.column)
            for each in judged.doubts
        ),
    )


def faulty(judged: Judged) -> Problem:
    """Every fault with its place, under the code of the first that the model has one for, as intake refuses it."""
    found = [each.fault for each in judged.faults]
    code = next((each.code for each in found if isinstance(each.code, Gs)), Code.INVALID_GRAPH)
    first = "; ".join(str(each)[:200] for each in found[:_FIRST_TOLD])
    more = f"; and {len(found) - _FIRST_TOLD} more" if len(found) > _FIRST_TOLD else ""
    errors = tuple(
        Error(
            pointer=each.fault.pointer,
            detail=each.fault.problem,
            code=str(each.fault.code),
            line=each.place.line,
            column=each.place.column,
            cycle=each.fault.cycle or None,
        )
        for each in judged.faults[:MOST_FAULTS]
    )
    detail = f"{len(found)} {'fault' if len(found) == 1 else 'faults'}: {first}{more}"
    return problem(code, detail, "mend every one of them and send it again; nothing was registered", errors=errors)
