"""Tasks: what is to be done in a project and by whom, a new one, changing one and taking it off the list."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from psmp.words.answers import Status
from psmp.words.commands import ArchiveTask, ChangeTask, CreateTask
from psmp.words.refusals import Code
from psmp.words.values import Word
from psmp_gateway.calls import Call, Called, answer, read, read_change
from psmp_gateway.routes.parameters import Nothing, Project, TaskName, Tasks
from psmp_gateway.rules import cursors, headers, problems
from psmp_gateway.rules.answers import Because
from psmp_gateway.rules.tasks import TASK_CHANGE, TaskPage, TaskState, instead, listed, named
from psmp_gateway.trouble import trouble


async def listing(call: Called, project: Project, wanted: Tasks) -> Response:
    """List what is to be done in a project, by id: what is planned, and what agents are asked to do about conflicts."""
    place = wanted.place(cursors.NAME)
    status = await call.status(project)
    after = place[0] if place else ""
    every = listed(status, kinds=wanted.kind, agent=wanted.agent, statuses=wanted.status)
    found = [each for each in every if each.task > after]
    items = tuple(found[: wanted.limit])
    following = cursors.write(items[-1].task) if len(found) > len(items) else None
    return answer(TaskPage(items=items, sequence=status.sequence, next_cursor=following))


async def create(
    call: Called, project: Project, body: Annotated[CreateTask, Depends(read(CreateTask))], _: Nothing
) -> Response:
    """Plan a task, for an agent or for whoever takes it."""
    return await call.do(project, body, status=201, location=f"/api/v1/projects/{project}/tasks/{body.task}")


async def reading(call: Called, project: Project, task: TaskName, _: Nothing) -> Response:
    """Say what a task is and how far; the ETag is the sequence of the event that made it what it is."""
    found = _of(await call.status(project), task)
    tag = {"ETag": headers.tag(found.sequence)}
    if headers.is_known(call.request.headers.get("If-None-Match"), found.sequence):
        return Response(status_code=304, headers=tag)
    return answer(found, headers=tag)


async def change(
    call: Called,
    project: Project,
    task: TaskName,
    body: Annotated[Word, Depends(read_change(TASK_CHANGE))],
    _: Nothing,
) -> Response:
    """Change a planned task, take it or say that it is done; what is left out stays as it was."""
    await _check_planned(call, project, task)
    return await _say(call, project, task, ChangeTask(task=task, **dict(body)))


async def archive(
    call: Called, project: Project, task: TaskName, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Take a planned task off the list, with the reason."""
    await _check_planned(call, project, task)
    return await _say(call, project, task, ArchiveTask(task=task, reason=body.reason))


async def _check_planned(call: Call, project: str, task: str) -> None:
    """Raises ``Trouble`` for one that is about a conflict: it ends with that, and in no other way."""
    if ":" in task:
        found = _of(await call.status(project), task)
        detail = f"task {task} is about a conflict, and ends with it"
        raise trouble(problems.NOT_PLANNED, detail, instead(project, found))


async def _say(call: Call, project: str, task: str, command: ChangeTask | ArchiveTask) -> Response:
    expected = await call.expected(project, lambda status: _of(status, task).sequence)
    return await call.do(project, command, expected=expected)


def _of(status: Status, task: str) -> TaskState:
    found = named(status, task)
    if found is None:
        hint = f"GET /api/v1/projects/{status.project}/tasks lists what there is"
        raise trouble(Code.UNKNOWN_TASK, f"there is no task {task} in the project", hint)
    return found
