"""Projects: those that there are, one of them, a new one, the next phase; and what happened in one."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import Response
from pydantic_core import from_json

from psmp.words.answers import EventsPage, EventsQuestion, ProjectLine, ProjectList, ProjectsQuestion
from psmp.words.commands import CreateProject, TransitionProject
from psmp.words.envelope import leaf_hash
from psmp_gateway.calls import Call, Called, answer, read
from psmp_gateway.routes.parameters import At, Nothing, Paged, Project
from psmp_gateway.rules import cursors, headers
from psmp_gateway.rules.answers import EventPage, NewProject, ProjectPage, StoredEvent

JSON_LINES: Final = "application/jsonl"


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


async def reading(call: Called, project: Project, at: At) -> Response:
    """Say how a project stands, now or as of an event; the ETag is the sequence of its last event."""
    status = await call.status(project, at.sequence)
    tag = {"ETag": headers.tag(status.sequence)}
    if headers.is_known(call.request.headers.get("If-None-Match"), status.sequence):
        return Response(status_code=304, headers=tag)
    return answer(status, headers=tag)


async def transition(
    call: Called, project: Project, body: Annotated[TransitionProject, Depends(read(TransitionProject))], _: Nothing
) -> Response:
    """Move a project along its lifecycle."""
    await call.expect(project, lambda status: status.sequence)
    return await call.do(project, body)


async def events(call: Called, project: Project, page: Paged) -> Response:
    """Page through the audit trail of a project; as `application/jsonl` each line is an event's exact stored bytes."""
    call.see(project)
    place = page.place(cursors.NUMBER)
    question = EventsQuestion(project=project, after=place[0] if place else 0, limit=page.limit)
    found = await call.ports.speaking.ask(call.caller, "events", question, EventsPage)
    if not found.events:
        await call.status(project)  # says it where there is no such project
    items = tuple(
        StoredEvent(position=position, leaf=leaf_hash(text.encode()), event=from_json(text))
        for position, text in found.events
    )
    following = cursors.write(items[-1].event["sequence"]) if found.more and items else None
    if call.request.headers.get("Accept") == JSON_LINES:
        link = {"Psmp-Next-Cursor": following} if following else None
        return Response("".join(f"{text}\n" for _, text in found.events), 200, link, media_type=JSON_LINES)
    return answer(EventPage(items=items, next_cursor=following))
