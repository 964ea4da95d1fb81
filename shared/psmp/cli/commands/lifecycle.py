"""Commands about the project itself: ``create``, ``transition``, ``begin``, ``finish`` and ``heartbeat``."""

import re
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.text import Text

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, ProjectName, Reason, Speaking
from psmp.cli.opened import speaking
from psmp.cli.output import Output, stored
from psmp.cli.pages.settled import line
from psmp.client import Settled
from psmp.words.values import Phase

_TARGET: Final = re.compile(r"^(?P<python>3\.[0-9]{1,2})(?:/(?P<platform>[a-z]+))?$")


async def create(
    project: ProjectName = None,
    *,
    name: Annotated[str, Parameter(help="Its name for people; left out, its id.")] = "",
    target: Annotated[
        tuple[str, ...], Parameter(help="Where it must run, such as 3.12/linux; may be repeated. Left out: 3.11/linux.")
    ] = (),
    strict: Annotated[
        bool, Parameter(negative="--no-strict", help="Whether any conflict blocks, or critical ones alone.")
    ] = True,
    max_agents: Annotated[int, Parameter(help="How many agents may run at the same time.")] = 5,
    common: Speaking = SPEAKING,
) -> Exit:
    """Create a project."""
    chosen = settings.project_of(project)
    targets = [_target(each) for each in target] or None
    policy = {"strict_mode": strict, "max_concurrent_agents": max_agents}
    async with speaking(common) as client:
        settled = await client.create_project(
            chosen, name=name or None, targets=targets, policy=policy, command_id=common.command_id
        )
    return _told(common.out, settled, f"next: psmp transition {chosen} --to PLANNING --reason …")


def _target(text: str) -> dict[str, Any]:
    read = _TARGET.match(text)
    if read is None:
        raise Complaint(Exit.USAGE, f"--target {text}: not an environment", "write it so: --target 3.11/linux")
    return {name: value for name, value in read.groupdict().items() if value}


async def transition(
    project: ProjectName = None,
    *,
    to: Annotated[Phase, Parameter(help="The phase to move to.")],
    reason: Reason,
    common: Speaking = SPEAKING,
) -> Exit:
    """Move a project along its lifecycle."""
    async with speaking(common) as client:
        settled = await client.transition(settings.project_of(project), to, reason=reason, command_id=common.command_id)
    return _told(common.out, settled)


async def begin(project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Ask for the right to run; nothing may be started without it."""
    async with speaking(common) as client:
        settled = await client.begin(settings.project_of(project), command_id=common.command_id)
    return _told(common.out, settled, "declare what you make, beat while you work (psmp heartbeat), then psmp finish")


async def finish(
    project: ProjectName = None,
    *,
    failure: Annotated[
        str | None, Parameter(help="What went wrong, if anything did; without it something must have been declared.")
    ] = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Give the right to run back."""
    async with speaking(common) as client:
        settled = await client.finish(settings.project_of(project), failure=failure, command_id=common.command_id)
    return _told(common.out, settled)


async def heartbeat(project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Say that an agent is alive."""
    async with speaking(common) as client:
        await client.heartbeat(settings.project_of(project))
        common.out.say(f"{client.agent} is alive", "dim")
    return Exit.DONE


def _told(out: Output, settled: Settled, hint: str = "") -> Exit:
    out.one(stored(settled), lambda: line(settled))
    if hint:
        out.say(Text(hint), "dim")
    return Exit.DONE
