"""What becomes of the wishes for planned tasks: who may plan, take and end them, and what is to be there at the end."""

from typing import assert_never

from psmp.rules.access import governs
from psmp.rules.lifecycle import UNDER_WAY
from psmp.rules.planned import live
from psmp.rules.project import Project
from psmp.words.commands import ArchiveTask, ChangeTask, CreateTask
from psmp.words.events import TaskArchived, TaskChanged, TaskCreated
from psmp.words.refusals import Code, Refused
from psmp.words.tasks import MOST_TASKS, Doing, Planned
from psmp_intake.rules.state import Decision

Wish = CreateTask | ChangeTask | ArchiveTask


def decide(project: Project, agent: str, wish: Wish) -> Decision:
    """What becomes of it."""
    if project.phase not in UNDER_WAY:
        return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}; nothing is planned in it any more")
    known = project.tasks.get(wish.task)
    if isinstance(wish, CreateTask):
        return _create(project, wish, known)
    if known is None or known.status == "ARCHIVED":
        reason = f"there is no task {wish.task} in the project" if known is None else f"task {wish.task} was archived"
        return Refused(Code.UNKNOWN_TASK, reason, "`psmp task list` shows what there is; create it")
    if not _may(project, agent, wish, known):
        reason = f"task {wish.task} is {known.agent or 'nobody'}'s, and was made by {known.by}"
        hint = "ask one of them, or who governs the project; what is nobody's, take first: psmp task take"
        return Refused(Code.NOT_OWNER, reason, hint)
    match wish:
        case ChangeTask():
            return _change(project, wish, known)
        case ArchiveTask():
            return TaskArchived(task=wish.task, reason=wish.reason)
        case never:
            assert_never(never)


def _create(project: Project, wish: CreateTask, known: Planned | None) -> Decision:
    if known is not None and known.status != "ARCHIVED":
        reason = f"there is a task {wish.task} since {known.since}"
        return Refused(Code.TASK_EXISTS, reason, "change it, or choose another id")
    if len(live(project.tasks)) >= MOST_TASKS:
        reason = f"there are {MOST_TASKS} tasks, no more are kept at a time"
        return Refused(Code.TOO_MANY_TASKS, reason, "archive what is done")
    return TaskCreated(**{**dict(wish), "artifacts": _each_once(wish.artifacts)})


def _may(project: Project, agent: str, wish: ChangeTask | ArchiveTask, known: Planned) -> bool:
    """Whoever made it, whose it is, who governs; and what is nobody's anybody may take."""
    takes = known.agent is None and isinstance(wish, ChangeTask) and wish.agent == agent
    return takes or agent in (known.by, known.agent) or governs(project, agent)


def _change(project: Project, wish: ChangeTask, known: Planned) -> Decision:
    making = known.artifacts if wish.artifacts is None else _each_once(wish.artifacts)
    whose = known.agent if wish.agent is None else wish.agent or None
    status = wish.status or _left(known, whose)
    says = wish.status is not None or wish.artifacts is not None
    if status == "DONE" and says and (missing := _missing(project, making)):
        reason = f"task {wish.task} is not done: {', '.join(missing)}"
        return Refused(Code.WORK_UNFINISHED, reason, "declare what shall come of it and clear its conflicts first")
    return TaskChanged(
        task=wish.task,
        title=wish.title or known.title,
        details=known.details if wish.details is None else wish.details,
        agent=whose,
        artifacts=making,
        status=status,
        reason=wish.reason,
    )


def _left(known: Planned, whose: str | None) -> Doing:
    """How far it is when nobody says: what is handed on is to be done anew."""
    if whose != known.agent or known.status == "ARCHIVED":
        return "OPEN"
    return known.status


def _each_once(artifacts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(artifacts))


def _missing(project: Project, making: tuple[str, ...]) -> list[str]:
    """What of the artifacts is not ACTIVE, in words."""
    found = ((name, project.status_of(name) if name in project.artifacts else "not declared") for name in making)
    return [f"{name} is {status}" for name, status in found if status != "ACTIVE"]
