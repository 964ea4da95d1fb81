"""All rules together, in every order: whatever agents ask for and however late the services are, the log stays sound.

Intake answers commands; checker, solver, resolver, keeper and watchdog come in between or not for a long time. That is
what replicas, restarts and redelivery look like to the rules. What may follow what is seen to in ``world.write``.
"""

from datetime import timedelta
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.alerts import of_conflict
from psmp.rules.conflicts import direct
from psmp.rules.lifecycle import OPEN, TRANSITIONS
from psmp.rules.resolutions import number
from psmp.rules.status import transitive
from psmp.rules.trial import SOLVED
from psmp.words.commands import (
    AcknowledgeAlert,
    AmendArtifact,
    AnswerResolution,
    Command,
    CreateProject,
    DeclareArtifact,
    DropLetter,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    RequestSlot,
    ResolveConflict,
    RetryLetter,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import AlertRaised, ProjectRecovering
from psmp.words.values import Answer, Change, Conflict, Dependency, Phase, Policy, Severity, Target
from psmp_checker.docket import DOCKET_FOLD
from psmp_checker.transitive import Answered, Asked, next_word, question
from psmp_keeper.rules import due
from tests.unit.rules import out
from tests.unit.rules.drawn import AGENTS, ARTIFACTS, BEGINNINGS, CONSTRAINTS, NEEDS, POLICIES, PYTHONS, TARGETS
from tests.unit.rules.oracle import PACKAGES, apart, clashing, is_in_hand, resolved, unfit
from tests.unit.rules.planning import Planning
from tests.unit.rules.world import World, in_time


def said(conflict: Conflict) -> object:
    """What clashes in a conflict, whatever version says it."""
    return conflict.subject, conflict.causes, [(each.artifact, each.constraint) for each in conflict.parties]


class Governance(Planning):
    """One project that ada made, three agents of which eve may resolve, and services that may be late."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.asked: Asked | None = None
        self.waived: dict[str, object] = {}

    @initialize(policy=POLICIES, where=TARGETS, begun=st.sampled_from(BEGINNINGS))
    def create(self, policy: Policy, where: tuple[Target, ...], begun: str) -> None:
        """Most often where it gets difficult: two run and others wait, or what two have declared clashes."""
        assert self.world.ask("ada", CreateProject(name="RAG", policy=policy, targets=where))
        if begun == "new":
            return
        assert self.world.ask("ada", TransitionProject(to=Phase.PLANNING, reason="go"))
        assert self.world.ask("ada", RequestSlot())
        assert self.world.ask("bob", RequestSlot())
        if begun == "crowded":
            assert self.world.ask("eve", RequestSlot(wait_seconds=30))
            return
        self.two_clash()
        if begun == "idle":
            assert self.world.ask("ada", FinishSlot())
        if begun == "waived":
            assert self.world.ask("ada", ResolveConflict(conflict="C-1", strategy="waive", reason="go", seconds=50))
            self.world.rest()
            assert self.state.resolutions.waivers

    def two_clash(self) -> None:
        for agent, artifact, constraint in (("ada", "api", ">=2"), ("bob", "web", "<2")):
            (fence,) = self.state.slots.of(agent)
            needs = (Dependency(name="numpy", constraint=constraint),)
            said = DeclareArtifact(artifact=artifact, type="code", dependencies=needs, fence=fence)
            assert self.world.ask(agent, said)
        for case in tuple(self.world.docket.state.pending):
            self.world.check(case)
        assert self.state.blockers == ("C-1",)

    def fence(self, agent: str, data: st.DataObject) -> int | None:
        """None, that of a slot of the agent's own, of somebody else's or of nobody's."""
        own = list(self.state.slots.of(agent))
        return data.draw(st.sampled_from([None, *own, *own, *own, *self.state.slots.held, 1]))

    def owner(self, artifact: str, data: st.DataObject) -> str:
        """Most often whose it is."""
        known = self.state.artifacts.get(artifact)
        return data.draw(st.sampled_from([known.agent] * 4 + ["eve"])) if known else "eve"

    @precondition(lambda self: self.state.phase in OPEN)
    @rule(agent=AGENTS, artifact=ARTIFACTS, needs=NEEDS, python=PYTHONS, flexible=st.booleans(), data=st.data())
    def declare(
        self,
        agent: str,
        artifact: str,
        needs: tuple[Dependency, ...],
        python: str | None,
        *,
        flexible: bool,
        data: st.DataObject,
    ) -> None:
        said: dict[str, Any] = {"flexible": flexible, "requires_python": python, "fence": self.fence(agent, data)}
        self.world.ask(agent, DeclareArtifact(artifact=artifact, type="code", dependencies=needs, **said))

    @precondition(lambda self: self.state.artifacts)
    @rule(artifact=ARTIFACTS, needs=NEEDS, data=st.data())
    def amend(self, artifact: str, needs: tuple[Dependency, ...], data: st.DataObject) -> None:
        agent = self.owner(artifact, data)
        fence = self.fence(agent, data)
        self.world.ask(agent, AmendArtifact(artifact=artifact, dependencies=needs, fence=fence))

    @precondition(lambda self: self.state.artifacts)
    @rule(artifact=ARTIFACTS, data=st.data())
    def withdraw(self, artifact: str, data: st.DataObject) -> None:
        agent = self.owner(artifact, data)
        fence = self.fence(agent, data)
        self.world.ask(agent, WithdrawArtifact(artifact=artifact, reason="not needed", fence=fence))

    @rule(agent=AGENTS, data=st.data())
    def move(self, agent: str, data: st.DataObject) -> None:
        to = data.draw(
            st.sampled_from([*TRANSITIONS[self.state.phase], *TRANSITIONS[self.state.phase], Phase.ARCHIVED])
        )
        self.world.ask(agent, TransitionProject(to=to, reason="it is time"))

    @precondition(lambda self: self.state.phase in OPEN)
    @rule(agent=AGENTS, wait=st.sampled_from([None, 10, 90]))
    def begin(self, agent: str, wait: int | None) -> None:
        self.world.ask(agent, RequestSlot(wait_seconds=wait))

    @precondition(lambda self: self.state.slots.held)
    @rule(agent=AGENTS, failed=st.booleans(), data=st.data())
    def finish(self, agent: str, *, failed: bool, data: st.DataObject) -> None:
        fence = self.fence(agent, data)
        self.world.ask(agent, FinishSlot(failure="it broke" if failed else None, fence=fence))

    @precondition(lambda self: self.state.slots.held)
    @rule(agent=AGENTS, data=st.data())
    def renew(self, agent: str, data: st.DataObject) -> None:
        self.world.ask(agent, RenewSlot(fence=self.fence(agent, data)))

    @precondition(lambda self: self.state.slots.queue)
    @rule(agent=AGENTS)
    def leave(self, agent: str) -> None:
        self.world.ask(agent, LeaveQueue())

    @precondition(lambda self: self.state.conflicts)
    @rule(agent=AGENTS, strategy=st.sampled_from(["accept", "change", "waive", "escalate", "retry"]), data=st.data())
    def wish_it_resolved(self, agent: str, strategy: str, data: st.DataObject) -> None:
        conflict = self.state.conflicts[data.draw(st.sampled_from(sorted(self.state.conflicts)))]
        told = self.state.resolutions.records[conflict.id].told
        wish: dict[str, object] = {"conflict": conflict.id, "strategy": strategy, "reason": "it is time"}
        if strategy == "accept":
            numbers = [1, *(each.n for each in conflict.suggestions)]
            wish |= {"suggestion": data.draw(st.sampled_from(numbers)), "seen": told - data.draw(st.integers(0, 1))}
        if strategy == "change":
            wish["changes"] = data.draw(self.changes())
        if strategy == "waive":
            wish["seconds"] = data.draw(st.sampled_from([5, 50]))
        self.world.ask(agent, ResolveConflict.model_validate(wish))

    @precondition(lambda self: any(each.suggestions for each in self.state.conflicts.values()))
    @rule(data=st.data(), served=st.booleans())
    def take_a_way_out(self, data: st.DataObject, *, served: bool) -> None:
        """Who governs accepts what was just shown, or leaves the way to the resolver, which may be late."""
        conflict = data.draw(st.sampled_from([each for each in self.state.conflicts.values() if each.suggestions]))
        wish: dict[str, object] = {"conflict": conflict.id, "strategy": "retry", "reason": "it is time"}
        if way := data.draw(st.sampled_from([None, *(each.n for each in conflict.suggestions)])):
            told = self.state.resolutions.records[conflict.id].told
            wish |= {"strategy": "accept", "suggestion": way, "seen": told}
        self.world.ask("ada", ResolveConflict.model_validate(wish))
        if served:
            self.world.resolve()

    @precondition(lambda self: any(each.agents for each in self.state.resolutions.attempts.values()))
    @rule(answers=st.lists(st.sampled_from(["yes", "yes", "no"]), min_size=3, max_size=3))
    def owners_answer(self, answers: list[Answer]) -> None:
        """All who are asked about what was proposed last, one after another."""
        name, attempt = [each for each in self.state.resolutions.attempts.items() if each[1].agents][-1]
        for agent, answer in zip(attempt.agents, answers, strict=False):
            self.world.ask(agent, AnswerResolution(resolution=name, answer=answer))
        self.world.resolve()

    def changes(self) -> st.SearchStrategy[tuple[Change, ...]]:
        names = st.sampled_from(sorted(self.state.artifacts))
        return st.builds(
            lambda name, package, constraint: (
                Change(artifact=name, agent=self.state.artifacts[name].agent, name=package, constraint=constraint),
            ),
            names,
            st.sampled_from(PACKAGES),
            CONSTRAINTS,
        )

    @precondition(lambda self: self.state.resolutions.attempts)
    @rule(answer=st.sampled_from(get_args(Answer)), data=st.data())
    def answer(self, answer: Answer, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.state.resolutions.attempts)))
        asked = self.state.resolutions.attempts[name].agents
        agent = data.draw(st.sampled_from([*asked, *asked, "eve"]))
        changes = data.draw(self.changes()) if answer == "amend" else None
        self.world.ask(agent, AnswerResolution(resolution=name, answer=answer, changes=changes))

    @precondition(lambda self: self.state.alerts)
    @rule(agent=AGENTS, verb=st.sampled_from(["take", "retry", "drop"]), data=st.data())
    def take_in_hand(self, agent: str, verb: str, data: st.DataObject) -> None:
        alert = data.draw(st.sampled_from(sorted(self.state.alerts)))
        commands: dict[str, Command] = {
            "take": AcknowledgeAlert(alert=alert, reason="mine"),
            "retry": RetryLetter(letter=7, reason="again"),
            "drop": DropLetter(letter=7, reason="no"),
        }
        self.world.ask(agent, commands[verb])

    @precondition(lambda self: "letter-7" not in self.state.alerts)
    @rule()
    def a_message_is_given_up(self) -> None:
        raised = AlertRaised(alert="letter-7", severity=Severity.LOW, text="given up", person=True)
        self.world.write(raised, "psmp_watchdog", service="watchdog")

    @precondition(lambda self: self.state.phase in OPEN)
    @rule(step=st.sampled_from(["recheck", "retry", "escalate"]))
    def recover(self, step: str) -> None:
        """Whatever is done about a stuck project, and however often, by itself it changes nothing."""
        before = self.state
        said = {"phase": before.phase, "step": step, "reason": "it is stuck"}
        self.world.write(ProjectRecovering.model_validate(said), "psmp_watchdog", service="watchdog")
        assert (self.state.phase, self.state.conflicts, self.state.slots) == (
            before.phase,
            before.conflicts,
            before.slots,
        )

    @rule(agent=AGENTS)
    def beat(self, agent: str) -> None:
        self.world.beats[agent] = self.world.now

    @rule(seconds=st.sampled_from([1, 15, 31, 61]), silent=st.booleans())
    def time_passes(self, seconds: int, *, silent: bool) -> None:
        """Nobody is heard, or everybody all the time."""
        self.world.now += timedelta(seconds=seconds)
        if not silent:
            self.world.beats = dict.fromkeys(("ada", "bob", "eve"), self.world.now)

    @precondition(lambda self: self.world.docket.state.pending)
    @rule(data=st.data())
    def check(self, data: st.DataObject) -> None:
        """A verdict on whichever change the checker happens to come to."""
        self.world.check(data.draw(st.sampled_from(sorted(self.world.docket.state.pending))))

    @precondition(lambda self: self.world.docket.state.changed and not self.world.docket.state.pending)
    @rule()
    def ask_the_solver(self) -> None:
        self.asked = question(self.world.docket.state)

    @precondition(lambda self: self.asked)
    @rule(known=st.booleans(), whole=st.booleans())
    def the_solver_answers(self, *, known: bool, whole: bool) -> None:
        """Late or not, and perhaps it is killed between two words."""
        assert self.asked is not None
        answered = Answered(self.asked, resolved(self.asked, known=known), "https://index.example/simple")
        while (event := next_word(self.world.docket.state, answered)) is not None:
            self.world.write(event, "psmp_checker", service="checker")
            if not whole:
                return

    @precondition(lambda self: due(self.state) is not None)
    @rule()
    def keep(self) -> None:
        self.world.keep()

    @precondition(lambda self: self.state.conflicts or self.state.resolutions.attempts)
    @rule()
    def resolve(self) -> None:
        self.world.resolve()

    @rule()
    def watch(self) -> None:
        self.world.watch()

    @rule()
    def everybody_catches_up(self) -> None:
        """Then verdicts and phase agree with what is declared, by an oracle that tries every version."""
        self.world.rest()
        if self.world.docket.state.changed and not direct(self.state.conflicts.values()):
            self.asked = question(self.world.docket.state)
            self.the_solver_answers(known=True, whole=True)
            clashes = [each for each in self.state.conflicts.values() if each.kind == "transitive"]
            assert [cause for each in clashes for cause in each.causes] == apart(self.asked.declarations())
            assert transitive(self.state).verdict == ("conflict" if clashes else "compatible")
            self.world.rest()
        told = {conflict.subject for conflict in self.state.conflicts.values() if conflict.kind != "transitive"}
        assert told == clashing(self.state) | unfit(self.state)
        self.stands_as_from_scratch()
        assert not any(artifact.pending for artifact in self.state.artifacts.values())
        assert self.state.phase is self.state.state
        assert (self.state.phase is Phase.BLOCKED) <= bool(self.state.blockers)
        assert (self.state.phase is Phase.RESOLVING) <= (
            bool(self.state.resolutions.attempts) or is_in_hand(self.state)
        )
        assert all(each.stage == "proposed" for each in self.state.resolutions.attempts.values())
        in_time(self.world)

    @rule()
    def nothing_waits_for_ever(self) -> None:
        """When all agents are silent for long enough, all that had a time is over."""
        late = self.world.fork()
        for _ in range(30):
            said, late.now = late.state.sequence, late.now + timedelta(days=2)
            late.rest()
            if late.state.sequence == said:
                break
        else:
            raise AssertionError("they go on for ever")
        assert (late.state.slots.held, late.state.slots.queue) == ({}, ())
        assert (late.state.resolutions.attempts, late.state.resolutions.waivers) == ({}, {})
        assert late.state.phase is not Phase.RESOLVING or is_in_hand(late.state), "nothing is under way"
        if late.state.policy.auto_resolve and late.state.phase in OPEN:
            left = {name for name in late.state.blockers if late.state.conflicts[name].kind not in SOLVED}
            assert {of_conflict(name) for name in left} <= late.state.alerts.keys(), "a person is called"

    @rule()
    def every_phase_has_a_way_out(self) -> None:
        out.completed(self.world)
        out.mended(self.world)
        out.given_up(self.world)

    @invariant()
    def all_folds_tell_the_same(self) -> None:
        assert self.state.conflicts == self.world.docket.state.conflicts
        assert self.state.detected == self.world.docket.state.detected

    @invariant()
    def who_waits_for_a_verdict_is_pending(self) -> None:
        """Whatever the solver says of it in between."""
        for case in self.world.docket.state.pending.values():
            artifact = self.state.artifacts[case.artifact]
            latest = not artifact.withdrawn and artifact.declaration.version == case.version
            assert artifact.pending or case.withdrawal or not latest

    @invariant()
    def who_was_passed_on_to_another_service_is_awaited_until_it_is_answered(self) -> None:
        answers = self.world.project.answers.dump()
        awaited = {each.request for each in self.state.slots.queue}
        awaited |= {each.command for each in self.state.resolutions.attempts.values()}
        pending = self.world.docket.state.pending.items()
        awaited |= {name for name, case in pending if not case.withdrawal and "/" not in name}
        assert {command for command, position in answers.items() if position < 0} == {
            command.replace("-", "") for command in awaited
        }

    @invariant()
    def what_is_known_of_conflicts_is_of_open_ones(self) -> None:
        known = self.state.resolutions
        assert known.records.keys() == self.state.conflicts.keys()
        assert known.waivers.keys() <= self.state.conflicts.keys()
        assert {each.conflict for each in self.state.alerts.values() if each.conflict} <= self.state.conflicts.keys()
        assert known.last >= max(map(number, known.attempts), default=0)

    @invariant()
    def a_waiver_is_of_what_clashed_when_it_was_given(self) -> None:
        """By an account of its own: who clashed over what, when the waiver began."""
        waivers = self.state.resolutions.waivers
        clashes = {waiver.resolution: said(self.state.conflicts[name]) for name, waiver in waivers.items()}
        self.waived = {each: self.waived.get(each, clash) for each, clash in clashes.items()}
        assert clashes == self.waived

    @invariant()
    def what_is_written_down_is_read_back(self) -> None:
        dumped = PROJECT_FOLD.dump(self.state)
        assert PROJECT_FOLD.load(dumped) == self.state
        docket = DOCKET_FOLD.dump(self.world.docket.state)
        assert DOCKET_FOLD.dump(DOCKET_FOLD.load(docket)) == docket

    @invariant()
    def nobody_holds_or_awaits_more_slots_than_each_may_have(self) -> None:
        slots, policy = self.state.slots, self.state.policy
        for agent in ("ada", "bob", "eve"):
            assert len(slots.of(agent)) + len(slots.waits(agent)) <= policy.slots_each


TestGovernance = Governance.TestCase
TestGovernance.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
