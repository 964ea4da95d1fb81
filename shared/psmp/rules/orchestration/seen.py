"""A run told to whoever asks, as an ``Orchestration``: the command line, the API and the dashboard show this."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from psmp.rules.orchestration.deciding import awaited
from psmp.rules.orchestration.running import Run, Work
from psmp.rules.orchestration.settling import graph_hash, proofs, settlement
from psmp.rules.orchestration.waiting import waited_for
from psmp.words.ids import Id
from psmp.words.orchestration.checks import Finding
from psmp.words.orchestration.codes import Denied
from psmp.words.orchestration.graph import AgentNode, DataFlowEdge, Gate
from psmp.words.orchestration.seen import (
    Barrier,
    NodeState,
    Orchestration,
    OrchestrationLine,
    Outcome,
    Proven,
    SeenEdge,
    SeenNode,
    SeenReview,
    SeenToken,
    Settled,
    Settlement,
)


def line(project: Id, run: Run) -> OrchestrationLine:
    """A graph of a project as a list has it."""
    return OrchestrationLine(**_line(project, run))


def seen(project: Id, run: Run) -> Orchestration:
    """A graph of a project with all its nodes."""
    graph, kinds = run.shape.graph, {each.node: each for each in run.shape.graph.nodes}
    nodes = (kinds[node] for node in run.shape.order)
    return Orchestration(
        **_line(project, run),
        graph_digest=graph_hash(run),
        nodes=tuple(_node(run, each) if isinstance(each, AgentNode) else _gate(run, each) for each in nodes),
        edges=tuple(
            SeenEdge(
                source=each.origin,
                target=each.to,
                kind=each.type,
                carries=each.flows if isinstance(each, DataFlowEdge) else {},
            )
            for each in graph.edges
        ),
        barriers=tuple(_barriers(run)),
        approver=graph.pac.approver,
        approved_by=run.approved or None,
        root=run.root,
        wrap=_wrap(run),
        abandoned=run.abandoned,
    )


def settled(project: Id, run: Run) -> Settlement | Denied:
    """The settlement of a graph with a proof for each outcome, or that there is none (GS_206)."""
    wrap = settlement(run)
    if isinstance(wrap, Denied):
        return wrap
    children = zip(wrap.pdo_orch.children, proofs(wrap.pdo_orch), strict=True)
    return Settlement(
        project=project,
        wrap=wrap,
        sequence=run.latest.sequence,
        time=run.latest.time,
        proofs=tuple(
            Proven(node=child.node, index=index, pdo=child.pdo, proof=proof)
            for index, (child, proof) in enumerate(children)
        ),
    )


def _line(project: Id, run: Run) -> dict[str, Any]:
    pac = run.shape.graph.pac
    return {
        "id": run.shape.graph.maeg,
        "project": project,
        "pac": pac.pac,
        "title": pac.title,
        "state": _outcome(run),
        "sequence": run.latest.sequence,
        "time": run.latest.time,
        "created": run.created.time,
        "created_by": run.created.actor or None,
        "agents": len(run.shape.agents),
        "complete": run.complete,
        "failed": len(run.failed),
        "cost_micros": run.spent_micros,
        "for_a_person": tuple(waited_for(run)) if run.is_open else (),
    }


def _outcome(run: Run) -> Outcome:
    if run.checkpoint is not None:
        return "SETTLED"
    return "ABANDONED" if run.abandoned is not None else "AGGREGATED" if run.root else "OPEN"


def _gate(run: Run, gate: Gate) -> SeenNode:
    state: NodeState = "PASSED" if _is_open(run, gate) else "WAITING"
    return SeenNode(id=gate.node, kind=gate.type, state=state, waits_for=run.unmet(gate.node))


def _is_open(run: Run, gate: Gate) -> bool:
    """Of the aggregation and the end is asked what was written, of other gates who has passed before them."""
    passed = {"AGGREGATION": run.root is not None, "TERMINAL": run.checkpoint is not None}
    return passed.get(gate.type, run.has_passed(gate.node))


def _node(run: Run, agent: AgentNode) -> SeenNode:
    work = run.of(agent.node)
    return SeenNode(
        id=agent.node,
        kind="AGENT_NODE",
        state=work.state or "NOT_ISSUED",
        waits_for=run.unmet(agent.node),
        agent=agent.agent,
        agent_name=agent.agent_name,
        lane=agent.lane,
        sub_pac=agent.sub_pac,
        task=run.shape.sub_pacs[agent.node].task,
        attempt=work.attempt,
        attempts=run.shape.graph.pac.attempts,
        failures=work.failures,
        cost_micros=work.spent_micros,
        since=work.since,
        token=_token(work),
        review=_review(run, agent.node, work),
        reasons=_reasons(work),
        stale=agent.node in run.stale,
        artifacts=work.declared,
        pdo=work.pdo,
    )


def _token(work: Work) -> SeenToken | None:
    if work.token is None:
        return None
    state: Literal["live", "used", "expired"] = "live" if work.state == "DISPATCHED" else "used"
    if work.cause == "TOKEN_EXPIRED":
        state = "expired"
    return SeenToken(id=work.token.id, state=state, expires=work.token.until)


def _review(run: Run, node: str, work: Work) -> SeenReview | None:
    if work.ber is None:
        return None
    roles = tuple(check.role for check in awaited(run, node)) if work.state == "BER_PENDING" else ()
    return SeenReview(verdict=work.ber.verdict, findings=work.ber.findings, words=work.words, waits_for=roles)


def _reasons(work: Work) -> tuple[str, ...]:
    if work.state == "FAILED":
        found = _texts(work.ber.findings) if work.ber else ()
        return found or _texted(": ".join(filter(None, (work.cause, work.reason))))
    if work.state == "COMPLETE" or work.correction is None:
        return ()
    return _texts(work.correction.findings) or _texted(work.correction.reason)


def _texts(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(each.text for each in findings if each.verdict != "PASS" and each.text)


def _texted(reason: str) -> tuple[str, ...]:
    return (reason,) if reason else ()


def _barriers(run: Run) -> Iterator[Barrier]:
    for each in run.shape.graph.nodes:
        if isinstance(each, Gate) and each.type in ("SYNC_POINT", "AGGREGATION"):
            of = len(run.shape.before[each.node])
            passed = of - len(run.unmet(each.node))
            yield Barrier(node=each.node, of=of, passed=passed, open=_is_open(run, each))


def _wrap(run: Run) -> Settled | None:
    if run.root is None or run.checkpoint is None:
        return None
    last = run.latest
    return Settled(root=run.root, checkpoint=run.checkpoint, sequence=last.sequence, time=last.time)
