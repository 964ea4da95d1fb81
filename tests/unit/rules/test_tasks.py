"""Who is asked to do what, as a status tells."""

from psmp.rules.status import describe, recalled
from psmp.rules.tasks import asked, tasks
from psmp.words.commands import (
    ArchiveTask,
    ChangeTask,
    CreateTask,
    DeclareArtifact,
    ResolveConflict,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.values import Dependency, Phase, Policy
from tests.histories import KEY
from tests.played import OWNER, Played


def clashed(policy: Policy) -> Played:
    game = Played(policy)
    for agent, constraint in (("coder", ">=2"), ("ds", "<2")):
        need = Dependency(name="pandas", constraint=constraint)
        game.said(agent, DeclareArtifact(artifact=f"of-{agent}", type="code", dependencies=(need,)))
    return game


def test_owners_are_asked_for_their_answer_and_nobody_else() -> None:
    game = clashed(Policy(auto_resolve=True))
    assert asked(describe(KEY, game.state)) == ()
    game.resolve()
    status = describe(KEY, game.state)
    (agent,) = asked(status)
    (task,) = tasks(status, agent)
    assert (task.task, task.resolution, task.sequence) == ("answer", "R-1", status.sequence)
    assert task.conflict == status.conflicts[0]
    assert task.text.startswith(f"psmp_resolver would resolve C-1 so: {agent} -> pandas ")
    assert task.until is not None
    assert task.until > status.time
    assert tasks(status, "eve") == ()


def test_resolvers_are_asked_to_resolve_what_nobody_is_at() -> None:
    game = clashed(Policy(resolvers=("fixer",)))
    status = describe(KEY, game.state)
    assert asked(status) == ("fixer",)
    (task,) = tasks(status, "fixer")
    assert (task.task, task.conflict, task.resolution) == ("resolve", status.conflicts[0], None)
    assert task.identity == tasks(status, "fixer")[0].identity
    wish = ResolveConflict(conflict="C-1", strategy="waive", seconds=60, reason="for now")
    game.ask(OWNER, wish)
    assert asked(describe(KEY, game.state)) == ()
    game.resolve()
    assert tasks(describe(KEY, game.state), "fixer") == (), "it is waived"


def test_a_proposal_about_what_is_gone_asks_nobody() -> None:
    game = clashed(Policy(auto_resolve=True))
    game.resolve()
    (agent,) = asked(describe(KEY, game.state))
    game.said("ds", WithdrawArtifact(artifact="of-ds", reason="not needed"))
    assert tasks(describe(KEY, game.state), agent) == ()


def test_a_project_is_recalled_from_its_status_as_far_as_that_tells() -> None:
    game = clashed(Policy(resolvers=("fixer",)))
    game.said("eve", DeclareArtifact(artifact="gone", type="code"))
    game.said("eve", WithdrawArtifact(artifact="gone", reason="not needed"))
    now, then = recalled(describe(KEY, game.state)), game.state
    for each in ("name", "targets", "policy", "created", "since", "time", "phase", "sequence", "creator", "conflicts"):
        assert getattr(now, each) == getattr(then, each)
    for name, artifact in then.artifacts.items():
        again = now.artifacts[name]
        assert (again.agent, again.sequence, again.withdrawn, again.pending) == (
            *(artifact.agent, artifact.sequence, artifact.withdrawn),
            False,
        )
        assert again.declaration.dependencies == artifact.declaration.dependencies


def test_whose_a_task_is_is_asked_to_work_on_it_until_it_is_done() -> None:
    game = Played()
    game.said(OWNER, CreateTask(task="docs", title="Write the docs", agent="bob"))
    game.said(OWNER, CreateTask(task="free", title="Whoever wants"))
    status = describe(KEY, game.state)
    assert asked(status) == ("bob",)
    (task,) = tasks(status, "bob")
    assert (task.task, task.text, task.conflict, task.planned) == (
        *("work", "docs: Write the docs", None),
        status.tasks[0],
    )
    game.said("bob", ChangeTask(task="docs", status="IN_PROGRESS"))
    (taken,) = tasks(describe(KEY, game.state), "bob")
    assert taken.identity != task.identity
    for end in (ChangeTask(task="docs", status="DONE"), ArchiveTask(task="docs", reason="no")):
        game.said("bob", end)
        assert asked(describe(KEY, game.state)) == ()


def test_in_a_project_that_was_given_up_nobody_is_asked_to_work() -> None:
    game = Played()
    game.said(OWNER, CreateTask(task="docs", title="Write the docs", agent="bob"))
    game.said(OWNER, TransitionProject(to=Phase.ARCHIVED, reason="no"))
    status = describe(KEY, game.state)
    assert (asked(status), tasks(status, "bob")) == ((), ())
