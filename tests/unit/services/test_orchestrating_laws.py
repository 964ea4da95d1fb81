"""All rules together over graphs of agents: whatever agents and persons do, and however late the services are.

Nobody runs before its predecessors have passed; at most one token of a node counts; a whole is settled once, with every
proof, or a person has to say what becomes of it; and whatever was decided is decided the same again.
"""

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.deciding import denied, for_a_person, needs_approval
from psmp.rules.orchestration.running import Pass, Run, evolve
from psmp.rules.orchestration.runs import Runs
from psmp.rules.orchestration.settling import aggregation, inclusion, is_included, settlement
from psmp.rules.project import Project
from psmp.words.commands import (
    AbandonMaeg,
    AmendArtifact,
    ApproveMaeg,
    Command,
    CorrectSubPac,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    ReportSubPac,
    RequestSlot,
    ReviewSubPac,
    TransitionProject,
)
from psmp.words.envelope import open_event, written
from psmp.words.events import (
    AlertCleared,
    AlertRaised,
    BerAgentGenerated,
    PdoOrchAggregated,
    SlotGranted,
    SubPacDispatched,
    SubPacExecuted,
    WrapOrchAccepted,
)
from psmp.words.orchestration.facts import Fact, PdoOrch, Wrap
from psmp.words.orchestration.graph import Assignment
from psmp.words.refusals import Refused
from psmp.words.values import Dependency, Phase, Policy
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from psmp_orchestrator import rules as orchestrator
from psmp_replay.replay import Replay
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, submission, token
from tests.recording import Recording
from tests.unit.rules.orchestration.graphs import Document, documents
from tests.unit.rules.world import CHECKPOINT, SIGNER, TERMS

HUMAN = {"check": "HUMAN_REVIEW", "role": "lead", "seconds": 300}
ACCEPTED = {"check": "ARTIFACT_ACCEPTED"}


@st.composite
def judged(draw: st.DrawFn) -> Document:
    """A random graph of whose nodes some are reviewed by persons, some must make an artifact."""
    of = draw(documents(5))
    for node in of["nodes"]:
        if "agent" in node:
            node["checks"] = draw(st.sampled_from([[], [], [HUMAN], [ACCEPTED], [ACCEPTED, HUMAN]]))
            node["agent"] = draw(st.sampled_from([node["agent"], "agent-1"]))
    of["pac"] |= {"attempts": draw(st.integers(1, 3)), **draw(st.sampled_from([{}, {"approver": "lead"}]))}
    return of


class Orchestration(RuleBasedStateMachine):
    """One project of the owner's in which one graph runs."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Recording()
        self.shown = dict[tuple[str, int], str]()
        self.given = dict[tuple[str, int], str]()
        self.fences = dict[int, Assignment]()
        self.started = Counter[str]()
        self.read = 0

    @property
    def state(self) -> Project:
        return self.world.state

    @property
    def run_(self) -> Run:
        return self.state.runs[MAEG]

    @initialize(of=judged(), each=st.integers(1, 3), begun=st.integers(0, 3), data=st.data())
    def submit(self, of: Document, each: int, begun: int, data: st.DataObject) -> None:
        policy = Policy(lease_seconds=30, slots_per_agent=each, max_concurrent_agents=3)
        assert self.world.ask(LEAD, CreateProject(name="Site", policy=policy))
        assert self.world.ask(LEAD, TransitionProject(to=Phase.PLANNING, reason="go"))
        assert self.world.ask(LEAD, submission(of))
        assert not self.world.ask(LEAD, submission(of)), "it is registered once"
        self.world.rest(watch=False)
        self.get_on(data, begun)
        for node in self.run_.dispatched if begun else ():
            self.begun(node)

    def begun(self, node: str) -> bool:
        """Whether its agent could begin; once is enough."""
        said, who = token(self.world, node), self.agent_of(node)
        self.shown[node, self.run_.of(node).attempt] = said
        if not self.world.ask(who, RequestSlot(token=said, wait_seconds=50)):
            return False
        assert not self.world.ask(who, RequestSlot(token=said, wait_seconds=50)), "a token is shown once"
        return True

    def node(self, data: st.DataObject, state: str = "") -> str:
        nodes = [node for node in self.run_.shape.agents if state in {"", self.run_.of(node).state}]
        return data.draw(st.sampled_from(nodes or list(self.run_.shape.agents)))

    def agent_of(self, node: str) -> str:
        return self.run_.shape.agents[node].agent

    @rule(data=st.data(), waits=st.booleans(), thief=st.booleans())
    def begin(self, data: st.DataObject, *, waits: bool, thief: bool) -> None:
        """By the token that was sent last, which may be spent, expired, or another's."""
        node = self.node(data, "DISPATCHED")
        held = self.run_.of(node).token
        if held is not None:
            self.shown[node, self.run_.of(node).attempt] = token(self.world, node)
        known = [said for (name, _), said in self.shown.items() if name == node]
        if not known:
            assert not self.world.ask(self.agent_of(node), RequestSlot()), "nobody starts without a token"
            return
        said = data.draw(st.sampled_from([known[-1], known[-1], *known]))
        who = self.agent_of(node)
        if thief and who != "agent-1":
            assert not self.world.ask("agent-1", RequestSlot(token=said)), "it is another's"
        if self.world.ask(who, RequestSlot(token=said, wait_seconds=50 if waits else None)):
            assert not self.world.ask(who, RequestSlot(token=said, wait_seconds=50)), "a token is shown once"

    def slots(self) -> list[tuple[int, str]]:
        return [(fence, slot.agent) for fence, slot in self.state.slots.held.items()]

    @precondition(lambda self: self.state.slots.held)
    @rule(data=st.data(), good=st.booleans())
    def report(self, data: st.DataObject, *, good: bool) -> None:
        fence, who = data.draw(st.sampled_from(self.slots()))
        out: object = data.draw(st.integers(1, 2)) if good else "wrong"
        self.world.ask(who, ReportSubPac(fence=fence, outputs={"out": out}))

    @precondition(lambda self: self.state.slots.held)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        fence, who = data.draw(st.sampled_from(self.slots()))
        self.world.ask(who, FinishSlot(fence=fence, failure="it does not work"))

    @precondition(lambda self: self.state.slots.held)
    @rule(data=st.data(), low=st.booleans())
    def declare(self, data: st.DataObject, *, low: bool) -> None:
        """What two have declared may clash, and block the project."""
        fence, who = data.draw(st.sampled_from(self.slots()))
        needs = (Dependency(name="numpy", constraint="<2" if low else ">=2"),)
        assignment = self.state.slots.held[fence].assignment
        assert assignment is not None
        name = f"of-{assignment.node}"
        said = DeclareArtifact(artifact=name, type="code", dependencies=needs, fence=fence)
        amended = AmendArtifact(artifact=name, dependencies=needs, fence=fence)
        self.world.ask(who, amended if name in self.state.artifacts else said)

    @precondition(lambda self: self.state.blockers)
    @rule()
    def make_peace(self) -> None:
        for name, artifact in self.state.artifacts.items():
            self.world.ask(artifact.agent, AmendArtifact(artifact=name, dependencies=()))
        self.world.rest(watch=False)

    @rule(data=st.data(), agrees=st.booleans(), who=st.sampled_from([LEAD, LEAD, "agent-1"]))
    def review(self, data: st.DataObject, *, agrees: bool, who: str) -> None:
        node = self.node(data, "BER_PENDING")
        said = ReviewSubPac(maeg=MAEG, node=node, role="lead", agrees=agrees, reason="so")
        assert not self.world.ask(who, said) or who == LEAD

    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        self.world.ask(LEAD, CorrectSubPac(maeg=MAEG, node=self.node(data), reason="once more"))

    @rule(who=st.sampled_from([LEAD, "agent-1"]))
    def approve(self, who: str) -> None:
        done = isinstance(aggregation(self.run_), PdoOrch)
        assert not self.world.ask(who, ApproveMaeg(maeg=MAEG, reason="all good")) or (done and who == LEAD)

    @rule(seconds=st.sampled_from([5, 40, 70]), heard=st.booleans())
    def wait(self, seconds: int, *, heard: bool) -> None:
        self.world.now += timedelta(seconds=seconds)
        if heard:
            self.world.beats = {slot.agent: self.world.now for slot in self.state.slots.held.values()}
        while self.world.watch():
            pass

    @rule()
    def orchestrate(self) -> None:
        self.world.orchestrate()

    @rule(data=st.data(), more=st.integers(1, 3))
    def get_on(self, data: st.DataObject, more: int) -> None:
        """Some nodes are done, with nothing amiss; what comes then is where it gets difficult."""
        for _ in range(more):
            self.world.rest(watch=False)
            if self.run_.is_open and not self.state.blockers:
                node = self.node(data, "DISPATCHED")
                out = data.draw(st.integers(1, 2))
                if self.run_.of(node).token is not None and self.begun(node) and self.run_.of(node).fence:
                    report = ReportSubPac(fence=self.run_.of(node).fence, outputs={"out": out})
                    assert self.world.ask(self.agent_of(node), report)

    @rule()
    def everybody_catches_up(self) -> None:
        self.world.rest()

    @invariant()
    def at_most_one_attempt_of_a_node_is_alive(self) -> None:
        if not self.world.records or MAEG not in self.state.runs:
            return
        held = [slot.assignment for slot in self.state.slots.held.values() if slot.assignment is not None]
        shown = [each.assignment for each in self.state.slots.queue if each.assignment is not None]
        spent = Counter(each.token for each in (*held, *shown))
        assert not spent or max(spent.values()) == 1, "a token is shown once"
        at_work = Counter(each.node for each in held if self.run_.of(each.node).attempt == each.attempt)
        assert not at_work or max(at_work.values()) == 1

    def remember(self) -> None:
        """Every token that was sent, and every slot that was granted for one."""
        for record in self.world.records[self.read :]:
            envelope = open_event(record.body)
            if isinstance(envelope.data, SlotGranted) and envelope.data.assignment is not None:
                self.fences[envelope.sequence] = envelope.data.assignment
                self.started[envelope.data.assignment.token] += 1
        self.read = len(self.world.records)
        for node in self.run_.dispatched:
            if (node, self.run_.of(node).attempt) not in self.given:
                self.given[node, self.run_.of(node).attempt] = token(self.world, node)

    def takes(self, who: str, command: Command) -> bool:
        """Whether intake would do that now; nothing is written."""
        return not isinstance(decide(self.state, who, command, Heard(KEY, written(self.world.now))), Refused)

    @invariant()
    def no_token_counts_but_the_one_of_a_node_that_may_start(self) -> None:
        if MAEG not in self.world_runs():
            return
        self.remember()
        alive, run = Counter[str](), self.run_
        for (node, attempt), said in self.given.items():
            claims = tokens.read(said)
            assert claims is not None
            thief = "agent-1" if self.agent_of(node) != "agent-1" else LEAD
            assert not self.takes(thief, RequestSlot(token=said)), "it is another's"
            if self.takes(self.agent_of(node), RequestSlot(token=said)):
                held = run.of(node).token
                assert held is not None
                assert (run.of(node).state, run.of(node).attempt, held.id) == ("DISPATCHED", attempt, claims.jti)
                assert free(run, node), "its predecessors have passed"
                assert held.until > written(self.world.now)
                assert not self.started[claims.jti]
                alive[node] += 1
        assert not alive or max(alive.values()) == 1
        for node in [each for each in run.shape.agents if run.of(each).state == "ISSUED"][:1]:
            early = Pass(run.created.id, written(self.world.now + timedelta(seconds=60)), TERMS.key)
            made = tokens.made(tokens.claims(KEY, run, node, early), SIGNER)
            assert not self.takes(self.agent_of(node), RequestSlot(token=made)), "it was not dispatched"

    @invariant()
    def no_report_counts_but_that_of_the_attempt_at_work(self) -> None:
        for fence, its in self.fences.items():
            work, slot = self.run_.of(its.node), self.state.slots.held.get(fence)
            if self.takes(self.agent_of(its.node), ReportSubPac(fence=fence, outputs={"out": 1})):
                assert slot is not None
                assert (work.state, work.attempt, work.fence) == ("EXECUTING", its.attempt, fence)

    @invariant()
    def the_orchestrator_says_nothing_that_may_not_be(self) -> None:
        if MAEG not in self.world_runs():
            return
        run, state = self.run_, self.state
        for fact in orchestrator.due(state, written(self.world.now), TERMS):
            if isinstance(fact, SubPacDispatched | BerAgentGenerated):
                assert free(run, fact.node), "its predecessors have passed"
            assert not (state.blockers and isinstance(fact, SubPacDispatched | PdoOrchAggregated)), "it is blocked"
            if not isinstance(fact, AlertRaised | AlertCleared):
                assert isinstance(fact, Fact)
                run = evolve(run, fact)
        agreed = run.shape.graph.pac.approver is None or bool(self.run_.approved)
        may = self.run_.root is not None and not state.blockers and agreed and self.run_.is_open
        settled = orchestrator.settled(state, CHECKPOINT)
        assert len(settled) == may, "the whole is settled once, when nothing is missing"
        assert (orchestrator.settlement(state, MAEG, CHECKPOINT) is not None) == may
        if self.run_.checkpoint is not None:
            again = WrapOrchAccepted(maeg=MAEG, root=self.run_.root or "", checkpoint=CHECKPOINT)
            assert denied(self.run_, again) is not None, "never twice"

    def world_runs(self) -> Runs:
        return self.state.runs if self.world.records else {}

    def teardown(self) -> None:
        """From here there is a way to the settlement, by persons where need be; and all of it is decided again."""
        if not self.world.records:
            return
        self.ends()
        self.ran_in_order()
        assert PROJECT_FOLD.load(PROJECT_FOLD.dump(self.state)) == self.state
        replay = Replay(KEY, self.world.inputs)
        for record in self.world.records:
            judged = replay.take(record)
            assert judged.outcome == "same", (judged, record.body)

    def ends(self) -> None:
        for _ in range(400):
            self.world.beats = {slot.agent: self.world.now for slot in self.state.slots.held.values()}
            self.world.rest()
            run = self.run_
            if not run.is_open:
                break
            self.go_on(run)
        wrap = settlement(self.run_)
        assert isinstance(wrap, Wrap), "from every state there is a way"
        size = len(wrap.pdo_orch.children)
        assert [each.node for each in wrap.pdo_orch.children] == list(self.run_.shape.agents)
        for index, child in enumerate(wrap.pdo_orch.children):
            assert is_included(child.pdo, index, size, inclusion(wrap.pdo_orch, index), wrap.pdo_orch.root)
            ber = self.run_.of(child.node).ber
            assert ber is not None
            assert ber.verdict == "PASS"
        assert not self.world.ask(LEAD, AbandonMaeg(maeg=MAEG, reason="too late"))

    def go_on(self, run: Run) -> None:
        """Whoever has something to do does it: a blocked project is freed, agents work, persons speak."""
        if self.state.blockers:
            self.make_peace()
        for fence, slot in list(self.state.slots.held.items()):
            name = f"of-{slot.assignment.node}" if slot.assignment else ""
            said = DeclareArtifact(artifact=name, type="code", fence=fence)
            if name not in self.state.artifacts:
                self.world.ask(slot.agent, said)
            if not self.world.ask(slot.agent, ReportSubPac(fence=fence, outputs={"out": 1})):
                assert self.world.ask(slot.agent, FinishSlot(fence=fence, failure="taken back"))
        for node in [node for node in run.dispatched if not run.unmet(node)]:
            self.world.ask(self.agent_of(node), RequestSlot(token=token(self.world, node)))
        for node in run.executed:
            self.world.ask(LEAD, ReviewSubPac(maeg=MAEG, node=node, role="lead", agrees=True, reason="good"))
        for node in for_a_person(run):
            assert self.world.ask(LEAD, CorrectSubPac(maeg=MAEG, node=node, reason="again"))
        if run.root is not None and needs_approval(run):
            assert self.world.ask(LEAD, ApproveMaeg(maeg=MAEG, reason="good"))

    def ran_in_order(self) -> None:
        """The log told again: who was let start when, and how often anything was settled."""
        state: Project | None = None
        dispatched, started, wraps = set[tuple[str, int]](), set[str](), 0
        for record in self.world.records:
            envelope = open_event(record.body)
            event = envelope.data
            if isinstance(event, SubPacDispatched):
                assert state is not None
                assert state.runs[MAEG].unmet(event.node) == (), "its predecessors have passed"
                assert state.blockers == (), "what is blocked dispatches nothing"
                assert (event.node, event.attempt) not in dispatched
                dispatched.add((event.node, event.attempt))
            if isinstance(event, SlotGranted) and event.assignment is not None:
                assert state is not None
                assert state.runs[MAEG].unmet(event.assignment.node) == ()
                assert event.assignment.token not in started, "a token is used once"
                started.add(event.assignment.token)
            if isinstance(event, SubPacExecuted):
                assert state is not None
                assert state.runs[MAEG].of(event.node).fence == event.fence
            if isinstance(event, BerAgentGenerated):
                assert state is not None
                made = [state.artifacts[name] for name in state.runs[MAEG].of(event.node).declared]
                assert not any(each.pending for each in made), "verdicts are awaited"
            if isinstance(event, WrapOrchAccepted):
                assert state is not None
                assert (state.blockers, needs_approval(state.runs[MAEG])) == ((), False)
                wraps += 1
            state = PROJECT_FOLD.evolve(state, envelope)
        assert wraps == 1


def free(run: Run, node: str) -> bool:
    """Whether the reviews of all for whom a node waits have passed, gate behind gate; looked up, not counted."""
    return all(
        run.of(each).state in {"PDO_PENDING", "COMPLETE"} if each in run.shape.agents else free(run, each)
        for each in run.shape.before[node]
    )


TestOrchestration = Orchestration.TestCase
TestOrchestration.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
