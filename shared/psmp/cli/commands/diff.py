"""``psmp diff``: what changed in a project between two positions of its log, or between one and now."""

from typing import Annotated

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, Common, ProjectName
from psmp.cli.opened import asking
from psmp.cli.pages import diff as pages
from psmp.cli.past import At, when
from psmp.rules.difference import differences


async def diff(
    project: ProjectName = None,
    *,
    at: Annotated[
        str, Parameter(help="From this event (its number) or this time (2026-11-21T10:15:30Z, or a part of it) on.")
    ],
    to: Annotated[At, Parameter(name="--with", help="Up to this event or this time; left out, up to now.")] = None,
    common: Common = COMMON,
) -> Exit:
    """What changed in a project between two events or times."""
    name, out = settings.project_of(project), common.out
    begin, end = when(at), when(to, "--with")
    async with asking(common) as client:
        before, after = await client.status(name, **begin), await client.status(name, **end)
    found = differences(before, after)
    out.one(found, lambda: pages.page(found))
    return Exit.DONE
