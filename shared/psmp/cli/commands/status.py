"""``psmp status`` and ``psmp projects``: how things stand."""

from typing import Annotated

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, Common, ProjectName
from psmp.cli.opened import asking
from psmp.cli.output import Format
from psmp.cli.pages import status as pages
from psmp.cli.past import At, when
from psmp.words.values import Phase


async def status(project: ProjectName = None, *, at: At = None, common: Common = COMMON) -> Exit:
    """How a project stands, now or at any time in the past."""
    name, out = settings.project_of(project), common.out
    async with asking(common) as client:
        found = await client.status(name, **when(at))
    out.one(found, lambda: pages.page(found, clock.now(), past=at is not None))
    return Exit.DONE


async def projects(
    *,
    state: Annotated[tuple[Phase, ...], Parameter(help="Those in this state; may be repeated. Left out: all.")] = (),
    common: Common = COMMON,
) -> Exit:
    """The projects that there are."""
    out = common.out
    async with asking(common) as client:
        found = await client.projects(states=state)
    if found.behind:
        out.say(f"this list is {found.behind} events behind the log; psmp status PROJECT never is", "yellow")
    if not found and state:
        out.say(f"no project is {' or '.join(state)}", "dim")
    elif not found:
        out.say("there is no project yet; psmp create NAME makes one", "dim")
    if found or out.format is not Format.TABLE:
        out.many(found, lambda: pages.projects(found, clock.now()))
    return Exit.DONE
