"""Slots on real services: fair order, grants that come once, how runs end, late writers, limits of rate."""

import asyncio
import itertools
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

import psmp
from psmp import Client, Phase, connect
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.events import SlotExpired, SlotFailed, SlotFinished, SlotGranted, SlotLeft
from tests.integration.cli import PSMP

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

LIMITED = {"PSMP_WATCH_SECONDS": "0.2", "PSMP_AGENT_REQUESTS_PER_MINUTE": "600", "PSMP_AGENT_BURST": "60"}
"""Few enough for one test to go beyond, and enough for the others."""

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack() -> AsyncIterator[tuple[Stack, str]]:
    everything = whole(durable=False, env=LIMITED)
    async with Stack(everything.plan) as stack:
        yield stack, stack.nats.url_for(everything.identities.tenant())


@pytest_asyncio.fixture(loop_scope="module")
async def client(stack: tuple[Stack, str]) -> AsyncIterator[Client]:
    async with connect(stack[1], agent="ada", timeout=30) as client:
        yield client


async def planned(client: Client, **policy: Any) -> str:
    """A new project in PLANNING."""
    name = f"slots-{next(_numbers)}"
    await client.create_project(name, policy=policy)
    await client.transition(name, Phase.PLANNING, reason="start")
    return name


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.02)


async def waiting(client: Client, project: str, count: int) -> None:
    """Until so many wait."""

    async def probe() -> bool:
        return len((await client.status(project)).waiting) == count

    await until(probe)


async def told(client: Client, project: str, kind: type) -> list[Any]:
    """The events of one kind, oldest first."""
    return [each.event async for each in client.events(project, follow=False) if isinstance(each.event, kind)]


async def test_eight_who_wait_for_two_places_get_them_in_the_order_in_which_they_came(client: Client) -> None:
    project = await planned(client, max_concurrent_agents=2)
    names = [f"agent-{number}" for number in range(10)]
    order: list[str] = []

    async def work(name: str) -> None:
        agent = client.as_agent(name)
        granted = await agent.begin(project, wait=60)
        order.append(name)
        status = await client.status(project)
        assert len(status.slots) <= 2
        await agent.finish(project, failure="nothing to do", fence=granted.sequence)

    held = [await client.as_agent(name).begin(project) for name in names[:2]]
    async with asyncio.TaskGroup() as group:
        for place, name in enumerate(names[2:], 1):
            group.create_task(work(name))
            await waiting(client, project, place)
        status = await client.status(project)
        assert [each.agent for each in status.waiting] == names[2:]
        for name, slot in zip(names, held, strict=False):
            await client.as_agent(name).finish(project, failure="enough", fence=slot.sequence)
    granted = [each.agent for each in await told(client, project, SlotGranted)]
    assert granted == names
    assert sorted(order) == names[2:]
    assert (await client.status(project)).slots == ()


async def test_a_blocked_project_grants_nothing_and_the_queue_moves_when_it_is_free(client: Client) -> None:
    project = await planned(client)
    bob = client.as_agent("bob")
    await client.declare(project, "api", dependencies=["numpy>=2"])
    assert not (await bob.declare(project, "model", dependencies=["numpy<2"])).accepted
    with pytest.raises(psmp.ProjectBlocked):
        await client.begin(project)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(client.begin(project, wait=30))
        await waiting(client, project, 1)
        await client.wait_for(project, Phase.BLOCKED)
        assert not asked.done()
        await bob.amend(project, "model", dependencies=["numpy>=2.1"], reason="C-1")
    assert isinstance(asked.result().event, SlotGranted)
    kinds = [each.event.KIND async for each in client.events(project, follow=False)]
    assert kinds.index("slot.granted") > kinds.index("conflict.cleared")


async def test_who_waits_while_the_keeper_is_dead_gets_one_grant(stack: tuple[Stack, str], client: Client) -> None:
    project = await planned(client, max_concurrent_agents=1)
    bob = client.as_agent("bob")
    held = await client.begin(project)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(bob.begin(project, wait=60))
        await waiting(client, project, 1)
        stack[0].kill("keeper", hold=True)
        await client.finish(project, failure="enough", fence=held.sequence)
        await stack[0].restart("keeper")
    grants = [each for each in await told(client, project, SlotGranted) if each.agent == "bob"]
    assert len(grants) == 1
    assert asked.result().event == grants[0]
    assert (await bob.begin(project, wait=60, command_id=asked.result().command_id)).raw == asked.result().raw


async def test_who_waits_is_told_when_its_place_is_given_up(client: Client) -> None:
    project = await planned(client, max_concurrent_agents=1)
    await client.transition(project, Phase.IN_PROGRESS, reason="go")
    held = await client.begin(project)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(vain(client.as_agent(name), project)) for name in ("bob", "cyd")]
        await waiting(client, project, 2)
        await client.as_agent("bob").leave(project)
        await waiting(client, project, 1)
        assert "left the queue" in str(await asked[0])
        await client.as_agent("cyd").leave(project)
        await client.finish(project, failure="enough", fence=held.sequence)
    with pytest.raises(psmp.NotWaiting):
        await client.leave(project)


async def vain(client: Client, project: str) -> psmp.NotGranted:
    with pytest.raises(psmp.NotGranted) as refusal:
        await client.begin(project, wait=60)
    return refusal.value


async def test_who_gives_up_waiting_leaves_neither_a_place_nor_a_slot(client: Client) -> None:
    project = await planned(client, max_concurrent_agents=1)
    held = await client.begin(project)
    asking = asyncio.ensure_future(client.as_agent("bob").begin(project, wait=60))
    await waiting(client, project, 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await client.status(project)).waiting == ()
    assert [each.agent for each in await told(client, project, SlotLeft)] == ["bob"]
    await client.finish(project, failure="enough", fence=held.sequence)
    assert (await client.status(project)).slots == ()


async def test_a_late_writer_is_refused_when_its_slot_has_expired(client: Client) -> None:
    project = await planned(client, lease_seconds=3)
    fence = (await client.begin(project)).sequence
    await client.declare(project, "api", fence=fence)

    async def expired() -> bool:
        return (await client.status(project)).slots == ()

    await until(expired, within=60)
    assert [each.fence for each in await told(client, project, SlotExpired)] == [fence]
    for late in (
        client.amend(project, "api", summary="late", fence=fence),
        client.withdraw(project, "api", reason="late", fence=fence),
        client.declare(project, "more", fence=fence),
        client.renew(project, fence=fence),
        client.finish(project, fence=fence),
    ):
        with pytest.raises(psmp.SlotLost):
            await late


async def test_a_run_beats_renews_and_finishes(client: Client) -> None:
    project = await planned(client, lease_seconds=3, term_seconds=4, fenced=True)
    async with client.run(project, agent="bob", limits={"cpus": 2, "memory_mb": 512}) as run:
        assert run.limits == psmp.Limits(cpus=2, memory_mb=512)
        await asyncio.sleep(4.5)  # longer than lease and term
        assert (await run.declare("api", dependencies=["numpy"])).accepted
        assert (await run.amend("api", summary="more")).accepted
        with pytest.raises(psmp.NoSlot):
            await client.declare(project, "late")
    kinds = [each.event.KIND async for each in client.events(project, follow=False)]
    assert "slot.renewed" in kinds
    assert "slot.expired" not in kinds
    assert [each.fence for each in await told(client, project, SlotFinished)] == [run.fence]


async def test_a_run_without_a_declaration_fails_and_gives_its_slot_back(client: Client) -> None:
    project = await planned(client)
    with pytest.raises(psmp.NotDeclared):
        async with client.run(project):
            pass
    assert (await client.status(project)).slots == ()
    assert len(await told(client, project, SlotFailed)) == 1


async def test_a_failure_inside_is_told_and_raised_on(client: Client) -> None:
    project = await planned(client)
    with pytest.raises(ZeroDivisionError):
        async with client.run(project):
            _ = 1 / 0
    task = asyncio.ensure_future(hang(client, project, inside := asyncio.Event()))
    async with asyncio.timeout(60):
        await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    failures = [each.failure for each in await told(client, project, SlotFailed)]
    assert failures == ["ZeroDivisionError: division by zero", "cancelled"]


async def hang(client: Client, project: str, inside: asyncio.Event) -> None:
    async with client.run(project):
        inside.set()
        await asyncio.Event().wait()


async def test_when_the_slot_is_lost_the_block_is_cancelled_with_that_error(client: Client) -> None:
    project = await planned(client)
    task = asyncio.ensure_future(hang(client, project, inside := asyncio.Event()))
    async with asyncio.timeout(60):
        await inside.wait()
    await client.finish(project, failure="somebody ended it")
    async with asyncio.timeout(60):
        with pytest.raises(psmp.SlotLost, match=r"given back|no longer holds"):
            await task
    assert len(await told(client, project, SlotFailed)) == 1


async def test_a_governed_function_runs_with_a_slot_or_not_at_all(client: Client) -> None:
    project = await planned(client, max_concurrent_agents=1)
    called: list[int] = []

    @psmp.governed(client, project, agent="bob")
    async def build(run: psmp.Run, name: str) -> int:
        called.append(run.fence)
        await run.declare(name)
        return run.fence

    assert await build("api") == called[0]
    slot = await client.begin(project)
    with pytest.raises(psmp.SlotsExhausted):
        await build("web")
    assert len(called) == 1
    await client.finish(project, failure="enough", fence=slot.sequence)


async def test_the_same_without_async(stack: tuple[Stack, str], client: Client) -> None:
    project = await planned(client)

    def work() -> int:
        with psmp.connect_sync(stack[1], agent="bob") as blocking, blocking.run(project, wait=5) as run:
            run.declare("api")
            assert not run.lost
            return run.fence

    fence = await asyncio.to_thread(work)
    assert [each.fence for each in await told(client, project, SlotFinished)] == [fence]


async def test_who_asks_too_much_is_told_how_long_to_wait_and_nothing_is_written(client: Client) -> None:
    project, flood = await planned(client), client.as_agent("flood")

    async def leave() -> psmp.Refusal:
        with pytest.raises(psmp.Refusal) as refusal:
            await flood.leave(project)
        return refusal.value

    refusals = await asyncio.gather(*(leave() for _ in range(200)))
    limited = [each for each in refusals if isinstance(each, psmp.RateLimited)]
    assert 0 < len(limited) <= 200 - 60
    assert {each.retry_seconds for each in limited} == {1}
    assert "wait 1 s" in str(limited[0])
    assert all(each.settled and each.settled.position is None for each in limited)
    assert len([each async for each in client.events(project, follow=False)]) == 2 + 200 - len(limited)


async def test_a_patient_client_waits_as_long_as_it_is_told(stack: tuple[Stack, str], client: Client) -> None:
    project = await planned(client)
    async with connect(stack[1], agent="eager", timeout=60, patient=True) as eager:
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(eager.declare(project, f"a-{number}") for number in range(80)))
        assert asyncio.get_running_loop().time() - begun > 1
    assert len((await client.status(project)).artifacts) == 80


class Cli:
    """``psmp`` as processes of their own."""

    def __init__(self, url: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PSMP_")}
        self._env = {**inherited, "PSMP_URL": url, "PSMP_AGENT": "ada", "PSMP": f"{sys.executable} -m psmp.cli.app"}

    async def start(self, *words: str) -> Process:
        return await asyncio.create_subprocess_exec(
            *PSMP, *words, env=self._env, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )

    async def ended(self, *words: str) -> tuple[int, str, str]:
        process = await self.start(*words)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


@pytest.fixture
def cli(stack: tuple[Stack, str]) -> Cli:
    return Cli(stack[1])


async def test_a_command_runs_with_a_slot_and_ends_as_it_should(client: Client, cli: Cli) -> None:
    names = [await planned(client) for _ in range(4)]
    tell = 'echo "$PSMP_PROJECT $PSMP_FENCE $PSMP_CPUS $PSMP_MEMORY_MB"; $PSMP declare --artifact api >&2'
    hungry = f"{sys.executable} -c 'bytearray(600_000_000)' 2>/dev/null"
    done, idle, failed, bounded = await asyncio.gather(
        cli.ended("run", names[0], "--cpus", "2", "--memory", "4096", "--", "sh", "-c", tell),
        cli.ended("run", names[1], "--", "true"),
        cli.ended("run", names[2], "--", "sh", "-c", "exit 42"),
        cli.ended("run", names[3], "--memory", "500", "--enforce", "--", "sh", "-c", hungry),
    )
    slot = (await told(client, names[0], SlotFinished))[0]
    assert done[:2] == (0, f"{names[0]} {slot.fence} 2 4096\n"), done[2]
    assert idle[0] == 3
    assert "NOT_DECLARED" in idle[2]
    assert failed[0] == 42
    assert bounded[0] == 1
    ends = [[each.failure for each in await told(client, name, SlotFailed)] for name in names[1:]]
    assert "declared nothing" in ends[0][0]
    assert ends[1] == ["Failed: the command ended with status 42"]
    assert ends[2] == ["Failed: the command ended with status 1"]
    declared = [each.event async for each in client.events(names[0], follow=False)][3]
    assert getattr(declared, "fence", None) == slot.fence


async def test_whatever_is_killed_its_slot_is_free_soon(client: Client, cli: Cli) -> None:
    names = [await planned(client, lease_seconds=3) for _ in range(4)]
    sleeper = "trap 'exit 9' TERM; echo $$; while :; do sleep 0.05; done"
    processes = [await cli.start("run", name, "--", "sh", "-c", sleeper) for name in names]
    pids = [int(await each.stdout.readline()) for each in processes if each.stdout]
    os.kill(pids[0], signal.SIGKILL)  # the command
    processes[1].kill()  # psmp run
    processes[2].terminate()  # handed on to the command
    await client.finish(names[3], failure="taken away")  # lost
    try:
        async with asyncio.timeout(60):
            codes = [await each.wait() for each in processes]
            await asyncio.gather(*(until(partial(free, client, name)) for name in names))
    finally:
        os.kill(pids[1], signal.SIGKILL)  # nobody is left to end it
    assert codes == [137, -9, 9, 8]
    assert [each.failure for each in await told(client, names[0], SlotFailed)] == [
        "Failed: the command was ended by SIGKILL"
    ]
    assert len(await told(client, names[1], SlotExpired)) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pids[3], 0)
    for each in processes:
        await each.communicate()


async def free(client: Client, project: str) -> bool:
    return (await client.status(project)).slots == ()


async def test_a_command_waits_in_the_queue_and_leaves_it_when_it_is_told_to_end(client: Client, cli: Cli) -> None:
    project = await planned(client, max_concurrent_agents=1)
    held = await client.as_agent("bob").begin(project)
    process = await cli.start("run", project, "--wait", "5m", "--", "true")
    await waiting(client, project, 1)
    process.terminate()
    _, err = await process.communicate()
    assert process.returncode == 143, err
    assert (await client.status(project)).waiting == ()
    beginning = asyncio.ensure_future(cli.ended("begin", project, "--wait", "1m", "--cpus", "1.5", "-o", "json"))
    await waiting(client, project, 1)
    await client.as_agent("bob").finish(project, failure="enough", fence=held.sequence)
    code, out, _ = await beginning
    granted = json.loads(out)
    assert (code, granted["data"]["limits"]["cpus"]) == (0, 1.5)
    fence = str(granted["sequence"])
    renewed, late = await asyncio.gather(
        cli.ended("renew", project, "--fence", fence), cli.ended("finish", project, "--fence", "1")
    )
    assert (renewed[0], late[0]) == (0, 8)
