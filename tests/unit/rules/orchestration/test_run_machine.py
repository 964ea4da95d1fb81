"""A run of which anything may be said at any time: what may not be is refused, and there is always a way to the end.

After every step all that could be said is tried, the right and the wrong, and held against ``Told``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.deciding import correction, denied, due, for_a_person, needs_approval
from psmp.rules.orchestration.review import case, review
from psmp.rules.orchestration.running import Run, Said, evolve
from psmp.rules.orchestration.settling import inclusion, is_included, outcome, settlement
from psmp.rules.orchestration.stored import kept, restored
from psmp.words.orchestration.checks import Evidence, PersonsWord
from psmp.words.orchestration.facts import (
    FACTS,
    BerAgentGenerated,
    Fact,
    MaegAbandoned,
    MaegApproved,
    NodeFact,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    SubPacStarted,
    Wrap,
    WrapOrchAccepted,
)
from tests.unit.rules.orchestration.graphs import Document, documents, fan
from tests.unit.rules.orchestration.play import AT_WORK, BAD, FINE, created
from tests.unit.rules.orchestration.told import WRONG, Told, has_passed

MAEG = "MAEG-P1"
AGREED = Evidence(words=(PersonsWord(by="ann", role="lead", agrees=True, reason="good"),))
HUMAN = {"check": "HUMAN_REVIEW", "role": "lead", "seconds": 300}
MOST = 300
SEEDS = st.integers(0, 2**32)
ANN = Said(actor="ann")
REGISTERED = created(fan())


@st.composite
def governed(draw: st.DrawFn) -> Document:
    """A random graph; persons may have to review a result, and to agree to the whole."""
    of = draw(documents(4, least=3))
    for node in of["nodes"]:
        if "agent" in node and draw(st.integers(0, 3)) == 0:
            node["checks"] = [HUMAN]
    of["pac"] |= {"attempts": draw(st.integers(1, 2)), **draw(st.sampled_from([{}, {"approver": "lead"}]))}
    return of


def sayable(run: Run, told: Told) -> Iterator[Fact]:
    """All that could be said, right or wrong, of the attempt that counts, of the one before and of the next."""
    for node, agent in run.shape.agents.items():
        now = told.attempt(node)
        for attempt in range(max(1, now - 1), now + 2):
            yield from _of_node(run, told, node, attempt)
        for each in {1, now, now + 1, now + 2} - {0}:
            issue = SubPacIssued(maeg=MAEG, node=node, sub_pac=agent.sub_pac, attempt=each)
            work = run.of(node)
            yield issue
            yield issue.model_copy(update={"changed": told.changed(node) or ("one",)})
            yield issue.model_copy(update={"correction": correction(work)})
            yield issue.model_copy(update={"correction": correction(work, by="ann")})
    for root in (run.root or told.root(), WRONG):
        yield PdoOrchAggregated(maeg=MAEG, root=root)
        yield MaegApproved(maeg=MAEG, root=root, reason="good")
        yield WrapOrchAccepted(maeg=MAEG, root=root, checkpoint="7")
    yield REGISTERED
    yield MaegAbandoned(maeg=MAEG, reason="no more")


def _of_node(run: Run, told: Told, node: str, attempt: int) -> Iterator[Fact]:
    work = run.of(node)
    for inputs in (digest(told.given(node) or {}), WRONG):
        yield SubPacDispatched(maeg=MAEG, node=node, attempt=attempt, inputs=inputs)
    yield SubPacStarted(maeg=MAEG, node=node, attempt=attempt)
    for out in (1, 2, "wrong"):
        yield SubPacExecuted(maeg=MAEG, node=node, attempt=attempt, fence=1, outputs={"out": out})
    yield SubPacFailed(maeg=MAEG, node=node, attempt=attempt, cause="AGENT_SILENT")
    yield SubPacReviewed(maeg=MAEG, node=node, attempt=attempt, role="lead", agrees=True)
    yield BerAgentGenerated(
        maeg=MAEG, node=node, attempt=attempt, ber=review(case(run.shape, node, {"out": 1}, AGREED))
    )
    if attempt == work.attempt:
        yield from (_review(run, node, attempt, evidence) for evidence in (FINE, AGREED))
        bad = _review(run, node, attempt, BAD)
        yield bad
        yield bad.model_copy(update={"ber": bad.ber.model_copy(update={"verdict": "PASS"})})
    for pdo in (outcome(run, node) if work.state else WRONG, WRONG):
        yield PdoAgentFinalized(maeg=MAEG, node=node, attempt=attempt, pdo=pdo)


def _review(run: Run, node: str, attempt: int, evidence: Evidence) -> BerAgentGenerated:
    ber = review(case(run.shape, node, run.of(node).outputs, evidence))
    return BerAgentGenerated(maeg=MAEG, node=node, attempt=attempt, ber=ber)


class Orchestrating(RuleBasedStateMachine):
    """One run, and what was told of it."""

    @initialize(of=governed(), seed=SEEDS, begun=st.integers(2, 8))
    def register(self, of: Document, seed: int, begun: int) -> None:
        self.first = created(of)
        self.run = evolve(None, self.first, ANN)
        self.told = Told(self.run.shape)
        self.tried: tuple[int, tuple[Fact, ...]] = (-1, ())
        self.chance = Random(seed)
        self.get_on(begun)

    def say(self, *facts: Fact, blocked: bool = False) -> None:
        for fact in facts:
            assert denied(self.run, fact, blocked=blocked) is None, fact
            self.run = evolve(self.run, fact, ANN)
            self.told.say(fact)
            self.what_may_not_be_is_refused_and_what_may_be_is_not()

    def what_may_not_be_is_refused_and_what_may_be_is_not(self) -> None:
        for fact in self.sayable():
            for blocked in (False, True) if isinstance(fact, SubPacDispatched) else (False,):
                refused = denied(self.run, fact, blocked=blocked)
                assert (refused is None) == self.may(fact, blocked=blocked), (fact, refused)
                assert refused is None or refused.reason

    def due(self, *, blocked: bool = False) -> Sequence[Fact]:
        """What the orchestrator has to say, which is asked about runs that are open."""
        return due(self.run, blocked=blocked) if self.run.is_open else ()

    def sayable(self) -> Sequence[Fact]:
        if self.tried[0] != len(self.told.facts):
            self.tried = len(self.told.facts), tuple(sayable(self.run, self.told))
        return self.tried[1]

    def lawful(self, *kinds: type[Fact]) -> list[Fact]:
        return [fact for fact in self.sayable() if isinstance(fact, kinds) and self.may(fact)]

    def may(self, fact: Fact, *, blocked: bool = False) -> bool:
        return self.told.may(fact, blocked=blocked)

    @rule(seed=SEEDS, most=st.integers(2, 6))
    def something_happens(self, seed: int, most: int) -> None:
        """Now this, now that, by chance and not by what Hypothesis likes best: else it goes the same few ways."""
        self.chance = Random(seed)
        for _ in range(most):
            self.chance.choice(
                (*[self.get_on] * 4, *[self.done_again] * 4, self.orchestrate, self.work, self.anything)
            )()

    def orchestrate(self) -> None:
        """The orchestrator says what is due, or dies before it has said all of it."""
        blocked = self.chance.random() < 0.3
        self.say(*self.due(blocked=blocked)[: self.chance.randint(1, 9)], blocked=blocked)

    def get_on(self, more: int = 2) -> None:
        """Nothing is amiss: agents work, their results pass; what comes then is where it gets difficult."""
        for _ in range(more):
            self.say(*self.due())
            if found := self.at_work():
                self.say(self.step(self.chance.choice(found)))
        self.say(*self.due())

    def work(self) -> None:
        """One step of an agent, a review or a reviewer, for good or ill."""
        if found := self.lawful(SubPacStarted, SubPacExecuted, SubPacFailed, BerAgentGenerated, SubPacReviewed):
            self.say(self.chance.choice(found))

    def anything(self) -> None:
        """Whatever may be, by anybody."""
        found = [fact for fact in self.lawful(*FACTS) if not isinstance(fact, MaegAbandoned | WrapOrchAccepted)]
        if found:
            self.say(self.chance.choice(found))

    def done_again(self) -> None:
        """A person has something done again, others go by it already, and it gives something else then."""
        issues = (each for each in self.lawful(SubPacIssued) if isinstance(each, SubPacIssued))
        found = [each for each in issues if each.correction and each.correction.by]
        if not found:
            return
        again = self.chance.choice([each for each in found if self.is_taken_up(each.node)] or found)
        self.say(again)
        for _ in range(self.chance.choice([0, 0, 1, 3, 4, 5, 5])):
            words = self.lawful(SubPacDispatched, PdoAgentFinalized)
            own = [each for each in words if isinstance(each, NodeFact) and each.node == again.node]
            self.say(*own)
            if not own and again.node in self.at_work():
                self.say(self.step(again.node, out=2))

    def is_taken_up(self, node: str) -> bool:
        return any(self.run.of(each).state not in {None, "ISSUED"} for each in self.run.shape.fed[node])

    @precondition(lambda self: self.run.root is not None)
    @rule()
    def settle(self) -> None:
        self.say(*self.lawful(WrapOrchAccepted))

    @precondition(lambda self: self.run.is_open)
    @rule(surely=st.integers(0, 9))
    def give_up(self, surely: int) -> None:
        if not surely:
            self.say(MaegAbandoned(maeg=MAEG, reason="no more"))

    @invariant()
    def at_most_one_dispatch_of_a_node_lets_anybody_start_and_none_before_its_predecessors(self) -> None:
        alive = Counter[str]()
        for each in self.told.facts:
            if not isinstance(each, SubPacDispatched):
                continue
            start = SubPacStarted(maeg=MAEG, node=each.node, attempt=each.attempt)
            alive[each.node] += denied(self.run, start) is None
            assert not alive[each.node] or self.told.free(each.node)
        assert not alive or max(alive.values()) <= 1

    @invariant()
    def whatever_is_due_may_be_said_and_nothing_is_forgotten(self) -> None:
        for blocked in (False, True):
            run, facts = self.run, self.due(blocked=blocked)
            for fact in facts:
                assert denied(run, fact, blocked=blocked) is None, fact
                run = evolve(run, fact)
            if not facts and self.run.is_open:
                own = (SubPacDispatched, PdoAgentFinalized, *(() if blocked else (PdoOrchAggregated,)))
                assert not any(self.may(fact, blocked=blocked) for fact in self.lawful(*own))

    @invariant()
    def a_settlement_implies_every_proof_and_is_the_last_word(self) -> None:
        assert len(self.told.all(WrapOrchAccepted)) <= 1
        wrap = settlement(self.run)
        assert isinstance(wrap, Wrap) == bool(self.told.all(WrapOrchAccepted))
        if not isinstance(wrap, Wrap):
            return
        assert proved(wrap, self.told)
        assert all(denied(self.run, fact) for fact in self.sayable()), "there is none after it"

    @invariant()
    def a_snapshot_of_any_moment_is_all_of_it(self) -> None:
        assert restored(kept(self.run)) == self.run

    def teardown(self) -> None:
        """From here there is a way to the settlement, by persons where need be; unless it was given up."""
        if not hasattr(self, "run"):
            return
        for _ in range(MOST):
            if not self.run.is_open:
                break
            self.say(*(self.due() or self.next_word()))
        self.a_settlement_implies_every_proof_and_is_the_last_word()
        assert bool(self.told.all(MaegAbandoned)) or isinstance(settlement(self.run), Wrap), "there is always a way"
        told = None
        for fact in (self.first, *self.told.facts):
            told = evolve(told, type(fact).model_validate_json(fact.model_dump_json()), ANN)
        assert told == self.run, "told again it is the same"

    def next_word(self) -> Sequence[Fact]:
        """What agents, reviews and persons say next, where all means well."""
        if found := self.at_work():
            return (self.step(found[0]),)
        for node in for_a_person(self.run):
            attempt, sub_pac = self.run.of(node).attempt + 1, self.run.shape.agents[node].sub_pac
            pack = correction(self.run.of(node), by="ann")
            return (SubPacIssued(maeg=MAEG, node=node, sub_pac=sub_pac, attempt=attempt, correction=pack),)
        assert self.run.root is not None, "neither the orchestrator nor an agent nor a person has anything to do"
        if needs_approval(self.run):
            return (MaegApproved(maeg=MAEG, root=self.run.root, reason="good"),)
        return (WrapOrchAccepted(maeg=MAEG, root=self.run.root, checkpoint="7"),)

    def at_work(self) -> list[str]:
        """The nodes of which the next word is an agent's, or a review."""
        run = self.run
        open_ = [node for node, work in run.work.items() if work.state in AT_WORK and run.is_open]
        return [node for node in open_ if run.of(node).state == "EXECUTING" or self.told.free(node)]

    def step(self, node: str, out: int = 1) -> Fact:
        """That word, where all means well."""
        work = self.run.of(node)
        if work.state == "DISPATCHED":
            return SubPacStarted(maeg=MAEG, node=node, attempt=work.attempt)
        if work.state == "EXECUTING":
            return SubPacExecuted(maeg=MAEG, node=node, attempt=work.attempt, fence=1, outputs={"out": out})
        return _review(self.run, node, work.attempt, AGREED)


def proved(wrap: Wrap, told: Told) -> bool:
    """Whether every node's latest attempt passed its review and stands under the root, once."""
    size = len(wrap.pdo_orch.children)
    assert [each.node for each in wrap.pdo_orch.children] == list(told.shape.agents)
    for index, child in enumerate(wrap.pdo_orch.children):
        *_, ber, pdo = [each for each in told.of(child.node) if not isinstance(each, SubPacReviewed)]
        assert has_passed(ber)
        assert isinstance(pdo, PdoAgentFinalized)
        assert (pdo.pdo, pdo.attempt) == (child.pdo, child.attempt)
        assert is_included(child.pdo, index, size, inclusion(wrap.pdo_orch, index), wrap.pdo_orch.root)
    return wrap.pdo_orch.root == told.root()


TestOrchestrating = Orchestrating.TestCase
TestOrchestrating.settings = settings(max_examples=30, stateful_step_count=6, deadline=None)
