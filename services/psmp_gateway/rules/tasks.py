"""The tasks of a project as they are listed: the planned ones, and what agents are asked to do about conflicts."""

from collections.abc import Collection, Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from psmp.rules.tasks import asked, tasks
from psmp.words.answers import Status
from psmp.words.commands import ChangeTask
from psmp.words.ids import ID_PATTERN, Id
from psmp.words.tasks import Planned, Task
from psmp.words.values import Change, Conflict, ResolutionId, Word
from psmp_gateway.rules.answers import Next, part

Kind = Literal["work", "answer", "resolve"]
Standing = Literal["OPEN", "IN_PROGRESS", "DONE", "ARCHIVED"]

_ID: Final = ID_PATTERN.strip("^$")
AGENT_PATTERN: Final = rf"^({_ID})?$"
TASK_PATTERN: Final = rf"^({_ID}|(answer:R|resolve:C)-[1-9][0-9]{{0,8}}:{_ID})$"
"""Ids of planned tasks, and the names of those about conflicts, which no planned one can have."""

NOBODY: Final = ""
"""Stands for the agent of tasks that are nobody's."""

TASK_CHANGE: Final = part(ChangeTask, "TaskChange", str(ChangeTask.__doc__), "task")


class TaskState(Word):
    """What somebody is asked to do, and how far it is.

    ``work`` is planned: ``by`` has made it, at ``since``, for ``agent`` or for whoever takes it; ``artifacts`` shall
    come of it; ``sequence`` and ``time`` are those of the event that made it what it is, and ``reason`` what was said
    with that. The others are OPEN for as long as they are there. ``answer``: ``agent`` is to agree to ``resolution``,
    which makes ``changes``, ``until`` then. ``resolve``: it is to find a way out of ``conflict``, which event
    ``sequence`` made what it is.
    """

    task: Annotated[str, Field(pattern=TASK_PATTERN)]
    kind: Kind
    status: Standing
    title: str
    details: str = ""
    agent: Id | None = None
    artifacts: tuple[Id, ...] = ()
    by: Id | None = None
    since: str | None = None
    sequence: int
    time: str | None = None
    reason: str = ""
    conflict: Conflict | None = None
    resolution: ResolutionId | None = None
    changes: tuple[Change, ...] = ()
    until: str | None = None


class TaskPage(Word):
    """Tasks of a project by id, as of ``sequence``."""

    items: tuple[TaskState, ...]
    sequence: int
    next_cursor: Next = None


def listed(
    status: Status,
    *,
    kinds: Collection[str] = (),
    agent: str | None = None,
    statuses: Collection[str] = (),
) -> list[TaskState]:
    """The tasks of these kinds, of ``agent`` and in these statuses, by id.

    Where nothing is said of one of the three, it is all there are; but archived tasks are named by their status alone.
    """
    found = [*_planned(status, kinds, agent), *_about_conflicts(status, kinds, agent)]
    wanted = [each for each in found if (each.status in statuses if statuses else each.status != "ARCHIVED")]
    return sorted(wanted, key=lambda each: each.task)


def named(status: Status, task: str) -> TaskState | None:
    """The task of that id, archived or not; None where there is none."""
    kind, of_conflict, rest = task.partition(":")
    agent = rest.rpartition(":")[2]
    found = _about_conflicts(status, (kind,), agent) if of_conflict else _planned(status, (), None)
    return next((each for each in found if each.task == task), None)


def instead(project: str, task: TaskState) -> str:
    """What to do about a task that cannot be changed or archived, for it is about a conflict and ends with it."""
    if task.resolution is not None:
        return f"say yes, no or another change: POST /api/v1/projects/{project}/resolutions/{task.resolution}/answer"
    conflict = task.conflict.id if task.conflict is not None else ""
    return f"resolve the conflict: POST /api/v1/governance/conflicts/{conflict}/resolve?project={project}"


def _planned(status: Status, kinds: Collection[str], agent: str | None) -> Iterator[TaskState]:
    if not kinds or "work" in kinds:
        yield from (_work(each) for each in status.tasks if agent in (None, each.agent or NOBODY))


def _about_conflicts(status: Status, kinds: Collection[str], agent: str | None) -> Iterator[TaskState]:
    if kinds and not {"answer", "resolve"} & set(kinds):
        return
    for name in asked(status) if agent is None else (agent,):
        for each in tasks(status, name):
            if each.task != "work" and (not kinds or each.task in kinds):
                yield _asked(status, name, each)


def _work(planned: Planned) -> TaskState:
    return TaskState(kind="work", **dict(planned))


def _asked(status: Status, agent: str, task: Task) -> TaskState:
    """Of an answer it is known who wants it since when, and why; a conflict is there by itself."""
    conflict = task.conflict.id if task.conflict is not None else ""
    proposal = next((each for each in status.resolutions if each.resolution == task.resolution), None)
    since = proposal.since if proposal is not None else None
    return TaskState(
        task=f"{task.task}:{task.resolution or conflict}:{agent}",
        kind=task.task,
        status="OPEN",
        title=f"answer {task.resolution}, about {conflict}" if task.resolution else f"resolve {conflict}",
        details=task.text if task.resolution or task.conflict is None else task.conflict.text,
        agent=agent,
        by=proposal.by if proposal is not None else None,
        since=since,
        sequence=status.told.get(conflict, task.sequence),
        time=since,
        reason=proposal.reason if proposal is not None else "",
        conflict=task.conflict,
        resolution=task.resolution,
        changes=task.changes,
        until=task.until,
    )
