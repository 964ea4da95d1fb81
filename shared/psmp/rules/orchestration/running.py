"""What has become of a run: each Sub-PAC's state, who may start, whose inputs have changed. One step for each fact.

A node has passed when the review of its latest attempt passed; a sync point when all have for which it waits. What
depends on that is counted as it changes, so that a step looks at a node's neighbours and at nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, assert_never, get_args

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.reading import unpacked
from psmp.rules.orchestration.shape import Shape
from psmp.words.envelope import written
from psmp.words.orchestration.checks import Ber, Made, PersonsWord, Verdict
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    Cause,
    CorrectionPack,
    Fact,
    MaegAbandoned,
    MaegApproved,
    MaegCreated,
    NodeFact,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    SubPacStarted,
    SubPacState,
    WrapOrchAccepted,
)

Step = type[NodeFact] | tuple[type[NodeFact], Verdict]

FOLLOWS: Final[Mapping[SubPacState | None, Mapping[Step, SubPacState]]] = MappingProxyType(
    {
        None: {SubPacIssued: "ISSUED"},
        "ISSUED": {SubPacDispatched: "DISPATCHED"},
        "DISPATCHED": {SubPacStarted: "EXECUTING", SubPacFailed: "FAILED", SubPacIssued: "ISSUED"},
        "EXECUTING": {SubPacExecuted: "BER_PENDING", SubPacFailed: "FAILED", SubPacIssued: "ISSUED"},
        "BER_PENDING": {
            (BerAgentGenerated, "PASS"): "PDO_PENDING",
            (BerAgentGenerated, "FAIL"): "FAILED",
            (BerAgentGenerated, "PENDING"): "BER_PENDING",
            SubPacReviewed: "BER_PENDING",
            SubPacIssued: "ISSUED",
        },
        "PDO_PENDING": {PdoAgentFinalized: "COMPLETE", SubPacFailed: "FAILED", SubPacIssued: "ISSUED"},
        "COMPLETE": {SubPacIssued: "ISSUED"},
        "FAILED": {SubPacIssued: "ISSUED"},
    }
)
"""What may follow what, for one Sub-PAC; None is before it was issued."""

PASSED: Final = frozenset({"PDO_PENDING", "COMPLETE"})
STATES: Final[tuple[SubPacState, ...]] = get_args(SubPacState)


def step_of(fact: NodeFact) -> Step:
    """Under what a fact stands in the table."""
    return (BerAgentGenerated, fact.ber.verdict) if isinstance(fact, BerAgentGenerated) else type(fact)


def diagram() -> str:
    """The table as a Mermaid state diagram; the documentation shows exactly this."""
    arrows = (f"    {a or '[*]'} --> {b}: {_label(step)}" for a, row in FOLLOWS.items() for step, b in row.items())
    return "\n".join(("stateDiagram-v2", *arrows, ""))


def _label(step: Step) -> str:
    return f"{step[0].__name__} {step[1]}" if isinstance(step, tuple) else step.__name__


class Said(NamedTuple):
    """The event that a fact is: its id, time and place in the log, and whose word it is."""

    id: str = ""
    time: str = ""
    sequence: int = 0
    actor: str = ""


UNSAID: Final = Said()
"""Of a fact that is only tried."""


class Pass(NamedTuple):
    """The token of an attempt, as far as everybody may know: its id, until when it counts, the key that verifies it."""

    id: str
    until: str
    key: str


class Stop(NamedTuple):
    """Why an attempt will give no result, though nobody has said yet that it failed."""

    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Work:
    """One node's latest attempt; ``failures`` are of all. It was dispatched with ``values``, hashed as ``inputs``.

    ``correction`` is what was wrong with the attempt before.
    ``fence`` is the slot that it was ``started`` under; ``result`` what its agent reported, at ``executed``;
    ``declared`` are the artifacts that it has made in any attempt; ``words`` are what persons said of the result, one
    for each role. It is in its state ``since`` then; ``spent_micros`` are of all its attempts that were reviewed.
    """

    state: SubPacState | None = None
    attempt: int = 0
    failures: int = 0
    inputs: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    ber: Ber | None = None
    made: tuple[Made, ...] = ()
    pdo: str | None = None
    cause: Cause | None = None
    reason: str = ""
    correction: CorrectionPack | None = None
    token: Pass | None = None
    fence: int = 0
    started: str = ""
    executed: str = ""
    result: SubPacExecuted | None = None
    declared: tuple[str, ...] = ()
    words: tuple[PersonsWord, ...] = ()
    stopped: Stop | None = None
    since: str = ""
    spent_micros: int = 0


UNISSUED: Final = Work()


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one graph, which began with event ``created``.

    # Invariant: ``waits`` counts each node's predecessors that have not passed. ``ready`` are the issued nodes that
    # wait for none, ``stale`` those whose inputs are not any more what they were dispatched with, ``failed``,
    # ``pending``, ``dispatched`` and ``executed`` those in FAILED, PDO_PENDING, DISPATCHED and BER_PENDING;
    # ``complete`` counts those in COMPLETE. ``stopped`` are those whose slot
    # has ended without a result. ``aggregated`` is the sequence of the aggregation. ``packed`` is the graph as it came,
    # ``latest`` the last event that changed anything.
    """

    shape: Shape
    packed: str = ""
    work: Mapping[str, Work] = field(default_factory=dict)
    waits: Mapping[str, int] = field(default_factory=dict)
    ready: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    dispatched: frozenset[str] = frozenset()
    executed: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    complete: int = 0
    spent_micros: int = 0
    created: Said = UNSAID
    latest: Said = UNSAID
    root: str | None = None
    aggregated: int = 0
    approved: str = ""
    checkpoint: str | None = None
    abandoned: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done: it is neither settled nor given up."""
        return self.checkpoint is None and self.abandoned is None

    def of(self, node: str) -> Work:
        """What has become of an agent node."""
        return self.work.get(node, UNISSUED)

    def has_passed(self, node: str) -> bool:
        """Whether whoever waits for ``node`` waits for it no longer."""
        if node in self.shape.agents:
            return self.of(node).state in PASSED
        return not self.waits[node]

    def unmet(self, node: str) -> tuple[str, ...]:
        """The predecessors of ``node`` that have not passed."""
        return tuple(each for each in self.shape.before[node] if not self.has_passed(each))

    def inputs(self, node: str) -> Mapping[str, Any] | None:
        """What the edges give to ``node`` now; None while a source has not passed."""
        feeds = self.shape.feeds.get(node, {})
        if not all(self.has_passed(feed.node) for feed in feeds.values()):
            return None
        return {name: self.work[feed.node].outputs[feed.output] for name, feed in feeds.items()}

    @property
    def is_complete(self) -> bool:
        """Whether every node's outcome is final, on inputs that still hold."""
        return self.complete == len(self.shape.agents) and not self.stale


def begun(shape: Shape, packed: str = "") -> Run:
    """A run of which nothing is said yet but its graph: the root has passed, nobody is issued."""
    run = Run(shape, packed, waits={node: len(each) for node, each in shape.before.items()})
    waits = dict(run.waits)
    _spread(shape, waits, (node for node in shape.order if not waits[node]), -1)
    return replace(run, waits=waits)


def evolve(run: Run | None, fact: Fact, said: Said = UNSAID) -> Run:
    """The run after a fact that may be (see ``psmp.rules.orchestration.deciding``), which is the event ``said``."""
    if isinstance(fact, MaegCreated):
        return replace(begun(unpacked(fact.packed), fact.packed), created=said, latest=said)
    if run is None:
        raise ValueError("a run begins with its graph")
    match fact:
        case PdoOrchAggregated():
            return replace(run, root=fact.root, aggregated=said.sequence, latest=said)
        case MaegApproved():
            return replace(run, approved=said.actor, latest=said)
        case WrapOrchAccepted():
            return replace(run, checkpoint=fact.checkpoint, latest=said)
        case MaegAbandoned():
            return replace(run, abandoned=fact.reason, latest=said)
        case _:
            return _worked(run, fact, said)


def stopped(run: Run, node: str, attempt: int, stop: Stop, said: Said = UNSAID) -> Run:
    """The run after the slot of an attempt has ended; nothing where that attempt is not at work."""
    work = run.of(node)
    if (work.state, work.attempt) != ("EXECUTING", attempt):
        return run
    ended = {**run.work, node: replace(work, stopped=stop)}
    return replace(run, work=ended, stopped=run.stopped | {node}, latest=said)


def declared(run: Run, node: str, attempt: int, artifact: str, said: Said = UNSAID) -> Run:
    """The run after an attempt has declared an artifact."""
    work = run.of(node)
    if work.attempt != attempt or artifact in work.declared:
        return run
    made = {**run.work, node: replace(work, declared=(*work.declared, artifact))}
    return replace(run, work=made, latest=said)


def _worked(run: Run, fact: NodeFact, said: Said) -> Run:
    node, old = fact.node, run.of(fact.node)
    new = _next(run, old, fact, said)
    if (new.state, new.attempt) != (old.state, old.attempt):
        new = replace(new, since=said.time)
    work = {**run.work, node: new}
    waits, touched = run.waits, {node}
    passes = (new.state in PASSED) - (old.state in PASSED)
    if passes:
        waits = dict(waits)
        touched |= _spread(run.shape, waits, [node], -passes)
    ready = {each for each in touched if each in work and work[each].state == "ISSUED" and not waits[each]}
    after = replace(
        run,
        work=work,
        waits=waits,
        ready=run.ready - touched | ready,
        failed=_kept(run.failed, node, keep=new.state == "FAILED"),
        pending=_kept(run.pending, node, keep=new.state == "PDO_PENDING"),
        dispatched=_kept(run.dispatched, node, keep=new.state == "DISPATCHED"),
        executed=_kept(run.executed, node, keep=new.state == "BER_PENDING"),
        stopped=_kept(run.stopped, node, keep=new.stopped is not None),
        complete=run.complete + (new.state == "COMPLETE") - (old.state == "COMPLETE"),
        spent_micros=run.spent_micros + _spent(fact),
        latest=said,
    )
    return replace(after, stale=_stale(after, (node, *run.shape.fed[node]) if passes > 0 else (node,)))


def _spent(fact: NodeFact) -> int:
    """What an attempt has cost, once its review is more than pending."""
    return fact.cost_micros if isinstance(fact, BerAgentGenerated) and fact.ber.verdict != "PENDING" else 0


def _next(run: Run, old: Work, fact: NodeFact, said: Said) -> Work:
    state = FOLLOWS[old.state][step_of(fact)]
    match fact:
        case SubPacIssued():
            kept = Work(state, fact.attempt, old.failures, declared=old.declared, spent_micros=old.spent_micros)
            return replace(kept, correction=fact.correction)
        case SubPacDispatched():
            token = _pass(fact, said)
            return replace(old, state=state, inputs=fact.inputs, values=run.inputs(fact.node) or {}, token=token)
        case SubPacStarted():
            return replace(old, state=state, fence=said.sequence, started=said.time)
        case SubPacExecuted():
            return replace(old, state=state, outputs=fact.outputs, result=fact, executed=said.time, stopped=None)
        case SubPacFailed():
            failures = old.failures + 1
            return replace(old, state=state, cause=fact.cause, reason=fact.reason, failures=failures, stopped=None)
        case SubPacReviewed():
            word = PersonsWord(by=said.actor, role=fact.role, agrees=fact.agrees, reason=fact.reason)
            return replace(old, state=state, words=(*old.words, word))
        case BerAgentGenerated():
            failures = old.failures + (state == "FAILED")
            spent = old.spent_micros + _spent(fact)
            return replace(old, state=state, ber=fact.ber, made=fact.made, failures=failures, spent_micros=spent)
        case PdoAgentFinalized():
            return replace(old, state=state, pdo=fact.pdo)
        case never:
            assert_never(never)


def _pass(fact: SubPacDispatched, said: Said) -> Pass | None:
    if fact.token is None or not said.time:
        return None
    until = datetime.fromisoformat(said.time) + timedelta(seconds=fact.token.seconds)
    return Pass(said.id, written(until), fact.token.key)


def _spread(shape: Shape, waits: dict[str, int], passing: Iterable[str], change: int) -> set[str]:
    """Counts for those behind what has passed (-1) or has not any more (+1), through gates; whom it touches."""
    touched, fronts = set[str](), list(passing)
    while fronts:
        for each in shape.after[fronts.pop()]:
            touched.add(each)
            was = waits[each]
            waits[each] += change
            if each not in shape.agents and (not was or not waits[each]):
                fronts.append(each)
    return touched


def _kept(names: frozenset[str], node: str, *, keep: bool) -> frozenset[str]:
    if keep is (node in names):
        return names
    return names | {node} if keep else names - {node}


def _stale(run: Run, nodes: Iterable[str]) -> frozenset[str]:
    """The nodes with changed inputs, where those of ``nodes`` may be others than before; what is not known stays."""
    stale = set(run.stale)
    for node in nodes:
        work = run.of(node)
        if work.inputs is None:
            stale.discard(node)
        elif (values := run.inputs(node)) is not None:
            (stale.discard if digest(values) == work.inputs else stale.add)(node)
    return run.stale if stale == run.stale else frozenset(stale)
