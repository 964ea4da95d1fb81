"""Proves the settlement of graphs from records alone: no server, and nobody's word but the rules and the log.

That the records are what was signed is for the auditor (step 1 of ``psmp maeg verify``). Of each graph in them holds:

2. every fact of it may follow on those before it: nobody ran before its predecessors passed, every review follows from
   its findings, and nothing of a node changed once all outcomes were aggregated;
3. each outcome (PDO) is the hash over its node's inputs, outputs, review and declarations;
4. there is one PDO-ORCH, over all outcomes in graph order: each is proved to stand under its root (RFC 6962);
5. there is one WRAP, of that root and behind it, and of nothing less than the whole;
6. the checkpoint that the WRAP names is among those that were signed, and covers the aggregation.

Behind a flaw it goes on with what should stand there, or with nothing where nothing should, and tells all that it can.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules.lifecycle import WORKING
from psmp.rules.orchestration.deciding import denied
from psmp.rules.orchestration.running import Run, evolve
from psmp.rules.orchestration.settling import aggregation, is_included, outcome, proofs, settlement
from psmp.rules.project import Project
from psmp.rules.project import evolve as evolve_project
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import MaegAbandoned, PdoAgentFinalized, PdoOrchAggregated, SlotGranted, WrapOrchAccepted
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.codes import Denied
from psmp.words.orchestration.facts import Fact, RunEvent, SubPacStarted, Wrap
from psmp.words.strict import Malformed

State = Literal["OPEN", "SETTLED", "ABANDONED"]
_PRUNED: Final = b'{"pruned":'


@dataclass(frozen=True, slots=True)
class Flaw:
    """What does not hold, the step that tells, and the record (its number in the log) at which it shows."""

    step: int
    record: int
    problem: str


class Found(NamedTuple):
    """A flaw, and what should stand in place of the fact; None: nothing."""

    flaw: Flaw
    instead: Fact | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of a graph. ``outcomes`` are proved to stand under ``root``; ``flaws`` is empty where all holds.

    ``wrap`` is the record of the WRAP, ``wrapped`` what it settles.
    """

    project: str
    maeg: str
    state: State = "OPEN"
    outcomes: int = 0
    root: str = ""
    wrap: int = 0
    checkpoint: str = ""
    wrapped: Wrap | None = None
    flaws: tuple[Flaw, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is settled and everything about that holds."""
        return self.state == "SETTLED" and not self.flaws


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of one project's records.

    ``pruned`` says why nothing can be known any more, ``broken`` why records that hold cannot be what PSMP wrote.
    """

    project: str
    graphs: tuple[Proved, ...] = ()
    pruned: str = ""
    broken: str = ""


@dataclass
class Prover:
    """Reads one project's records, in their order. ``signed`` are the checkpoints of its log, as a WRAP names them."""

    key: ProjectKey
    signed: frozenset[str]
    found: dict[str, Proved] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._view = View(self.key, replace(PROJECT_FOLD, evolve=self._evolve))
        self._instead: Fact | Literal["same"] | None = "same"

    def all(self, bodies: Iterable[bytes]) -> Proof:
        """What came of them. Where a flaw leaves nothing that what comes next could follow on, nothing more is told."""
        pruned = broken = ""
        for number, body in enumerate(bodies, 1):
            if body.startswith(_PRUNED):
                pruned = f"of record {number} the hash alone is left: retention has pruned what graphs were made of"
                break
            try:
                self._judge(number, body)
                self._view.advance(Record(number, self.key, "", body))
            except (Damaged, Malformed) as error:
                if not any(each.flaws for each in self.found.values()):
                    broken = f"record {number}: {error}"
                break
        return Proof(str(self.key), tuple(self.found.values()), pruned, broken)

    def _judge(self, number: int, body: bytes) -> None:
        """What a record says of a graph, before it is taken in."""
        event, self._instead = open_event(body).data, "same"
        if isinstance(event, SlotGranted) and (bound := event.assignment):
            self._step(number, SubPacStarted(maeg=bound.maeg, node=bound.node, attempt=bound.attempt))
        elif isinstance(event, RunEvent):
            self._step(number, event)

    def _evolve(self, project: Project | None, envelope: EventEnvelope) -> Project | None:
        """The project after a record, or after what should stand there instead."""
        event, instead = envelope.data, self._instead
        if instead == "same" or project is None:
            return evolve_project(project, envelope)
        if isinstance(event, SlotGranted):
            bare = event.model_copy(update={"assignment": None})
            return evolve_project(project, envelope.model_copy(update={"data": bare}))
        if instead is None:
            return replace(project, sequence=envelope.sequence, time=envelope.time)
        return evolve_project(project, envelope.model_copy(update={"data": instead}))

    def _step(self, number: int, fact: Fact) -> None:
        state = self._view.state
        run = state.runs.get(fact.maeg) if state else None
        known = self.found.setdefault(fact.maeg, Proved(str(self.key), fact.maeg))
        blocked = state is not None and state.state not in WORKING
        found = self._flaw(number, fact, run) or _out_of_turn(number, run, fact, blocked=blocked)
        if found is not None:
            self.found[fact.maeg] = known = replace(known, flaws=(*known.flaws, found.flaw))
            self._instead = found.instead
            if found.instead is None:
                return
            fact = found.instead
        match fact:
            case PdoOrchAggregated():
                count = len(run.shape.agents) if run else 0
                self.found[fact.maeg] = replace(known, root=fact.root, outcomes=count)
            case WrapOrchAccepted():
                whole = settlement(evolve(run, fact)) if run else None
                wrapped = whole if isinstance(whole, Wrap) else None
                self.found[fact.maeg] = replace(
                    known, state="SETTLED", wrap=number, checkpoint=fact.checkpoint, wrapped=wrapped
                )
            case MaegAbandoned():
                self.found[fact.maeg] = replace(known, state="ABANDONED")

    def _flaw(self, number: int, fact: Fact, run: Run | None) -> Found | None:
        """Steps 3 to 6; None for facts that they are not about, and for what step 2 tells."""
        match fact:
            case PdoAgentFinalized() if run is not None and run.of(fact.node).state == "PDO_PENDING":
                expected = outcome(run, fact.node)
                if fact.pdo != expected:  # 3
                    flaw = Flaw(3, number, f"the outcome of {fact.node} is {expected}, not {fact.pdo}")
                    return Found(flaw, fact.model_copy(update={"pdo": expected}))
            case PdoOrchAggregated() if run is not None:
                return _aggregated(number, run, fact)
            case WrapOrchAccepted() if run is not None:
                return _settled(number, run, fact) or self._covered(number, run, fact)
        return None

    def _covered(self, number: int, run: Run, fact: WrapOrchAccepted) -> Found | None:
        """Step 6."""
        if fact.checkpoint not in self.signed:
            why = f"nobody whose key is trusted has signed a checkpoint {fact.checkpoint}"
            return Found(Flaw(6, number, why), fact)
        size = int(fact.checkpoint.partition(" ")[0])
        if size < run.aggregated:
            why = f"its checkpoint covers {size} records, the aggregation is record {run.aggregated}"
            return Found(Flaw(6, number, why), fact)
        return None


def _out_of_turn(number: int, run: Run | None, fact: Fact, *, blocked: bool) -> Found | None:
    """Step 2."""
    no = denied(run, fact, blocked=blocked)
    return None if no is None else Found(Flaw(2, number, f"{type(fact).__name__} may not stand here: {no.reason}"))


def _aggregated(number: int, run: Run, fact: PdoOrchAggregated) -> Found | None:
    """Step 4."""
    if run.root is not None:
        return Found(Flaw(4, number, "all outcomes are aggregated a second time"))
    orch = aggregation(run)
    if isinstance(orch, Denied):
        return Found(Flaw(4, number, orch.reason))
    right, size = fact.model_copy(update={"root": orch.root}), len(orch.children)
    for place, (child, proof) in enumerate(zip(orch.children, proofs(orch), strict=True)):
        if not is_included(child.pdo, place, size, proof, fact.root):
            why = f"the outcome of {child.node} does not stand under root {fact.root}"
            return Found(Flaw(4, number, why), right)
    return None


def _settled(number: int, run: Run, fact: WrapOrchAccepted) -> Found | None:
    """Step 5."""
    if run.checkpoint is not None:
        return Found(Flaw(5, number, "the whole is settled a second time"))
    if run.root is None:
        return Found(Flaw(5, number, "it is settled before all outcomes are aggregated"))
    if fact.root == run.root:
        return None
    right = fact.model_copy(update={"root": run.root})
    return Found(Flaw(5, number, f"it settles root {fact.root}, not {run.root}"), right)
