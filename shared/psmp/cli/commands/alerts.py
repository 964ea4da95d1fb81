"""``psmp inbox``, ``psmp alerts`` and ``psmp acknowledge``: what calls for somebody, and who takes it in hand."""

from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, SPEAKING, Common, Reason, Speaking
from psmp.cli.opened import asking, is_system, speaking
from psmp.cli.output import Format, stored
from psmp.cli.pages import alerts as pages
from psmp.cli.pages.settled import line
from psmp.cli.pages.wording import counted
from psmp.client import Alerts, PsmpError
from psmp.words.ids import SYSTEM


async def inbox(*, common: Common = COMMON) -> Exit:
    """Everything that waits for a person in the tenant's projects, oldest first, with what to type.

    With --tenant psmp it is what befell PSMP itself, for its operator.
    """
    async with asking(common) as client:
        found = await client.alerts(waiting=True)
    if not found:
        common.out.say("nothing waits for a person", "dim")
    _tell(common, found)
    if not is_system(common) and (others := await _about_psmp(common)):
        said = f"about PSMP itself {counted(others, 'alert waits', 'alerts wait')} for its operator"
        common.out.say(f"{said}: psmp inbox --tenant {SYSTEM.tenant}", "yellow")
    return Exit.DONE


async def _about_psmp(common: Common) -> int:
    """How many alerts about PSMP itself wait for a person, as far as who asks may know."""
    if settings.servers().nats_url is None:
        return 0
    try:
        async with asking(replace(common, tenant=SYSTEM.tenant)) as client:
            return len(await client.alerts(waiting=True))
    except PsmpError:  # the question was about something else, and is answered
        return 0


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
    options = f" --tenant {SYSTEM.tenant}" if is_system(common) else ""
    if found or out.format is not Format.TABLE:
        out.many(found, lambda: pages.listing(found, clock.now(), options=options))
