"""Projects: those that there are, a new one, the next phase."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from psmp.words.answers import ProjectLine, ProjectList, ProjectsQuestion
from psmp.words.commands import CreateProject, TransitionProject
from psmp_gateway.calls import Call, Called, answer, read
from psmp_gateway.routes.parameters import Nothing, Paged, Project
from psmp_gateway.rules import cursors
from psmp_gateway.rules.answers import NewProject, ProjectPage


async def listing(call: Called, page: Paged) -> Response:
    """List the projects that the key sees, by id."""
    place = page.place(cursors.NAME)
    found, more, behind = await seen(call, place[0] if place else "", page.limit)
    following = cursors.write(found[-1].project) if more else None
    return answer(ProjectPage(items=tuple(found), next_cursor=following, behind=behind))


async def seen(call: Call, after: str, limit: int) -> tuple[list[ProjectLine], bool, int]:
    """So many projects behind ``after`` that the key sees, whether there may be more, and how stale that is."""
    found: list[ProjectLine] = []
    while True:
        question = ProjectsQuestion(after=after, limit=limit)
        page = await call.ports.speaking.ask(call.caller, "projects", question, ProjectList)
        found += [each for each in page.projects if call.caller.sees(each.project)]
        if len(found) > limit or not page.more:
            return found[:limit], page.more or len(found) > limit, page.behind
        if len(found) == limit:
            return found, True, page.behind
        after = page.projects[-1].project


async def create(call: Called, body: Annotated[NewProject, Depends(read(NewProject))], _: Nothing) -> Response:
    """Create a project."""
    command = CreateProject(name=body.name or body.project, targets=body.targets, policy=body.policy)
    return await call.do(body.project, command, status=201, location=f"/api/v1/projects/{body.project}")


async def transition(
    call: Called, project: Project, body: Annotated[TransitionProject, Depends(read(TransitionProject))], _: Nothing
) -> Response:
    """Move a project along its lifecycle."""
    expected = await call.expected(project, lambda status: status.sequence)
    return await call.do(project, body, expected=expected)
