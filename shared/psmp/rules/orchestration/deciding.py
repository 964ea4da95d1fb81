"""What may happen next in a run, what the orchestrator itself has to do, and what only a person can."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.review import doubted
from psmp.rules.orchestration.running import FOLLOWS, Run, Work, step_of
from psmp.rules.orchestration.settling import aggregation, outcome
from psmp.rules.orchestration.shape import Shape, reached
from psmp.words.orchestration.checks import HumanCheck
from psmp.words.orchestration.codes import Denied, Gs
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    CorrectionPack,
    Due,
    Fact,
    MaegAbandoned,
    MaegApproved,
    MaegCreated,
    NodeFact,
    PdoAgentFinalized,
    PdoOrch,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    SubPacStarted,
    WrapOrchAccepted,
)
from psmp.words.refusals import Code


def denied(run: Run | None, fact: Fact, *, blocked: bool = False) -> Denied | None:
    """Why a fact may not be now; None when it may. ``blocked``: the project is, so nothing is dispatched."""
    if isinstance(fact, MaegCreated):
        return None if run is None else _out_of_turn("this graph is registered")
    if run is None:
        return _out_of_turn("no graph is registered")
    if run.abandoned is not None:
        return _out_of_turn(f"{run.shape.graph.maeg} was given up: {run.abandoned}")
    match fact:
        case PdoOrchAggregated():
            return _denied_aggregation(run, fact)
        case WrapOrchAccepted():
            return _denied_wrap(run, fact)
        case MaegApproved():
            return _denied_approval(run, fact)
        case MaegAbandoned():
            return None if run.is_open else Denied(Gs.WRAP_PARTIAL_EXECUTION, "the whole is settled already")
        case _ if run.root is not None:
            return _out_of_turn("all outcomes are aggregated; nothing of them is changed any more")
        case _:
            return _denied_of_node(run, fact, blocked=blocked)


def _out_of_turn(reason: str) -> Denied:
    return Denied(Code.ILLEGAL_TRANSITION, reason)


def _denied_aggregation(run: Run, fact: PdoOrchAggregated) -> Denied | None:
    if run.root is not None:
        return _out_of_turn("all outcomes are aggregated already")
    orch = aggregation(run)
    if isinstance(orch, Denied):
        return orch
    right = (fact.maeg, fact.root) == (orch.maeg, orch.root)
    return None if right else Denied(Gs.PDO_ORCH_INCOMPLETE, "that is not the root over all outcomes")


def _denied_wrap(run: Run, fact: WrapOrchAccepted) -> Denied | None:
    if run.root is None:
        return Denied(Gs.WRAP_PARTIAL_EXECUTION, "not all outcomes are aggregated")
    if run.checkpoint is not None:
        return Denied(Gs.WRAP_PARTIAL_EXECUTION, "the whole is settled already")
    if needs_approval(run):
        return Denied(Gs.WRAP_PARTIAL_EXECUTION, f"a {run.shape.graph.pac.approver} has yet to agree")
    right = (fact.maeg, fact.root) == (run.shape.graph.maeg, run.root)
    return None if right else Denied(Gs.WRAP_PARTIAL_EXECUTION, "that is not the root over all outcomes")


def needs_approval(run: Run) -> bool:
    """Whether a person has yet to agree that the whole is settled."""
    return run.shape.graph.pac.approver is not None and not run.approved


def _denied_approval(run: Run, fact: MaegApproved) -> Denied | None:
    if run.checkpoint is not None:
        return Denied(Gs.WRAP_PARTIAL_EXECUTION, "the whole is settled already")
    orch = aggregation(run)
    if isinstance(orch, Denied):
        return orch
    if run.root is None or run.approved:
        return _out_of_turn(f"{run.approved} has agreed already" if run.approved else "it is being aggregated")
    return None if fact.root == run.root else _out_of_turn("that is not the root over all outcomes")


def _denied_of_node(run: Run, fact: NodeFact, *, blocked: bool) -> Denied | None:
    if fact.node not in run.shape.agents:
        return _out_of_turn(f"{fact.node} is no agent node of this graph")
    work = run.of(fact.node)
    if step_of(fact) not in FOLLOWS[work.state]:
        return _out_of_turn(f"{fact.node} is {work.state or 'not issued'}")
    if isinstance(fact, SubPacIssued):
        return _denied_issue(run, work, fact)
    if fact.attempt != work.attempt:
        return _out_of_turn(f"attempt {fact.attempt} of {fact.node} is not the one that counts")
    match fact:
        case SubPacDispatched():
            return _denied_dispatch(run, fact, blocked=blocked)
        case SubPacStarted():
            unmet = run.unmet(fact.node)
            return Denied(Gs.DISPATCH_DEPENDENCY_UNMET, waits(fact.node, unmet)) if unmet else None
        case SubPacExecuted() | SubPacFailed():
            return None
        case SubPacReviewed():
            return _denied_word(run, work, fact)
        case BerAgentGenerated():
            return _denied_review(run, work, fact)
        case PdoAgentFinalized():
            right = fact.pdo == outcome(run, fact.node) and fact.node not in run.stale
            return None if right else _out_of_turn(f"that is not the outcome of {fact.node}")
        case never:
            assert_never(never)


def _denied_issue(run: Run, work: Work, fact: SubPacIssued) -> Denied | None:
    if fact.sub_pac != run.shape.agents[fact.node].sub_pac:
        return _out_of_turn(f"the Sub-PAC of {fact.node} is {run.shape.agents[fact.node].sub_pac}")
    if fact.attempt != work.attempt + 1:
        return _out_of_turn(f"attempt {fact.attempt} of {fact.node} is not the next one")
    if work.state is None:
        again = fact.correction is not None or bool(fact.changed)
        return _out_of_turn("there is nothing to correct yet") if again else None
    if fact.correction is None:
        right = fact.node in run.stale and fact.changed and fact.changed == _changed(run, fact.node)
        return None if right else _out_of_turn(f"the inputs of {fact.node} have not changed so")
    if fact.correction.by is not None:
        return None if work.state in {"FAILED", "PDO_PENDING", "COMPLETE"} else _out_of_turn(f"{fact.node} is at work")
    may = work.state == "FAILED" and not _is_exhausted(run, work)
    return None if may else _out_of_turn(f"only a person can have {fact.node} done again")


def _denied_review(run: Run, work: Work, fact: BerAgentGenerated) -> Denied | None:
    unmet = run.unmet(fact.node)
    if unmet:
        return Denied(Gs.BER_DEPENDENCY_UNMET, waits(fact.node, unmet))
    doubt = doubted(run.shape, fact.node, work.outputs, fact.ber)
    return _out_of_turn(doubt) if doubt else None


def _denied_word(run: Run, work: Work, fact: SubPacReviewed) -> Denied | None:
    unmet = run.unmet(fact.node)
    if unmet:
        return Denied(Gs.BER_DEPENDENCY_UNMET, waits(fact.node, unmet))
    roles = [each.role for each in run.shape.agents[fact.node].checks if isinstance(each, HumanCheck)]
    if fact.role not in roles:
        asked = f"it waits for a {' and a '.join(roles)}" if roles else "it waits for nobody"
        return _out_of_turn(f"no {fact.role} is asked about {fact.node}; {asked}")
    spoken = next((word.by for word in work.words if word.role == fact.role), None)
    said = f"{spoken} has spoken on {fact.node} already, as a {fact.role}"
    return _out_of_turn(said) if spoken else None


def _denied_dispatch(run: Run, fact: SubPacDispatched, *, blocked: bool) -> Denied | None:
    if blocked:
        return Denied(Code.PROJECT_BLOCKED, "the project is blocked; nothing is dispatched")
    unmet = run.unmet(fact.node)
    if unmet:
        return Denied(Gs.DISPATCH_DEPENDENCY_UNMET, waits(fact.node, unmet))
    return None if fact.inputs == digest(run.inputs(fact.node)) else _out_of_turn("these are not its inputs")


def waits(node: str, unmet: tuple[str, ...]) -> str:
    """That a node waits, and for whom."""
    return f"{node} waits for {', '.join(unmet)}"


def _is_exhausted(run: Run, work: Work) -> bool:
    return work.failures >= run.shape.graph.pac.attempts


def due(run: Run, *, blocked: bool = False) -> tuple[Due, ...]:
    """What the orchestrator has to say now, in graph order; each may be said, and none makes another impossible.

    Of what is ``blocked`` nothing is dispatched, and the whole is not aggregated.

    Starts, results, failures and reviews are not here: they come from outside. Nor is the settlement, which needs a
    checkpoint of the ledger.
    """
    if run.root is not None:
        return ()
    facts: tuple[Due, ...] = tuple(_issues(run)) or (*(() if blocked else _dispatches(run)), *_outcomes(run))
    if facts or blocked or not run.is_complete:
        return facts
    orch = aggregation(run)
    return (PdoOrchAggregated(maeg=orch.maeg, root=orch.root),) if isinstance(orch, PdoOrch) else ()


def _in_order(run: Run, nodes: Iterable[str]) -> list[str]:
    return sorted(nodes, key=run.shape.rank.__getitem__)


def _issues(run: Run) -> Iterator[SubPacIssued]:
    agents, work, maeg = run.shape.agents, run.work, run.shape.graph.maeg
    if len(work) < len(agents):
        yield from (
            SubPacIssued(maeg=maeg, node=node, sub_pac=agent.sub_pac, attempt=1)
            for node, agent in agents.items()
            if node not in work
        )
    for node in _in_order(run, run.failed | run.stale):
        old = work[node]
        if node in run.stale:
            changed = _changed(run, node)
            if not changed or any(feed.node in run.stale for feed in run.shape.feeds[node].values()):
                continue  # what it will be given is not known yet
            yield reissued(run, node, changed=changed)
        elif not _is_exhausted(run, old):
            yield reissued(run, node, correction(old))


def reissued(
    run: Run, node: str, correction: CorrectionPack | None = None, *, changed: tuple[str, ...] = ()
) -> SubPacIssued:
    """The order to do a node again."""
    sub_pac, attempt = run.shape.agents[node].sub_pac, run.of(node).attempt + 1
    maeg = run.shape.graph.maeg
    return SubPacIssued(maeg=maeg, node=node, sub_pac=sub_pac, attempt=attempt, correction=correction, changed=changed)


def correction(work: Work, *, by: str | None = None, reason: str = "") -> CorrectionPack:
    """The order to do a node again: what its review found wrong, or why the attempt failed otherwise."""
    findings = tuple(each for each in work.ber.findings if each.verdict != "PASS") if work.ber else ()
    return CorrectionPack(findings=findings, cause=work.cause, by=by, reason=reason or work.reason)


def _changed(run: Run, node: str) -> tuple[str, ...]:
    """The inputs that are not any more what they were at the dispatch of ``node``; none while that is not known."""
    now, then = run.inputs(node) or {}, run.work[node].values
    return tuple(name for name in now if digest(now[name]) != digest(then[name]))


def _dispatches(run: Run) -> Iterator[SubPacDispatched]:
    for node in _in_order(run, run.ready):
        attempt, inputs = run.work[node].attempt, digest(run.inputs(node))
        yield SubPacDispatched(maeg=run.shape.graph.maeg, node=node, attempt=attempt, inputs=inputs)


def _outcomes(run: Run) -> Iterator[PdoAgentFinalized]:
    for node in _in_order(run, run.pending - run.stale):
        attempt = run.work[node].attempt
        yield PdoAgentFinalized(maeg=run.shape.graph.maeg, node=node, attempt=attempt, pdo=outcome(run, node))


def awaited(run: Run, node: str) -> tuple[HumanCheck, ...]:
    """The declared checks of a node's result on which nobody of their role has spoken yet."""
    spoken = {word.role for word in run.of(node).words}
    declared = (check for check in run.shape.agents[node].checks if isinstance(check, HumanCheck))
    return tuple(check for check in declared if check.role not in spoken)


def for_a_person(run: Run) -> tuple[str, ...]:
    """The nodes that have failed as often as they may: a person has to say what becomes of them."""
    return tuple(_in_order(run, (node for node in run.failed - run.stale if _is_exhausted(run, run.work[node]))))


def held_up(run: Run) -> tuple[str, ...]:
    """The nodes that cannot start, since somewhere before them one has failed."""
    behind = reached(run.failed, run.shape.after) - run.failed
    return tuple(node for node in run.shape.agents if node in behind and run.waits[node])


def may_change(shape: Shape, node: str) -> tuple[str, ...]:
    """Who at most is to be done again after a correction of ``node``: it, and all to whom its data may come."""
    found = reached([node], shape.fed)
    return tuple(each for each in shape.agents if each in found)
