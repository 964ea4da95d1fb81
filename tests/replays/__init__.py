"""Logs that a released version wrote, with what they were made of: they are decided again for ever.

A folder for each version; ``python -m tests.replays`` adds that of this one. A file is what ``python -m psmp_replay``
reads: one project, or several.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from psmp import Client, Phase, Policy, Refusal
from psmp.words.answers import Status
from psmp.words.values import Target
from tests.bench.resolving import flexible, played
from tests.little_index import Release
from tests.teams import crowd

FOLDER: Final = Path(__file__).parent
PUBLISHED: Final = (
    *(Release("numpy", version) for version in ("1.26.4", "2.1.0")),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    *(Release(name, version) for name in ("alpha", "beta", "gamma") for version in ("1.0", "2.0")),
)
WITHIN: Final = 120.0


async def play(client: Client) -> tuple[str, ...]:
    """Projects in which every service has something to say; their names."""
    chance = random.Random(11)
    for number in range(3):
        team = flexible(crowd(chance, 5, ("alpha", "beta", "gamma")), 0.4, chance)
        await played(client, f"team-{number}", (Target(),), team, yes=0.5)
    await _deep(client, "deep")
    await _silent(client, "silent")
    await _planned(client, "planned")
    return ("team-0", "team-1", "team-2", "deep", "silent", "planned")


async def _deep(client: Client, project: str) -> None:
    """What packages need clashes, as the package resolver alone can tell; a waiver ends, and then the conflict."""
    await client.create_project(project, policy=Policy(resolvers=("Maria",)))
    await client.transition(project, Phase.PLANNING, reason="go")
    await client.as_agent("ada").declare(project, "model", dependencies=["tensorflow==2.15.*"])
    await client.as_agent("bob").declare(project, "arrays", dependencies=["numpy>=2"])
    found = await _until(client, project, lambda status: bool(status.conflicts))
    (conflict,) = found.conflicts
    maria = client.as_agent("Maria")
    await maria.resolve(project, conflict.id, waive_seconds=1, reason="not yet live")
    await _until(client, project, lambda status: not status.waivers and status.phase is Phase.BLOCKED)
    await client.as_agent("bob").amend(project, "arrays", dependencies=["numpy<2"])
    await _until(client, project, lambda status: not status.conflicts and status.phase is Phase.IN_PROGRESS)


async def _silent(client: Client, project: str) -> None:
    """Ada falls silent under her slot, bob waits too long, and nobody does anything until a person is called."""
    await client.create_project(project, policy=Policy(lease_seconds=1, stall_seconds=2, max_concurrent_agents=1))
    await client.transition(project, Phase.PLANNING, reason="go")
    ada, bob = client.as_agent("ada"), client.as_agent("bob")
    await ada.begin(project)
    waiting = asyncio.get_running_loop().create_task(_refused(lambda: bob.begin(project, wait=1)))
    await _until(client, project, lambda status: not status.slots and not status.waiting)
    await waiting
    await _until(client, project, lambda status: any(each.person for each in status.alerts))
    await client.acknowledge(project, "project-stalled", reason="I look into it")
    await _refused(lambda: bob.finish(project))


async def _planned(client: Client, project: str) -> None:
    """Work is planned and done; for other targets everything is judged anew, and at the end nobody wants it."""
    await client.create_project(project)
    await client.create_task(project, "index", title="Build the index", artifacts=["indexer"])
    await client.transition(project, Phase.PLANNING, reason="go")
    bob = client.as_agent("bob")
    await bob.take_task(project, "index")
    await _refused(lambda: bob.finish_task(project, "index"))
    await bob.declare(project, "indexer", dependencies=["alpha<2"], requires_python="<3.12")
    await bob.finish_task(project, "index")
    newer = (Target(python="3.13"),)
    await client.change_project(project, targets=newer, policy={"resolvers": ("Maria",)}, reason="it is time")
    await _until(client, project, lambda status: bool(status.conflicts) and status.phase is Phase.BLOCKED)
    await client.change_project(project, targets=(Target(),), reason="not yet")
    await _until(client, project, lambda status: status.phase is Phase.IN_PROGRESS)
    await client.archive_project(project, reason="bought instead")


async def _refused(ask: Callable[[], Awaitable[object]]) -> None:
    try:
        await ask()
    except Refusal:
        return


async def _until(client: Client, project: str, holds: Callable[[Status], bool]) -> Status:
    async with asyncio.timeout(WITHIN):
        while not holds(status := await client.status(project)):
            await asyncio.sleep(0.05)
        return status
