"""``psmp inbox``, ``psmp alerts`` and ``psmp acknowledge``: what calls for somebody, and who takes it in hand."""

from typing import Annotated

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, SPEAKING, Common, Reason, Speaking
from psmp.cli.opened import asking, speaking
from psmp.cli.output import Format, stored
from psmp.cli.pages import alerts as pages
from psmp.cli.pages.settled import line
from psmp.client import Alerts


async def inbox(*, common: Common = COMMON) -> Exit:
    """Everything that waits for a person in the tenant's projects, oldest first, with what to type."""
    async with asking(common) as client:
        found = await client.alerts(waiting=True)
    if not found:
        common.out.say("nothing waits for a person", "dim")
    _tell(common, found)
    return Exit.DONE


async def alerts(
    project: Annotated[str | None, Parameter(help="The project's id; left out, all projects.")] = None,
    *,
    common: Common = COMMON,
) -> Exit:
    """The open alerts, also those that somebody has in hand."""
    async with asking(common) as client:
        found = await client.alerts(project)
        if project is not None and not found:
            await client.status(project)  # raises when there is no such project
    if not found:
        common.out.say("no alert is open", "dim")
    _tell(common, found)
    return Exit.DONE


async def acknowledge(
    project: Annotated[str, Parameter(help="The project's id.")],
    alert: Annotated[str, Parameter(help="The alert, as psmp inbox names it.")],
    *,
    reason: Reason,
    common: Speaking = SPEAKING,
) -> Exit:
    """Take an alert in hand: it is in nobody's inbox any more, and stays open until what it is about is over."""
    name = settings.project_of(project)
    async with speaking(common) as client:
        settled = await client.acknowledge(name, alert, reason=reason, command_id=common.command_id)
    common.out.one(stored(settled), lambda: line(settled))
    return Exit.DONE


def _tell(common: Common, found: Alerts) -> None:
    out = common.out
    if found.behind:
        out.say(f"this list is {found.behind} events behind the log; psmp status PROJECT never is", "yellow")
    if found or out.format is not Format.TABLE:
        out.many(found, lambda: pages.listing(found, clock.now()))
