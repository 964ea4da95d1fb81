"""Commands about the right to run: ``begin``, ``renew``, ``finish``, ``leave`` and ``heartbeat``."""

from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, Fence, ProjectName, Speaking
from psmp.cli.opened import speaking
from psmp.cli.pages.settled import told
from psmp.cli.waiting import telling
from psmp.words.values import Limits

Wait = Annotated[
    str | None, Parameter(help="Queue for so long when no slot is free: 90, 30s, 5m, 1h. Left out: not at all.")
]
Cpus = Annotated[float | None, Parameter(help="How many processors the agent may use; recorded with the slot.")]
Memory = Annotated[int | None, Parameter(help="How many MiB of memory the agent may use; recorded with the slot.")]

_LONGEST_WAIT: Final = 86_400


def waits(wait: str | None) -> float | None:
    """Seconds to wait; raises ``Complaint`` for what is no length of time."""
    if wait is None:
        return None
    seconds = clock.span(wait)
    if seconds is None:
        raise Complaint(Exit.USAGE, f"--wait {wait}: not a length of time", "write it so: --wait 5m")
    if seconds > _LONGEST_WAIT:
        raise Complaint(Exit.USAGE, f"--wait {wait}: longer than a day", "24h is the longest")
    return seconds


def limits(cpus: float | None, memory: int | None) -> Limits | None:
    """What an agent may use, if that is limited at all; raises ``Complaint``."""
    if (cpus is not None and cpus <= 0) or (memory is not None and memory <= 0):
        raise Complaint(Exit.USAGE, "an agent that may use nothing cannot run", "say more than 0")
    return None if cpus is None and memory is None else Limits(cpus=cpus, memory_mb=memory)


async def begin(
    project: ProjectName = None,
    *,
    wait: Wait = None,
    cpus: Cpus = None,
    memory: Memory = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Ask for the right to run; nothing may be started without it."""
    seconds, terms = waits(wait), limits(cpus, memory)
    name = settings.project_of(project)
    async with speaking(common) as client, telling(client, name):
        settled = await client.begin(name, wait=seconds, limits=terms, command_id=common.command_id)
    hint = f"export PSMP_FENCE={settled.sequence}; declare, beat while you work (psmp heartbeat), then psmp finish"
    return told(common.out, settled, hint)


async def renew(project: ProjectName = None, *, fence: Fence = None, common: Speaking = SPEAKING) -> Exit:
    """Ask for another term before the one that runs is over."""
    async with speaking(common) as client:
        settled = await client.renew(settings.project_of(project), fence=fence, command_id=common.command_id)
    return told(common.out, settled)


async def finish(
    project: ProjectName = None,
    *,
    failure: Annotated[
        str | None, Parameter(help="What went wrong, if anything did; without it something must have been declared.")
    ] = None,
    fence: Fence = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Give the right to run back."""
    async with speaking(common) as client:
        settled = await client.finish(
            settings.project_of(project), failure=failure, fence=fence, command_id=common.command_id
        )
    return told(common.out, settled)


async def leave(project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Wait for a slot no longer."""
    async with speaking(common) as client:
        settled = await client.leave(settings.project_of(project), command_id=common.command_id)
    return told(common.out, settled)


async def heartbeat(project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Say that an agent is alive."""
    async with speaking(common) as client:
        await client.heartbeat(settings.project_of(project))
        common.out.say(f"{client.agent} is alive", "dim")
    return Exit.DONE
