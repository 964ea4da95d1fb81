"""``psmp status`` and ``psmp projects``: how things stand."""

import re
from typing import Annotated, Any, Final

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import COMMON, Common, ProjectName
from psmp.cli.opened import asking
from psmp.cli.output import Format
from psmp.cli.pages import status as pages
from psmp.words.envelope import written

_SEQUENCE: Final = re.compile(r"^[1-9][0-9]{0,17}$")


At = Annotated[
    str | None,
    Parameter(help="As of this event (its number) or this time (2026-11-21T10:15:30Z, or a part of it), not now."),
]


async def status(project: ProjectName = None, *, at: At = None, common: Common = COMMON) -> Exit:
    """How a project stands, now or at any time in the past."""
    name, out = settings.project_of(project), common.out
    async with asking(common) as client:
        found = await client.status(name, **_when(at))
    out.one(found, lambda: pages.page(found, clock.now(), past=at is not None))
    return Exit.DONE


def _when(at: str | None) -> dict[str, Any]:
    """``at`` as the question has it; a time without a zone is UTC."""
    if at is None:
        return {}
    if _SEQUENCE.match(at):
        return {"sequence": int(at)}
    moment = clock.moment(at)
    if moment is None:
        hint = "an event's number, from 1 on, or a time such as 2026-11-21T10:15:30Z"
        raise Complaint(Exit.USAGE, f"--at {at}: neither a number nor a time", hint)
    return {"time": written(moment)}


async def projects(*, common: Common = COMMON) -> Exit:
    """The projects that there are."""
    out = common.out
    async with asking(common) as client:
        found = await client.projects()
    if found.behind:
        out.say(f"this list is {found.behind} events behind the log; psmp status PROJECT never is", "yellow")
    if not found:
        out.say("there is no project yet; psmp create NAME makes one", "dim")
    if found or out.format is not Format.TABLE:
        out.many(found, lambda: pages.projects(found, clock.now()))
    return Exit.DONE
