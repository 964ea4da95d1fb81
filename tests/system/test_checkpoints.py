"""Checkpoints of the whole stack: they cover everything soon, whoever was killed meanwhile."""

import asyncio

import pytest

from psmp.store.checkpoints import covered
from psmp.store.tree import ANCHOR
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from tests.system.conftest import Running
from tests.system.following import caught_up

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="session")]


async def behind(running: Running, key: ProjectKey, records: int) -> int:
    """How many of so many records no checkpoint covers yet."""
    async with running.pool.acquire() as connection:
        found = await covered(connection, key)
    newest = found[0].newest if found else None
    return records - (newest.size if newest else 0)


async def assert_covered(running: Running, project: str) -> None:
    """Checkpoints cover all that is in the project's log now."""
    key = ProjectKey("default", project)
    records = len([record async for record in running.log.read(key)])
    assert records > 0
    async with asyncio.timeout(60):
        while await behind(running, key, records) > 0:
            await asyncio.sleep(0.05)


async def test_checkpoints_cover_everything_soon(running: Running) -> None:
    for number in range(3):
        await running.client.create_project(f"signed-{number}")
        await running.client.transition(f"signed-{number}", Phase.PLANNING, reason="plan")
    await caught_up(running.nats)
    for number in range(3):
        await assert_covered(running, f"signed-{number}")
    async with running.pool.acquire() as connection:
        logs = {each.key: each for each in await covered(connection)}
    assert logs[ANCHOR].newest is not None


@pytest.mark.parametrize("victim", ["signer", "audit"])
async def test_what_was_decided_while_it_was_down_is_signed_when_it_is_back(running: Running, victim: str) -> None:
    project = f"signed-without-{victim}"
    running.stack.kill(victim, hold=True)
    try:
        await running.client.create_project(project)
        await running.client.transition(project, Phase.PLANNING, reason="plan")
        verdict = await running.client.declare(project, "backend", type="code", dependencies=["fastapi>=0.100"])
        assert verdict.accepted
    finally:
        await running.stack.restart(victim)
    await assert_covered(running, project)
