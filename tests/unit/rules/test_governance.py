"""All rules together, in every order: whatever agents ask for and however late the services are, the log stays sound.

Intake answers commands; checker, resolver and keeper come in between or not for a long time. That is what replicas,
restarts and redelivery look like to the rules.
"""

from collections.abc import Iterable
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from packaging.specifiers import SpecifierSet

from psmp.deep.causes import Core
from psmp.deep.clashes import Clash
from psmp.deep.problem import Need
from psmp.deep.resolution import Finding, Resolution
from psmp.deep.resolution import Verdict as Found
from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.conflicts import direct
from psmp.rules.lifecycle import TRANSITIONS, WORKING
from psmp.rules.project import Project
from psmp.rules.status import transitive
from psmp.words.checks import Declaration
from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import CommandRefused, CompatibilityChecked, Event, ProjectTransitioned, SlotGranted, Verdict
from psmp.words.refusals import Refused
from psmp.words.values import Dependency, Phase, Policy
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_checker.rules import judge
from psmp_checker.transitive import Answered, Asked, next_word, question
from psmp_intake.rules import decide
from psmp_keeper.rules import due
from tests.histories import KEY, History
from tests.unit.deep.saying import LINUX, problem, root, unsolvable

AGENTS: Final = st.sampled_from(["ada", "bob", "eve"])
ARTIFACTS: Final = st.sampled_from(["api", "cli", "web"])
PACKAGES: Final = ("numpy", "pandas")
VERSIONS: Final = ("0.5", "1.0", "1.5", "2.0", "3.0")
"""Enough versions to tell the constraints below apart."""
NEEDS: Final = st.lists(
    st.builds(
        Dependency,
        name=st.sampled_from(PACKAGES),
        constraint=st.sampled_from(["", "==1.0", "==2.0", ">=2", "<2", ">=1", "!=1.0,<=1.0", "~=1.0"]),
    ),
    max_size=3,
    unique_by=lambda need: need.name,
).map(tuple)


def clashing(project: Project) -> set[str]:
    """The packages of which no version satisfies everybody, found by trying each."""
    live = [artifact.declaration for artifact in project.artifacts.values() if not artifact.withdrawn]
    needs = [need for declaration in live for need in declaration.dependencies]
    return {
        name
        for name in PACKAGES
        if not any(all(SpecifierSet(n.constraint).contains(v) for n in needs if n.name == name) for v in VERSIONS)
    }


def apart(declarations: Iterable[Declaration]) -> list[tuple[str, ...]]:
    """Who cannot be installed together, if every pandas needs a numpy below 3 and somebody asks for a later one."""
    needs = {each.artifact: {need.name: need.constraint for need in each.dependencies} for each in declarations}
    return sorted(
        {
            tuple(sorted({old, new}))
            for old in needs
            for new in needs
            if "pandas" in needs[old] and needs[new].get("numpy") == ">=2"
        }
    )


def resolved(asked: Asked, *, known: bool) -> Resolution:
    """What a resolver says of it; nothing at all unless it is ``known``."""
    causes = apart(asked.declarations()) if known else []
    roots = [root(artifact, Need("numpy")) for artifact in sorted({each for cause in causes for each in cause})]
    whole = problem(*roots)
    cores = tuple(Core(tuple((each, Need("numpy")) for each in cause), unsolvable(whole)) for cause in causes)
    clash = Clash(
        kind="transitive",
        subject="deep",
        environment=None,
        group="runtime",
        targets=(str(LINUX),),
        causes=tuple(causes),
        complete=True,
        text="they cannot be installed together",
        chain=(),
        cores=cores,
        agents=tuple((each.artifact, each.agent) for each in roots),
    )
    verdict: Found = "unknown" if not known else "conflict" if causes else "compatible"
    return Resolution("0" * 64, None, (Finding(None, LINUX, "runtime", verdict),), (clash,) if causes else ())


class Governance(RuleBasedStateMachine):
    """One project, three agents, and services that may be late."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.project = View[Project | None](KEY, PROJECT_FOLD)
        self.docket = View[Docket](KEY, DOCKET_FOLD)
        self.asked: Asked | None = None

    @property
    def state(self) -> Project:
        assert self.project.state is not None
        return self.project.state

    def write(self, event: Event, actor: str, cause: str | None = None) -> None:
        record = self.history.add(event, actor, cause)
        before = self.project.state
        self.project.advance(record)
        self.docket.advance(record)
        if before is not None and before.phase is Phase.ARCHIVED:
            answers = CommandRefused | Verdict | CompatibilityChecked
            assert isinstance(event, answers), "given up, but every declaration gets its answer"
        if isinstance(event, ProjectTransitioned):
            assert before is not None
            assert event.origin is before.phase
            assert event.to in TRANSITIONS[event.origin]
        if isinstance(event, SlotGranted):
            assert before is not None
            assert before.phase in WORKING
            assert before.blockers == ()

    def ask(self, agent: str, command: Command) -> None:
        answer = decide(self.project.state, agent, command)
        if isinstance(answer, Refused):
            assert answer.reason
            answer = CommandRefused(command=command.KIND, code=answer.code, reason=answer.reason)
        self.write(answer, agent)

    @initialize(strict=st.booleans(), started=st.booleans())
    def create(self, *, strict: bool, started: bool) -> None:
        answer = decide(
            None, "ada", CreateProject(name="RAG", policy=Policy(strict_mode=strict, max_concurrent_agents=2))
        )
        assert not isinstance(answer, Refused)
        self.write(answer, "ada")
        if started:
            self.ask("ada", TransitionProject(to=Phase.PLANNING, reason="go"))

    @rule(agent=AGENTS, artifact=ARTIFACTS, needs=NEEDS)
    def declare(self, agent: str, artifact: str, needs: tuple[Dependency, ...]) -> None:
        self.ask(agent, DeclareArtifact(artifact=artifact, type="code", dependencies=needs))

    @rule(agent=AGENTS, artifact=ARTIFACTS, needs=NEEDS)
    def amend(self, agent: str, artifact: str, needs: tuple[Dependency, ...]) -> None:
        self.ask(agent, AmendArtifact(artifact=artifact, dependencies=needs))

    @rule(agent=AGENTS, artifact=ARTIFACTS)
    def withdraw(self, agent: str, artifact: str) -> None:
        self.ask(agent, WithdrawArtifact(artifact=artifact, reason="not needed"))

    @rule(agent=AGENTS, to=st.sampled_from(Phase))
    def move(self, agent: str, to: Phase) -> None:
        self.ask(agent, TransitionProject(to=to, reason="it is time"))

    @rule(agent=AGENTS)
    def begin(self, agent: str) -> None:
        self.ask(agent, RequestSlot())

    @rule(agent=AGENTS, failed=st.booleans())
    def finish(self, agent: str, *, failed: bool) -> None:
        self.ask(agent, FinishSlot(failure="it broke" if failed else None))

    @precondition(lambda self: self.docket.state.pending)
    @rule(data=st.data())
    def check(self, data: st.DataObject) -> None:
        """A verdict on whichever change the checker happens to come to."""
        case = data.draw(st.sampled_from(sorted(self.docket.state.pending)))
        verdict = judge(self.docket.state, case)
        if verdict is not None:
            self.write(verdict, "psmp_checker", case)
            assert judge(self.docket.state, case) is None, "a verdict is given once"

    @precondition(lambda self: self.docket.state.changed and not self.docket.state.pending)
    @rule()
    def ask_the_resolver(self) -> None:
        self.asked = question(self.docket.state)

    @precondition(lambda self: self.asked)
    @rule(known=st.booleans(), whole=st.booleans())
    def the_resolver_answers(self, *, known: bool, whole: bool) -> None:
        """Late or not, and perhaps it is killed between two words."""
        assert self.asked is not None
        answered = Answered(self.asked, resolved(self.asked, known=known), "https://index.example/simple")
        while (event := next_word(self.docket.state, answered)) is not None:
            self.write(event, "psmp_checker")
            if not whole:
                return

    @rule()
    def keep(self) -> None:
        transition = due(self.state)
        if transition is not None:
            self.write(transition, "psmp_keeper")

    @rule()
    def everybody_catches_up(self) -> None:
        """Then verdicts and phase agree with what is declared, by an oracle that tries every version."""
        for case in sorted(self.docket.state.pending):
            verdict = judge(self.docket.state, case)
            if verdict is not None:
                self.write(verdict, "psmp_checker", case)
        if self.docket.state.changed and not direct(self.state.conflicts.values()):
            self.asked = question(self.docket.state)
            self.the_resolver_answers(known=True, whole=True)
            clashes = [each for each in self.state.conflicts.values() if each.kind == "transitive"]
            assert [cause for each in clashes for cause in each.causes] == apart(self.asked.declarations())
            assert transitive(self.state).verdict == ("conflict" if clashes else "compatible")
        while (transition := due(self.state)) is not None:
            self.write(transition, "psmp_keeper")
        told = {conflict.subject for conflict in self.state.conflicts.values() if conflict.kind != "transitive"}
        assert told == clashing(self.state)
        assert not any(artifact.pending for artifact in self.state.artifacts.values())
        assert self.state.phase is self.state.state
        assert (self.state.phase is Phase.BLOCKED) <= bool(self.state.blockers)

    @invariant()
    def all_folds_tell_the_same(self) -> None:
        assert self.state.conflicts == self.docket.state.conflicts
        assert self.state.detected == self.docket.state.detected

    @invariant()
    def who_waits_for_a_verdict_is_pending(self) -> None:
        """Whatever the resolver says of it in between."""
        for case in self.docket.state.pending.values():
            artifact = self.state.artifacts[case.artifact]
            latest = not artifact.withdrawn and artifact.declaration.version == case.version
            assert artifact.pending or case.withdrawal or not latest

    @invariant()
    def what_is_written_down_is_read_back(self) -> None:
        dumped = PROJECT_FOLD.dump(self.state)
        assert PROJECT_FOLD.load(dumped) == self.state
        docket = DOCKET_FOLD.dump(self.docket.state)
        assert DOCKET_FOLD.dump(DOCKET_FOLD.load(docket)) == docket

    @invariant()
    def nobody_holds_more_slots_than_the_policy_has(self) -> None:
        assert len(self.state.slots.held) <= self.state.policy.max_concurrent_agents


TestGovernance = Governance.TestCase
TestGovernance.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
