"""Projects: those that there are, a new one, the next phase, another name or policy, the end."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import Response

from psmp.words.answers import ProjectLine, ProjectList, ProjectsQuestion
from psmp.words.commands import ChangeProject, CreateProject, TransitionProject
from psmp.words.values import Phase
from psmp_gateway.calls import Call, Called, answer, read, read_change
from psmp_gateway.routes.parameters import Nothing, Project, ProjectFilter, Projects
from psmp_gateway.rules import cursors
from psmp_gateway.rules.answers import Because, NewProject, ProjectPage

PAGE: Final = 500
MOST_LOOKED_AT: Final = 5000
"""So many projects are gone through for one page by name; what is not found among them is on the next one."""


async def listing(call: Called, wanted: Projects) -> Response:
    """List the projects that the key sees, by id, all of them or by state and name."""
    place = wanted.place(cursors.NAME)
    after = place[0] if place else ""
    found, following, behind = await _chosen(call, after, wanted)
    return answer(ProjectPage(items=tuple(found), next_cursor=following, behind=behind))


async def _chosen(call: Call, after: str, wanted: ProjectFilter) -> tuple[list[ProjectLine], str | None, int]:
    """A page of those that are called so, where the next one begins, and how stale that is.

    What does not come among the first ``MOST_LOOKED_AT`` is on the next page. Names are compared here and not in
    Postgres, whose idea of small letters depends on how the database was made.
    """
    name, looked, found, more, behind = wanted.name.casefold(), 0, list[ProjectLine](), True, 0
    while more and looked < MOST_LOOKED_AT:
        lines, more, behind = await seen(call, after, PAGE if name else wanted.limit, wanted.state)
        for number, line in enumerate(lines, 1):
            after = line.project
            if name in line.name.casefold():
                found.append(line)
            if len(found) == wanted.limit:
                return found, cursors.write(after) if more or number < len(lines) else None, behind
        looked += len(lines)
    return found, cursors.write(after) if more else None, behind


async def seen(
    call: Call, after: str, limit: int, states: tuple[Phase, ...] = ()
) -> tuple[list[ProjectLine], bool, int]:
    """So many projects behind ``after`` that the key sees, whether there may be more, and how stale that is.

    Of these states, or of all.
    """
    found: list[ProjectLine] = []
    while True:
        question = ProjectsQuestion(after=after, limit=limit, states=states)
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


async def change(
    call: Called, project: Project, body: Annotated[ChangeProject, Depends(read_change(ChangeProject))], _: Nothing
) -> Response:
    """Change what a project is called, must run in, and how it is governed; what is left out stays as it was."""
    expected = await call.expected(project, lambda status: status.sequence)
    return await call.do(project, body, expected=expected)


async def archive(
    call: Called, project: Project, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Archive a project, finished or given up, with the reason: nothing is done in it any more."""
    expected = await call.expected(project, lambda status: status.sequence)
    return await call.do(project, TransitionProject(to=Phase.ARCHIVED, reason=body.reason), expected=expected)
