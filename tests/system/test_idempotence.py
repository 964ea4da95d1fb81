"""The same command has its effect once and gets the same answer, however often, however late, whatever crashed."""

import asyncio
from typing import Final

import pytest

import psmp
from psmp.client import Client, Verdict
from psmp.client.clock import stamp
from psmp.words.ids import ProjectKey
from tests.system.conftest import Running

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="session")]

NEEDS: Final = ("langchain>=0.1.0",)


async def opened(running: Running, project: str) -> Client:
    client = running.client.as_agent("CoderAgent")
    await client.create_project(project)
    await client.transition(project, "PLANNING", reason="idempotence")
    return client


async def said(client: Client, project: str, command_id: str) -> Verdict:
    return await client.declare(project, "backend", dependencies=NEEDS, command_id=command_id)


async def kinds(running: Running, project: str) -> list[str]:
    return [record.kind async for record in running.log.read(ProjectKey("default", project))]


ONCE: Final = ["project.created", "project.transitioned", "artifact.declared", "artifact.accepted"]


@pytest.mark.parametrize("times", [2, 100])
async def test_a_command_sent_many_times_has_one_effect_and_one_answer(running: Running, times: int) -> None:
    project = f"again-{times}"
    client = await opened(running, project)
    command_id = stamp().id
    answers = [await said(client, project, command_id) for _ in range(times)]
    assert {answer.raw for answer in answers} == {answers[0].raw}
    assert await kinds(running, project) == ONCE


async def test_a_command_sent_from_many_places_at_once_has_one_effect(running: Running) -> None:
    project = "at-once"
    await opened(running, project)
    command_id = stamp().id
    url = running.stack.nats.url_for(running.identities.tenant())

    async def elsewhere() -> bytes:
        async with psmp.connect(url, tenant="default", agent="CoderAgent", timeout=30) as client:
            return (await said(client, project, command_id)).raw

    answers = await asyncio.gather(*(elsewhere() for _ in range(8)))
    assert len(set(answers)) == 1
    assert await kinds(running, project) == ONCE


@pytest.mark.parametrize("victim", ["intake", "checker", "nats"])
async def test_a_command_sent_again_after_a_crash_gets_the_same_answer(running: Running, victim: str) -> None:
    project = f"after-{victim}"
    client = await opened(running, project)
    command_id = stamp().id
    first = await said(client, project, command_id)
    running.stack.kill(victim)
    await running.stack.ready(victim)
    assert (await said(client, project, command_id)).raw == first.raw
    assert await kinds(running, project) == ONCE


async def test_a_refusal_is_as_final_as_any_other_answer(running: Running) -> None:
    project = "refused"
    client = await opened(running, project)
    command_id = stamp().id

    async def refusal() -> bytes:
        with pytest.raises(psmp.IllegalTransition) as refused:
            await client.transition(project, "COMPLETED", reason="too early", command_id=command_id)
        assert refused.value.settled is not None
        return refused.value.settled.raw

    before = {await refusal(), await refusal()}
    await client.transition(project, "IN_PROGRESS", reason="plan accepted")
    assert before == {await refusal()}


async def test_commands_handed_out_again_from_the_first_change_nothing(running: Running) -> None:
    """What a consumer had acknowledged is forgotten on disk: the server hands out every command there ever was."""
    project = "forgotten"
    client = await opened(running, project)
    command_id = stamp().id
    first = await said(client, project, command_id)
    state = next(running.stack.nats.store.glob("**/PSMP_COMMANDS/obs/intake/o.dat"))
    before = await running.nats.jetstream().consumer_info("PSMP_COMMANDS", "intake")
    assert before.delivered is not None
    running.stack.kill("nats", hold=True)
    state.unlink()
    await running.stack.restart("nats")
    async with asyncio.timeout(60):
        while True:
            after = await running.nats.jetstream().consumer_info("PSMP_COMMANDS", "intake")
            if after.delivered and not after.num_pending and not after.num_ack_pending:
                break
            await asyncio.sleep(0.1)
    assert after.delivered.consumer_seq >= before.delivered.stream_seq
    assert (await said(client, project, command_id)).raw == first.raw
    assert await kinds(running, project) == ONCE
