"""The tasks of a project as they are listed, and what is said of those that nobody can change."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.rules.status import describe
from psmp.words.answers import Status
from psmp.words.commands import ArchiveTask, ChangeProject, ChangeTask, CreateTask, DeclareArtifact, PolicyChange
from psmp.words.values import Dependency, Policy, Word
from psmp_gateway.rules.answers import WEBHOOK_CHANGE, changes_nothing
from psmp_gateway.rules.tasks import NOBODY, TASK_CHANGE, TASK_PATTERN, instead, listed, named
from tests.histories import KEY
from tests.played import OWNER, Played


def planned(policy: Policy) -> Played:
    game = Played(policy)
    for task, agent in (("docs", "bob"), ("api", "coder"), ("Old", None), ("free", None)):
        game.said(OWNER, CreateTask(task=task, title=f"Do {task}", agent=agent, artifacts=(task,)))
    game.said("bob", ChangeTask(task="docs", status="IN_PROGRESS", reason="begun"))
    game.said(OWNER, ArchiveTask(task="Old", reason="not needed"))
    for agent, constraint in (("coder", ">=2"), ("ds", "<2")):
        need = Dependency(name="pandas", constraint=constraint)
        game.said(agent, DeclareArtifact(artifact=f"of-{agent}", type="code", dependencies=(need,)))
    return game


def status_with_proposal() -> Status:
    game = planned(Policy(auto_resolve=True))
    game.resolve()
    return describe(KEY, game.state)


ASKED = status_with_proposal()
OPEN = describe(KEY, planned(Policy(resolvers=("fixer", "boss"))).state)
[ANSWER] = [each.task for each in listed(ASKED, kinds=("answer",))]
OWNER_OF_IT = ANSWER.rpartition(":")[2]


def test_what_is_planned_and_what_is_asked_about_conflicts_is_listed_by_id() -> None:
    assert [each.task for each in listed(ASKED)] == [ANSWER, "api", "docs", "free"]
    everything = ["api", "docs", "free", "resolve:C-1:boss", "resolve:C-1:fixer"]
    assert [each.task for each in listed(OPEN)] == everything


@pytest.mark.parametrize(
    ("status", "kinds", "agent", "statuses", "found"),
    [
        (OPEN, ("work",), None, (), ["api", "docs", "free"]),
        (OPEN, ("resolve",), None, (), ["resolve:C-1:boss", "resolve:C-1:fixer"]),
        (OPEN, ("resolve", "work"), "fixer", (), ["resolve:C-1:fixer"]),
        (OPEN, ("answer",), None, (), []),
        (OPEN, (), "bob", (), ["docs"]),
        (OPEN, (), "eve", (), []),
        (OPEN, (), NOBODY, (), ["free"]),
        (OPEN, (), None, ("ARCHIVED",), ["Old"]),
        (OPEN, (), NOBODY, ("ARCHIVED", "OPEN"), ["Old", "free"]),
        (OPEN, (), None, ("IN_PROGRESS", "DONE"), ["docs"]),
        (ASKED, (), OWNER_OF_IT, ("OPEN",), [ANSWER, *(["api"] if OWNER_OF_IT == "coder" else [])]),
    ],
)
def test_tasks_are_found_by_kind_agent_and_status(
    status: Status, kinds: Sequence[str], agent: str | None, statuses: Sequence[str], found: list[str]
) -> None:
    assert [each.task for each in listed(status, kinds=kinds, agent=agent, statuses=statuses)] == found


def test_a_planned_task_is_told_with_who_made_it_and_what_was_said_last() -> None:
    docs = named(OPEN, "docs")
    assert docs is not None
    assert (docs.kind, docs.status, docs.title, docs.agent, docs.by, docs.artifacts, docs.reason) == (
        *("work", "IN_PROGRESS", "Do docs", "bob", OWNER, ("docs",)),
        "begun",
    )
    [known] = [each for each in OPEN.tasks if each.task == "docs"]
    assert (docs.since, docs.sequence, docs.time) == (known.since, known.sequence, known.time)
    old = named(OPEN, "Old")
    assert old is not None
    assert (old.status, old.reason) == ("ARCHIVED", "not needed")


def test_an_answer_is_told_with_who_wants_it_until_when_and_what_it_would_change() -> None:
    task = named(ASKED, ANSWER)
    [proposal] = ASKED.resolutions
    assert task is not None
    assert (task.kind, task.status, task.agent, task.resolution) == ("answer", "OPEN", *proposal.unanswered, "R-1")
    assert (task.by, task.since, task.time, task.reason) == (
        *(proposal.by, proposal.since, proposal.since),
        proposal.reason,
    )
    assert (task.conflict, task.changes) == (ASKED.conflicts[0], proposal.changes)
    assert task.until is not None
    assert task.until > proposal.since
    assert (task.title, task.details.startswith("psmp_resolver would resolve C-1 so: ")) == (
        "answer R-1, about C-1",
        True,
    )
    assert instead("p", task).endswith(": POST /api/v1/projects/p/resolutions/R-1/answer")


def test_a_conflict_to_be_resolved_is_told_as_of_the_event_that_made_it_what_it_is() -> None:
    task = named(OPEN, "resolve:C-1:fixer")
    assert task is not None
    assert (task.kind, task.sequence, task.conflict) == ("resolve", OPEN.told["C-1"], OPEN.conflicts[0])
    assert (task.title, task.details, task.by, task.since, task.changes) == (
        *("resolve C-1", OPEN.conflicts[0].text, None, None),
        (),
    )
    assert instead("p", task).endswith(": POST /api/v1/governance/conflicts/C-1/resolve?project=p")


@pytest.mark.parametrize(
    "never", ["never", "resolve:C-2:fixer", "resolve:C-1:eve", "answer:R-1:fixer", "answer:R-9:coder", "work:docs", ":"]
)
def test_what_nobody_asks_is_no_task(never: str) -> None:
    assert named(OPEN, never) is None


@given(
    st.sampled_from([ASKED, OPEN]),
    st.sets(st.sampled_from(["work", "answer", "resolve"])),
    st.sampled_from([None, NOBODY, "bob", "coder", "ds", "fixer"]),
    st.sets(st.sampled_from(["OPEN", "IN_PROGRESS", "DONE", "ARCHIVED"])),
)
def test_whatever_is_listed_has_an_id_of_its_own_by_which_it_is_found(
    status: Status, kinds: set[str], agent: str | None, statuses: set[str]
) -> None:
    found = listed(status, kinds=kinds, agent=agent, statuses=statuses)
    ids = [each.task for each in found]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(TASK_PATTERN, each.task) and named(status, each.task) == each for each in found)


def test_no_planned_task_can_be_called_as_one_about_a_conflict() -> None:
    for name in ("answer:R-1:ada", "resolve:C-3:fixer"):
        with pytest.raises(ValueError, match="pattern"):
            CreateTask(task=name, title="x")
        assert re.fullmatch(TASK_PATTERN, name)
    assert not any(re.fullmatch(TASK_PATTERN, wrong) for wrong in ("a:b", "answer:C-1:ada", "resolve:C-0:ada", ""))


@pytest.mark.parametrize(
    ("change", "nothing"),
    [
        (TASK_CHANGE(), True),
        (TASK_CHANGE.model_validate({"reason": "x"}), True),
        (TASK_CHANGE.model_validate({"agent": ""}), False),
        (TASK_CHANGE.model_validate({"artifacts": ()}), False),
        (ChangeProject(reason="x"), True),
        (ChangeProject(policy=PolicyChange(), reason="x"), True),
        (ChangeProject(policy=PolicyChange(strict_mode=False), reason="x"), False),
        (ChangeProject(name="", reason="x"), False),
        (WEBHOOK_CHANGE(), True),
    ],
)
def test_a_change_says_what_shall_be_otherwise(change: Word, nothing: bool) -> None:
    assert changes_nothing(change) is nothing
