"""What may be done about a project as a whole while everything else goes on: it is governed anew, and work is planned.

A part of the governance test.
"""

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from psmp.rules.lifecycle import UNDER_WAY
from psmp.rules.project import Project
from psmp.rules.status import describe, recalled
from psmp.rules.tasks import tasks
from psmp.rules.trial import SOLVED
from psmp.words.answers import Status
from psmp.words.commands import ArchiveTask, ChangeProject, ChangeTask, CreateTask, PolicyChange
from psmp.words.values import Conflict
from tests.histories import KEY
from tests.played import from_scratch
from tests.unit.rules.drawn import AGENTS, ARTIFACTS, TARGETS
from tests.unit.rules.world import World

TASKS: Final = st.sampled_from(["docs", "logo"])
MAKING: Final = st.lists(ARTIFACTS, max_size=2, unique=True).map(tuple)
RESOLVERS: Final = st.sampled_from([("eve",), ("eve",), (), ("bob", "eve")])
WISHES: Final = st.builds(
    ChangeProject,
    name=st.sampled_from([None, "RAG 2"]),
    targets=st.none() | TARGETS,
    policy=st.none()
    | st.builds(
        PolicyChange,
        strict_mode=st.none() | st.booleans(),
        auto_resolve=st.none() | st.booleans(),
        max_concurrent_agents=st.sampled_from([None, 1, 2, 3]),
        resolvers=st.none() | RESOLVERS,
    ),
    reason=st.just("it is otherwise"),
)


def proof(conflict: Conflict) -> object:
    """What there is to a conflict, however it came to be known."""
    parties = [(each.artifact, each.constraint) for each in conflict.parties]
    return conflict.kind, conflict.severity, conflict.environments, conflict.causes, parties


class Planning(RuleBasedStateMachine):
    """Ada made the project; who else governs it changes."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self.taken_on: set[str] = set()

    @property
    def state(self) -> Project:
        """The project as it stands."""
        return self.world.state

    @precondition(lambda self: self.state.phase in UNDER_WAY)
    @rule(agent=st.sampled_from(["ada", "ada", "bob", "eve"]), wish=WISHES)
    def govern(self, agent: str, wish: ChangeProject) -> None:
        before = self.state
        governs = agent == "ada" or agent in (before.policy.resolvers or ())
        assert self.world.ask(agent, wish) == governs
        if not governs:
            return
        self.most = max(len(before.slots.held), self.state.policy.max_concurrent_agents)
        assert self.state.name == (wish.name or before.name)
        assert self.state.targets == (wish.targets or before.targets)
        said = wish.policy.model_dump(exclude_none=True) if wish.policy else {}
        assert self.state.policy == before.policy.model_copy(update=said)
        judged = {name for name, each in self.state.artifacts.items() if not (each.pending or each.withdrawn)}
        assert not judged or self.state.targets == before.targets, "all that stands is judged anew"

    @precondition(lambda self: self.state.phase in UNDER_WAY)
    @rule(agent=AGENTS, task=TASKS, making=MAKING, owner=st.none() | AGENTS)
    def plan(self, agent: str, task: str, making: tuple[str, ...], owner: str | None) -> None:
        known = self.state.tasks.get(task)
        wish = CreateTask(task=task, title=task, agent=owner, artifacts=making)
        assert self.world.ask(agent, wish) == (known is None or known.status == "ARCHIVED")

    @precondition(lambda self: self.state.tasks)
    @rule(agent=AGENTS, verb=st.sampled_from(["take", "done", "done", "make", "open", "archive"]), data=st.data())
    def go_on(self, agent: str, verb: str, data: st.DataObject) -> None:
        """Somebody takes a task, does it, wants something else of it, or takes it off the list; or may not."""
        task = data.draw(st.sampled_from(sorted(self.state.tasks)))
        says: dict[str, Any] = {
            "take": {"agent": agent, "status": "IN_PROGRESS"},
            "done": {"status": "DONE"},
            "make": {"artifacts": data.draw(MAKING)},
            "open": {"agent": "", "status": "OPEN"},
        }
        wish = ArchiveTask(task=task, reason="no") if verb == "archive" else ChangeTask(task=task, **says[verb])
        before, known = self.state, self.state.tasks[task]
        if not self.world.ask(agent, wish):
            assert self.state.tasks == before.tasks
            return
        now = self.state.tasks[task]
        governs = agent == "ada" or agent in (before.policy.resolvers or ())
        assert governs or agent in {known.by, known.agent} or (known.agent is None and verb == "take")
        assert before.phase in UNDER_WAY
        assert known.status != "ARCHIVED"
        if now.status == "DONE" and (now.artifacts, now.status) != (known.artifacts, known.status):
            assert all(is_there(before, name) for name in now.artifacts), "what shall come of it is there"

    def stands_as_from_scratch(self) -> None:
        """Once all is judged: what is known, and what is told, is what is so."""
        found = from_scratch(self.state)
        known = {each.identity: each for each in self.state.conflicts.values() if each.kind not in SOLVED}
        assert {name: proof(each) for name, each in known.items()} == {
            name: proof(each) for name, each in found.items()
        }, "as a check of everything says under the targets that count now"
        status = describe(KEY, self.state)
        assert Status.model_validate_json(status.model_dump_json()) == status
        back = recalled(status)
        assert (back.targets, back.policy, back.conflicts) == (status.targets, status.policy, self.state.conflicts)
        asked = {each.planned.task for agent in ("ada", "bob", "eve") for each in tasks(status, agent) if each.planned}
        assert asked == {
            name
            for name, each in self.state.tasks.items()
            if each.agent and each.status in {"OPEN", "IN_PROGRESS"} and self.state.phase in UNDER_WAY
        }

    @invariant()
    def who_awaits_a_verdict_gets_one(self) -> None:
        """Whatever was declared, amended and governed anew before it came: one case of the latest version."""
        cases = [each for each in self.world.docket.state.pending.values() if not each.withdrawal]
        standing = {name: each for name, each in self.state.artifacts.items() if not each.withdrawn}
        for name, artifact in standing.items():
            latest = [each for each in cases if (each.artifact, each.version) == (name, artifact.declaration.version)]
            assert len(latest) == artifact.pending
        for case in (each for name, each in self.world.docket.state.pending.items() if "/" in name):
            assert case.artifact in standing
            assert case.version == standing[case.artifact].declaration.version

    @invariant()
    def no_more_run_than_were_let_in(self) -> None:
        """Who runs when the policy becomes tighter may go on; nobody comes in."""
        held = len(self.state.slots.held)
        self.most = max(min(self.most, held), self.state.policy.max_concurrent_agents)
        assert held <= self.most


def is_there(project: Project, name: str) -> bool:
    """By an account of its own: declared, judged, and party to no conflict."""
    artifact = project.artifacts.get(name)
    parties = {party.artifact for each in project.conflicts.values() for party in each.parties}
    return artifact is not None and not artifact.withdrawn and not artifact.pending and name not in parties
