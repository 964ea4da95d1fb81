"""``psmp events``: what happened in a project."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, Common, ProjectName
from psmp.cli.opened import asking
from psmp.cli.output import Format, Output, write_raw
from psmp.cli.pages import events as pages
from psmp.client import Client, Happened, Pruned


async def events(
    project: ProjectName = None,
    *,
    after: Annotated[int, Parameter(help="Leave out the events up to this number.")] = 0,
    follow: Annotated[bool, Parameter(name=("--follow", "-f"), help="Go on with what happens from now on.")] = False,
    common: Common = COMMON,
) -> Exit:
    """What happened in a project. With -o jsonl each line is an event exactly as it is stored and hashed."""
    name = settings.project_of(project)
    async with asking(common) as client:
        if follow:
            await _follow(client, name, after, common.out)
        else:
            await _list(client, name, after, common.out)
    return Exit.DONE


async def _list(client: Client, project: str, after: int, out: Output) -> None:
    found: list[Happened] = []
    async for each in _read(client, project, after, out, follow=False):
        if out.format is Format.JSONL:
            write_raw(each.raw)
            found[:] = [each]
        else:
            found.append(each)
    if not found:
        await client.status(project)  # raises when there is no such project
    if out.format is not Format.JSONL:
        out.many(map(told, found), lambda: pages.listing(each.envelope for each in found))


async def _read(
    client: Client, project: str, after: int, out: Output, *, follow: bool
) -> AsyncGenerator[Happened, None]:
    """The events that there are still; what was pruned is said, and it goes on behind that."""
    while True:
        try:
            async with aclosing(client.events(project, after=after, follow=follow)) as happening:
                async for each in happening:
                    yield each
        except Pruned as gap:
            out.say(gap.reason, "dim")
            after = gap.upto
        else:
            return


async def _follow(client: Client, project: str, after: int, out: Output) -> None:
    async with aclosing(_read(client, project, after, out, follow=True)) as happening:
        async for each in happening:
            if out.format is Format.TABLE:
                out.show(pages.line(each.envelope))
            else:
                write_raw(each.raw)


def told(each: Happened) -> dict[str, object]:
    """An event for a JSON document: where it lies in the stream, and what it says."""
    return {"position": each.position, "event": json.loads(each.raw)}
