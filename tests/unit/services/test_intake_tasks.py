"""What becomes of the wishes for planned tasks, and for a project to be otherwise or given up."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from psmp.rules.project import Project
from psmp.words.commands import (
    ArchiveTask,
    ChangeProject,
    ChangeTask,
    Command,
    CreateProject,
    CreateTask,
    PolicyChange,
    TransitionProject,
)
from psmp.words.envelope import Stamp, open_command, seal_command
from psmp.words.events import (
    ArtifactWithdrawn,
    Event,
    ProjectChanged,
    ProjectTransitioned,
    TaskArchived,
    TaskChanged,
    TaskCreated,
)
from psmp.words.ids import uuid7
from psmp.words.refusals import Code, Refused
from psmp.words.subjects import CommandSubject
from psmp.words.tasks import MOST_TASKS
from psmp.words.values import Phase, Policy, Target
from psmp_intake.rules import decide, ruling
from psmp_intake.rules.state import Decision
from tests.unit.services.history import KEY, PLANNED, STARTED, Said, accepted, clash, declared, detected, project

STAMP = Stamp(uuid7(1, bytes(10)), "2026-11-26T10:00:00.000000Z")
TASK = TaskCreated(task="docs", title="Write the docs", details="all of them", artifacts=("api",))
BOBS = TaskChanged(
    task="docs", title="Write the docs", details="", agent="bob", artifacts=("api",), status="IN_PROGRESS"
)
DONE = ChangeTask(task="docs", status="DONE")


def code(decision: Decision) -> Code | str:
    return decision.code if isinstance(decision, Refused) else decision.KIND


def happens(decision: Decision) -> Event:
    assert not isinstance(decision, Refused)
    return decision


def decided(agent: str, command: Command, *events: Said) -> Decision:
    return decide(project(*events), agent, command)


def _moved(to: Phase) -> ProjectTransitioned:
    return ProjectTransitioned(origin=Phase.INITIALIZED, to=to, reason="so")


def ruled(state: Project, command: Command, *, expected: int | None = None, privileged: bool = False) -> Decision:
    subject = CommandSubject(KEY, "coder", command.KIND, privileged)
    body = seal_command(KEY, "coder", command, STAMP, expected=expected)
    return ruling.rule(state, subject, open_command(body, command.KIND), STAMP.time)


def test_whatever_project_is_not_at_its_end_can_have_tasks() -> None:
    wish = CreateTask(task="docs", title="Write the docs", details="all of them", artifacts=("api",))
    assert decided("eve", wish) == TASK
    assert decided("eve", wish, PLANNED) == TASK
    for end in (Phase.ARCHIVED, Phase.COMPLETED):
        assert code(decided("eve", wish, _moved(end))) == Code.PROJECT_NOT_OPEN


def test_a_task_is_created_once_and_again_after_it_was_archived() -> None:
    wish = CreateTask(task="docs", title="Once more")
    assert code(decided("eve", wish, TASK)) == Code.TASK_EXISTS
    again = decided("eve", wish, TASK, TaskArchived(task="docs", reason="no"))
    assert again == TaskCreated(task="docs", title="Once more", details="", artifacts=())
    state = project(TASK, TaskArchived(task="docs", reason="no"), TaskCreated(**dict(wish)))
    assert (state.tasks["docs"].status, state.tasks["docs"].title) == ("OPEN", "Once more")
    assert state.tasks["docs"].reason == ""


def test_a_project_keeps_so_many_tasks_and_no_more() -> None:
    full = [TaskCreated(task=f"t{number}", title="x", details="", artifacts=()) for number in range(MOST_TASKS)]
    wish = CreateTask(task="more", title="x")
    assert code(decided("eve", wish, *full)) == Code.TOO_MANY_TASKS
    assert code(decided("eve", wish, *full, TaskArchived(task="t1", reason="no"))) == TaskCreated.KIND


def test_an_artifact_is_named_once_however_often_it_was_said() -> None:
    wish = CreateTask(task="docs", title="x", artifacts=("api", "web", "api"))
    created = decided("eve", wish)
    assert isinstance(created, TaskCreated)
    assert created.artifacts == ("api", "web")
    changed = decided("coder", ChangeTask(task="docs", artifacts=("web", "web")), created)
    assert isinstance(changed, TaskChanged)
    assert changed.artifacts == ("web",)


@pytest.mark.parametrize("title", ["", "  ", "\u2003"])
def test_a_task_has_a_title_that_can_be_seen(title: str) -> None:
    for wish in (CreateTask, ChangeTask):
        with pytest.raises(ValidationError, match="title"):
            wish(task="docs", title=title)


@pytest.mark.parametrize("wish", [DONE, ArchiveTask(task="docs", reason="no")])
def test_what_is_not_there_is_neither_changed_nor_archived(wish: Command) -> None:
    assert code(decided("coder", wish)) == Code.UNKNOWN_TASK
    assert code(decided("coder", wish, TASK, TaskArchived(task="docs", reason="no"))) == Code.UNKNOWN_TASK


@pytest.mark.parametrize(("agent", "may"), [("coder", True), ("bob", True), ("eve", False)])
def test_a_task_is_changed_and_archived_by_its_maker_its_agent_and_who_governs(agent: str, may: bool) -> None:
    for wish, kind in (
        (ChangeTask(task="docs", title="Write less"), TaskChanged.KIND),
        (ArchiveTask(task="docs", reason="no"), TaskArchived.KIND),
    ):
        assert code(decided(agent, wish, TASK, BOBS)) == (kind if may else Code.NOT_OWNER)


def test_whoever_wants_takes_what_is_nobodys_and_nothing_else() -> None:
    take = ChangeTask(task="docs", agent="eve", status="IN_PROGRESS")
    taken = decided("eve", take, TASK)
    assert isinstance(taken, TaskChanged)
    assert (taken.agent, taken.status, taken.details) == ("eve", "IN_PROGRESS", "all of them")
    assert code(decided("eve", take, TASK, BOBS)) == Code.NOT_OWNER
    assert code(decided("eve", ChangeTask(task="docs", agent="bob"), TASK)) == Code.NOT_OWNER
    assert code(decided("eve", ArchiveTask(task="docs", reason="no"), TASK)) == Code.NOT_OWNER


def test_what_is_handed_on_is_to_be_done_anew_unless_somebody_says_otherwise() -> None:
    def status(wish: ChangeTask, *events: Said) -> str:
        changed = decided("coder", wish, PLANNED, TASK, BOBS, *events)
        assert isinstance(changed, TaskChanged)
        return changed.status

    assert status(ChangeTask(task="docs", agent="eve")) == "OPEN"
    assert status(ChangeTask(task="docs", agent="")) == "OPEN"
    assert status(ChangeTask(task="docs", agent="bob")) == "IN_PROGRESS"
    assert status(ChangeTask(task="docs", agent="eve", status="IN_PROGRESS")) == "IN_PROGRESS"
    done = BOBS.model_copy(update={"status": "DONE"})
    assert status(ChangeTask(task="docs", agent="eve"), done) == "OPEN"
    assert status(ChangeTask(task="docs", title="Write more"), done) == "DONE"


def test_what_is_left_out_of_a_change_stays_as_it_was() -> None:
    changed = decided("bob", ChangeTask(task="docs", agent="", details="", artifacts=()), TASK, BOBS)
    assert changed == TaskChanged(
        task="docs", title="Write the docs", details="", artifacts=(), status="OPEN", reason=""
    )


@pytest.mark.parametrize(
    ("events", "missing"),
    [
        ((), "api is not declared"),
        ((declared("api"),), "api is DRAFT"),
        ((declared("api"), detected("api", clash("C-1", "api"))), "api is DRAFT"),
    ],
)
def test_a_task_is_done_only_when_all_that_shall_come_of_it_stands(events: Sequence[Event], missing: str) -> None:
    refused = decided("bob", DONE, PLANNED, TASK, BOBS, *events)
    assert isinstance(refused, Refused)
    assert (refused.code, missing in refused.reason) == (Code.WORK_UNFINISHED, True)
    done = decided("bob", DONE, PLANNED, TASK, BOBS, declared("api"), accepted("api"))
    assert code(done) == TaskChanged.KIND


def test_a_task_that_is_done_cannot_come_to_be_for_what_is_not_there() -> None:
    done = (PLANNED, TASK, BOBS, declared("api"), accepted("api"), BOBS.model_copy(update={"status": "DONE"}))
    assert code(decided("bob", ChangeTask(task="docs", artifacts=("api", "web")), *done)) == Code.WORK_UNFINISHED
    assert code(decided("bob", ChangeTask(task="docs", artifacts=("api",)), *done)) == TaskChanged.KIND
    assert code(decided("bob", ChangeTask(task="docs", title="All the docs"), *done)) == TaskChanged.KIND
    assert code(decided("bob", ChangeTask(task="docs", artifacts=("web",), status="OPEN"), *done)) == TaskChanged.KIND


def test_a_project_is_not_completed_while_a_task_is_left() -> None:
    complete = TransitionProject(to=Phase.COMPLETED, reason="done")
    work = (PLANNED, STARTED, TASK)
    refused = decided("coder", complete, *work)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (Code.WORK_UNFINISHED, "not done: task docs is OPEN")
    many = [TASK.model_copy(update={"task": f"t{number}"}) for number in range(20)]
    counted = decided("coder", complete, *work, *many)
    assert isinstance(counted, Refused)
    assert counted.reason.endswith("task t10 is OPEN, and 9 more")
    for end in (TaskArchived(task="docs", reason="no"), BOBS.model_copy(update={"status": "DONE"})):
        assert code(decided("coder", complete, *work, end)) == ProjectTransitioned.KIND


@pytest.mark.parametrize("phase", [Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED])
def test_a_project_can_be_given_up_from_everywhere_but_while_it_is_blocked(phase: Phase) -> None:
    archive = TransitionProject(to=Phase.ARCHIVED, reason="no")
    assert code(decided("coder", archive, _moved(phase))) == ProjectTransitioned.KIND
    strangers = ProjectTransitioned.KIND if phase is Phase.COMPLETED else Code.NOT_ALLOWED
    assert code(decided("eve", archive, _moved(phase))) == strangers, "what is not done is for who governs to give up"
    blocked = (PLANNED, declared("api"), detected("api", clash("C-1", "api")))
    refused = decided("coder", archive, *blocked)
    assert isinstance(refused, Refused)
    assert refused.code == Code.PROJECT_BLOCKED
    assert "psmp acknowledge PROJECT conflict-C-1" in refused.hint


def test_whoever_governs_changes_a_project_and_what_is_left_out_stays() -> None:
    wish = ChangeProject(policy=PolicyChange(auto_resolve=True, resolvers=()), reason="we trust it")
    before = project(PLANNED)
    changed = decide(before, "coder", wish)
    assert isinstance(changed, ProjectChanged)
    assert (changed.name, changed.targets, changed.reason) == (before.name, before.targets, "we trust it")
    assert changed.policy == before.policy.model_copy(update={"auto_resolve": True, "resolvers": ()})
    assert code(decide(before, "eve", wish)) == Code.NOT_ALLOWED
    assert code(decided("coder", wish, _moved(Phase.COMPLETED))) == Code.PROJECT_NOT_OPEN


def test_for_other_targets_everything_awaits_its_verdict_anew() -> None:
    events = (PLANNED, declared("api"), accepted("api"))
    same = project(*events, happens(decided("coder", ChangeProject(name="x", reason="y"), *events)))
    assert (same.name, same.artifacts["api"].pending, same.changed) == ("x", False, project(*events).changed)
    again = ChangeProject(targets=(Target(), Target()), reason="said twice")
    twice = project(*events, happens(decided("coder", again, *events)))
    assert (twice.targets, twice.artifacts["api"].pending) == ((Target(),), False)
    wish = ChangeProject(targets=(Target(python="3.13"),), reason="newer")
    other = project(*events, happens(decided("coder", wish, *events)))
    assert (other.artifacts["api"].pending, other.changed) == (True, other.sequence)
    gone = (*events, ArtifactWithdrawn(artifact="api", version=1, reason="no"))
    assert not project(*gone, happens(decided("coder", wish, *gone))).artifacts["api"].pending


def test_only_a_privileged_client_names_privileged_agents() -> None:
    wish = ChangeProject(policy=PolicyChange(privileged=("coder",)), reason="mine")
    assert code(ruled(project(), wish)) == Code.NOT_ALLOWED
    assert code(ruled(project(), wish, privileged=True)) == ProjectChanged.KIND
    nobody = ChangeProject(policy=PolicyChange(privileged=()), reason="none")
    assert code(ruled(project(), nobody)) == ProjectChanged.KIND


def test_a_task_that_has_changed_since_is_not_changed_blindly() -> None:
    state = project(TASK, BOBS)
    stands = state.tasks["docs"].sequence
    for wish in (ChangeTask(task="docs", title="x"), ArchiveTask(task="docs", reason="no")):
        assert code(ruled(state, wish, expected=stands)) in (TaskChanged.KIND, TaskArchived.KIND)
        assert code(ruled(state, wish, expected=stands - 1)) == Code.PRECONDITION_FAILED
    gone = ChangeTask(task="gone", title="x")
    assert code(ruled(state, gone, expected=1)) == Code.UNKNOWN_TASK  # rather than that it has changed


def test_a_change_of_a_policy_can_say_all_that_a_policy_says() -> None:
    of_change, of_policy = (word.model_json_schema()["properties"] for word in (PolicyChange, Policy))

    def bounds(schema: dict[str, object]) -> dict[str, object]:
        found = schema.get("anyOf", [schema])
        assert isinstance(found, list)
        (one,) = (each for each in found if each.get("type") != "null")
        return {name: value for name, value in one.items() if name not in {"title", "default"}}

    assert {name: bounds(each) for name, each in of_change.items()} == {
        name: bounds(each) for name, each in of_policy.items()
    }


def test_a_project_that_is_new_has_no_wishes_but_its_creation() -> None:
    assert code(decide(None, "coder", CreateTask(task="docs", title="x"))) == Code.UNKNOWN_PROJECT
    assert code(decide(None, "coder", CreateProject(name="x"))) == "project.created"
