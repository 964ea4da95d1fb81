"""Agents as processes of their own, which may be killed: ``python -m tests.system.agents URL RUNS PROJECTS AGENT...``.

Each agent takes a slot in one project after another, declares something there under it and goes on; now and then its
work fails. What it declares, and where, follows from its name alone. It says ``<agent> done`` when it has had its runs.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import psmp
from psmp.client import Client
from psmp.client.errors import PsmpError, Refusal

PACKAGES: Final = ("numpy", "pandas")
CONSTRAINTS: Final = (">=1", ">=1.2", "<3", ">=2", "==1.5.*", "<2")
"""Most agree; the last three do not with each other."""
WEIGHTS: Final = (6, 6, 6, 2, 1, 1)
LONGEST: Final = 0.6
"""Seconds that an agent is at work under its slot."""


class Mishap(Exception):
    """What goes wrong in an agent's own work."""


async def work(client: Client, name: str, projects: Sequence[str], runs: int) -> None:
    """``runs`` runs of one agent."""
    chance = random.Random(name)
    agent = client.as_agent(name)
    for number in range(runs):
        project = projects[(chance.randrange(len(projects)) + number) % len(projects)]
        artifact = f"{name}-{number}"
        need = f"{chance.choice(PACKAGES)}{chance.choices(CONSTRAINTS, WEIGHTS)[0]}"
        with suppress(PsmpError, Mishap, TimeoutError):  # refused, lost or failed: the log has it
            async with agent.run(project, wait=8) as run:
                await asyncio.sleep(chance.random() * LONGEST)
                await declared(run, artifact, need, flexible=chance.random() < 0.4)
                if chance.random() < 0.15:
                    raise Mishap("the model gave no answer")
    print(name, "done", flush=True)  # noqa: T201 - what whoever started us waits for


async def declared(run: psmp.Run, artifact: str, need: str, *, flexible: bool) -> None:
    """Declare it, or find that it was declared before this agent was killed."""
    try:
        await run.declare(artifact, dependencies=[need], paths=[f"src/{artifact}.py"], flexible=flexible)
    except Refusal as refusal:
        if refusal.code != "ARTIFACT_EXISTS":
            raise
        await run.amend(artifact, reason="again, after a restart")


async def main(url: str, runs: int, projects: Sequence[str], names: Sequence[str]) -> None:
    """All agents of this process over one connection; each agrees to whatever it is asked."""
    async with psmp.connect(url, tenant="default", agent=names[0], timeout=30) as client, asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(work(client, name, projects, runs))


if __name__ == "__main__":
    _, address, times, places, *agents = sys.argv
    asyncio.run(main(address, int(times), places.split(","), agents))
