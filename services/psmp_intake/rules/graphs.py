"""What becomes of a graph of agents that is submitted, and of what people say of one that runs."""

from typing import Final, assert_never

from psmp.rules.lifecycle import OPEN
from psmp.rules.orchestration.deciding import correction, denied, reissued
from psmp.rules.orchestration.faults import faults
from psmp.rules.orchestration.reading import graph_digest, opened
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.settling import aggregation
from psmp.rules.project import Project
from psmp.words.commands import AbandonMaeg, ApproveMaeg, CorrectSubPac, ReviewSubPac, SubmitMaeg
from psmp.words.events import MaegAbandoned, MaegApproved, MaegCreated, SubPacReviewed
from psmp.words.faulted import MOST_FAULTS, FaultTold
from psmp.words.orchestration.codes import Denied, GraphFault
from psmp.words.orchestration.facts import Fact
from psmp.words.refusals import Code, Gs, Refused
from psmp_intake.rules.state import Decision, closed, ungoverned

Wish = SubmitMaeg | ApproveMaeg | AbandonMaeg | ReviewSubPac | CorrectSubPac

_FIRST_TOLD: Final = 5
"""So many faults stand in the sentence of a refusal; all are beside it."""


def decide(project: Project, agent: str, wish: Wish) -> Decision:
    """What becomes of it: whoever governs the project may do it, and nobody judges what is its own."""
    if refused := ungoverned(project, agent):
        return refused
    if isinstance(wish, SubmitMaeg):
        return closed(project) or _submitted(project, wish)
    run = project.runs.get(wish.maeg)
    if run is None:
        return Refused(Code.UNKNOWN_GRAPH, f"there is no graph {wish.maeg} in the project", "submit it first")
    match wish:
        case ApproveMaeg():
            return _approved(run, agent, wish)
        case AbandonMaeg():
            event = MaegAbandoned(maeg=wish.maeg, reason=wish.reason)
            return _told(denied(run, event)) or event
        case ReviewSubPac() | CorrectSubPac():
            return _of_node(project, run, agent, wish)
        case never:
            assert_never(never)


def _submitted(project: Project, wish: SubmitMaeg) -> Decision:
    draft = opened(wish.graph)
    found, graph = faults(draft), draft.graph
    if found or graph is None:
        return _faulty(found)
    if graph.maeg in project.runs:
        return Refused(Code.GRAPH_EXISTS, f"{graph.maeg} is registered already", "give the assignment (pac) a new id")
    return MaegCreated(
        maeg=graph.maeg,
        pac=graph.pac.pac,
        graph=graph_digest(graph),
        nodes=sum(node.type == "AGENT_NODE" for node in graph.nodes),
        packed=wish.graph,
    )


def _faulty(found: tuple[GraphFault, ...]) -> Refused:
    """Every fault at once, with its place; under the code of the first that the model has one for."""
    code = next((each.code for each in found if isinstance(each.code, Gs)), Code.INVALID_GRAPH)
    first = "; ".join(str(each)[:200] for each in found[:_FIRST_TOLD])
    more = f"; and {len(found) - _FIRST_TOLD} more" if len(found) > _FIRST_TOLD else ""
    told = tuple(
        FaultTold(code=each.code, pointer=each.pointer[:500], problem=each.problem[:500], cycle=each.cycle or None)
        for each in found[:MOST_FAULTS]
    )
    reason = f"{len(found)} {'fault' if len(found) == 1 else 'faults'}: {first}{more}"
    return Refused(code, reason, "mend every one of them and submit it again; nothing was registered", faults=told)


def _approved(run: Run, agent: str, wish: ApproveMaeg) -> Decision:
    if agent in run.shape.nodes_of:
        return _own(agent, wish.maeg)
    orch = aggregation(run)
    if isinstance(orch, Denied):
        return _refused(orch)
    event = MaegApproved(maeg=wish.maeg, root=orch.root, reason=wish.reason)
    return _told(denied(run, event)) or event


def _of_node(project: Project, run: Run, agent: str, wish: ReviewSubPac | CorrectSubPac) -> Decision:
    node = run.shape.agents.get(wish.node)
    if node is None:
        return Refused(Code.UNKNOWN_GRAPH, f"{wish.maeg} has no agent node {wish.node}", "look at its graph")
    if node.agent == agent:
        return _own(agent, wish.node)
    if project.phase not in OPEN:
        return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}; nothing is done in it", "")
    event: SubPacReviewed | Fact
    if isinstance(wish, CorrectSubPac):
        event = reissued(run, wish.node, correction(run.of(wish.node), by=agent, reason=wish.reason))
    else:
        attempt = run.of(wish.node).attempt or 1
        event = SubPacReviewed(
            maeg=wish.maeg,
            node=wish.node,
            attempt=attempt,
            role=wish.role,
            agrees=wish.agrees,
            reason=wish.reason,
        )
    return _told(denied(run, event)) or event


def _own(agent: str, what: str) -> Refused:
    return Refused(Code.NOT_ALLOWED, f"{agent} has worked on {what} itself", "another person has to judge it")


def _told(denial: Denied | None) -> Refused | None:
    return _refused(denial) if denial is not None else None


def _refused(denial: Denied) -> Refused:
    return Refused(denial.code, denial.reason, denial.hint or "look at how the graph stands")
