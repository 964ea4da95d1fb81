"""A load of declarations through the public client, some of which clash and are amended, and all that it was told."""

import asyncio
from dataclasses import dataclass, field

from psmp.client import Client, Settled
from psmp.words.ids import ProjectKey

CLASH_EVERY = 25


@dataclass(slots=True)
class Told:
    """What clients were told: the outcome of every command, by project."""

    outcomes: dict[ProjectKey, list[Settled]] = field(default_factory=dict)
    count: int = 0
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, key: ProjectKey, settled: Settled) -> Settled:
        """One more outcome."""
        self.outcomes.setdefault(key, []).append(settled)
        async with self.moved:
            self.count += 1
            self.moved.notify_all()
        return settled

    async def reach(self, count: int) -> None:
        """Wait until ``count`` outcomes were told."""
        async with self.moved:
            await self.moved.wait_for(lambda: self.count >= count)


async def play(client: Client, projects: list[str], declarations: int, told: Told) -> None:
    """Declare so many artifacts in each project, all projects at once; returns when every command is settled."""
    async with asyncio.TaskGroup() as group:
        for project in projects:
            group.create_task(_one(client.as_agent(f"agent-{project}"), project, declarations, told))


async def _one(client: Client, project: str, declarations: int, told: Told) -> None:
    key = ProjectKey(client.tenant, project)
    await told.note(key, await client.create_project(project))
    await told.note(key, await client.transition(project, "PLANNING", reason="load"))
    for number in range(declarations):
        artifact = f"artifact-{number}"
        clashes = number % CLASH_EVERY == CLASH_EVERY - 1
        needs = [f"common=={'2.*' if clashes else '1.*'}", f"package-{number % 40}>=1.{number}"]
        verdict = await client.declare(project, artifact, dependencies=needs)
        await told.note(key, verdict)
        assert verdict.accepted is not clashes, verdict.text
        if clashes:
            amended = await client.amend(project, artifact, dependencies=["common==1.*"])
            await told.note(key, amended)
            assert amended.accepted, amended.text
