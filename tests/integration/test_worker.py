"""What becomes of messages on a real server: faults, deaths and outages, each with its own project and with others."""

import asyncio
import json
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from psmp.log.port import Unreachable
from psmp.service import worker as workers
from psmp.service.worker import Worker
from psmp.stack import NatsServer
from psmp.wire import letters
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.letters import Letter
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done, Later, Origin, Outcome, bury
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from tests.following import until, until_true

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SECOND = 1_000_000_000
ONE, OTHER = ProjectKey("acme", "one"), ProjectKey("acme", "other")


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of a worker, a hundred times as short."""
    monkeypatch.setattr(workers, "SCHEDULE", (0.01, 0.02, 0.04))
    monkeypatch.setattr(workers, "AGAIN", 0.01)


async def consumer(nats: MendedClient, **config: Any) -> None:
    """A consumer of commands called ``tested``."""
    common = {"name": "tested", "durable_name": "tested", "ack_policy": "explicit", "deliver_policy": "all"}
    body = {"stream_name": "PSMP_COMMANDS", "config": common | config}
    said = await nats.request("$JS.API.CONSUMER.CREATE.PSMP_COMMANDS.tested", json.dumps(body).encode())
    assert "error" not in json.loads(said.data)


async def send(nats: MendedClient, key: ProjectKey, body: bytes) -> int:
    said = await nats.request(subjects.command(key, "ada", "slot.leave"), body, timeout=30)
    return int(json.loads(said.data)["seq"])


def lane(delivery: Delivery) -> ProjectKey | None:
    subject = subjects.read_command(delivery.subject)
    return subject.key if subject else None


@asynccontextmanager
async def working(
    nats: MendedClient, handle: Callable[[Delivery], Awaitable[Outcome]], **options: Any
) -> AsyncIterator[Worker]:
    worker = Worker(nats, "intake", "PSMP_COMMANDS", "tested", handle, lane, **options)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.stop()


async def letters_in(nats: MendedClient) -> list[Letter]:
    count = json.loads((await nats.request("$JS.API.STREAM.INFO.PSMP_DLQ")).data)["state"]["messages"]
    return [letter for number in range(1, count + 1) if (letter := await letters.fetch(nats, number))]


async def advisories(nats: MendedClient) -> int:
    said = await nats.request("$JS.API.STREAM.INFO.PSMP_ADVISORIES")
    return int(json.loads(said.data)["state"]["messages"])


@pytest.mark.usefixtures("hasty")
async def test_what_fails_is_tried_four_times_and_buried_with_its_bytes_and_its_reason(nats: MendedClient) -> None:
    await consumer(nats)
    handled: Counter[bytes] = Counter()

    async def handle(delivery: Delivery) -> Outcome:
        handled[delivery.body] += 1
        if delivery.body == b"poison":
            raise RuntimeError("cannot\nbe")
        return Done()

    async with working(nats, handle) as worker:
        position = await send(nats, ONE, b"poison")
        await send(nats, ONE, b"next")
        await send(nats, OTHER, b"other")
        await until_true(lambda: worker.describe().buried == 1 and worker.describe().handled == 2)
    assert handled == {b"poison": 4, b"next": 1, b"other": 1}
    [letter] = await letters_in(nats)
    assert (letter.key, letter.position, letter.body, letter.tries) == (ONE, position, b"poison", 4)
    assert letter.origin == ("intake", "PSMP_COMMANDS", "tested")
    assert letter.subject == "psmp.cmd.acme.one.ada.slot.leave"
    assert letter.reason == "RuntimeError: cannot be"


@pytest.mark.usefixtures("hasty")
async def test_a_poisoned_message_holds_up_nobody_else(nats: MendedClient) -> None:
    """While one message of a project fails again and again, others of it and of other projects are done at once."""
    await consumer(nats)
    times: dict[bytes, float] = {}

    async def handle(delivery: Delivery) -> Outcome:
        if delivery.body == b"poison":
            raise RuntimeError("no")
        times[delivery.body] = asyncio.get_running_loop().time()
        return Done()

    async with working(nats, handle) as worker:
        await send(nats, ONE, b"poison")
        began = asyncio.get_running_loop().time()
        for number in range(20):
            await send(nats, (ONE, OTHER)[number % 2], str(number).encode())
        await until_true(lambda: len(times) == 20)
        assert max(times.values()) - began < 20
        await until_true(lambda: worker.describe().buried == 1)


@pytest.mark.usefixtures("hasty")
async def test_what_is_tried_again_on_purpose_is_no_suspect_and_holds_up_nobody(nats: MendedClient) -> None:
    await consumer(nats)
    handled, let = Counter[bytes](), asyncio.Event()

    async def handle(delivery: Delivery) -> Outcome:
        handled[delivery.body] += 1
        if delivery.body == b"hold":
            await let.wait()
        return Later(0.01) if delivery.body == b"again" and not let.is_set() else Done()

    async with working(nats, handle, suspect=10**6) as worker:
        try:
            await send(nats, ONE, b"again")
            await until_true(lambda: handled[b"again"] > 5)
            for number in range(4):
                await send(nats, ProjectKey("acme", f"held{number}"), b"hold")
            await until_true(lambda: handled[b"hold"] == 4)
            await send(nats, OTHER, b"other")
            await until_true(lambda: handled[b"other"] == 1, within=40)
        finally:
            let.set()
        await until_true(lambda: worker.describe().handled == 6)


async def test_a_message_is_buried_once_however_many_bury_it_and_again_behind_the_letter_retried(
    nats: MendedClient,
) -> None:
    await consumer(nats, ack_wait=SECOND // 5)
    delivery = Delivery(Message(subjects.command(ONE, "ada", "slot.leave"), "", b"poison"), 7, 4)
    origin = Origin("intake", "PSMP_COMMANDS", "tested")
    assert await bury(nats, origin, delivery, "first", ONE)
    assert not await bury(nats, origin, delivery, "second", ONE)
    assert [letter.reason for letter in await letters_in(nats)] == ["first"]
    assert await bury(nats, origin, delivery, "in vain", ONE, after=1)
    assert not await bury(nats, origin, delivery, "in vain", ONE, after=1)
    assert [letter.reason for letter in await letters_in(nats)] == ["first", "in vain"]


@pytest.mark.usefixtures("hasty")
async def test_what_is_unreachable_for_all_waits_in_hand_and_what_is_so_for_one_is_its_own_fault(
    nats: MendedClient,
) -> None:
    await consumer(nats, max_deliver=5)
    away, tries, told = True, Counter[bytes](), list[int]()

    async def handle(delivery: Delivery) -> Outcome:
        tries[delivery.body] += 1
        told.append(delivery.tries)
        if away or delivery.body == b"own":
            raise Unreachable(ONE, "it is away")
        return Done()

    async with working(nats, handle, most=5) as worker:
        await send(nats, ONE, b"first")
        await send(nats, ONE, b"second")
        await until_true(lambda: min(tries[b"first"], tries[b"second"]) > 10)
        assert worker.describe().postponed == 0
        assert max(told) > 10  # an earlier try may have got half-way: the handler is told
        away = False
        await until_true(lambda: worker.describe().handled == 2)
        await send(nats, OTHER, b"own")

        async def given_up() -> bool:
            await send(nats, ONE, b"others")
            return worker.describe().buried == 1

        await until(given_up)
    [letter] = await letters_in(nats)
    assert letter.body == b"own"
    assert letter.tries <= 4


async def test_an_outage_that_is_longer_than_all_deliveries_together_loses_nothing(
    nats: MendedClient, fresh_nats: NatsServer
) -> None:
    """Three deliveries of half a second each; the log is away for eight, and for three of these the server too."""
    await consumer(nats, max_deliver=3, ack_wait=SECOND // 2)
    away, done, tries = True, Counter[bytes](), Counter[int]()

    async def handle(delivery: Delivery) -> Outcome:
        tries[delivery.tries] += 1
        if away:
            raise Unreachable(ONE, "it is away")
        done[delivery.body] += 1
        return Done()

    async with working(nats, handle, most=3, at_work=0.15):
        for number in range(50):
            await send(nats, (ONE, OTHER)[number % 2], str(number).encode())
        await until_true(lambda: tries.total() > 0)
        await asyncio.sleep(5)
        fresh_nats.kill()
        await asyncio.sleep(3)
        await fresh_nats.start()
        away = False
        await until_true(lambda: len(done) == 50)
    assert await letters_in(nats) == []
    assert await advisories(nats) == 0


DIES = """
import asyncio, os, sys
from psmp.service.worker import Worker
from psmp.wire.connection import Address, connect
from psmp.wire.message import Message
from psmp.wire.settle import Done
from psmp.words import subjects

async def handle(delivery):
    if delivery.body == b"poison":
        os._exit(9)
    await asyncio.sleep(0.01)
    return Done()

async def main():
    nats = await connect(Address(sys.argv[1]), "dies")
    lane = lambda delivery: subjects.read_command(delivery.subject).key
    worker = Worker(nats, "intake", "PSMP_COMMANDS", "tested", handle, lane, most=int(sys.argv[2]))
    await worker.run()

asyncio.run(main())
"""


async def start(url: str, most: int) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", DIES, url, str(most), cwd=ROOT)


async def deaths(url: str, most: int, over: Callable[[], Awaitable[bool]]) -> int:
    """Let the process be started again whenever it dies, until all is over; how often it died."""
    died = 0
    process = await start(url, most)
    try:
        async with asyncio.timeout(60):
            while not await over():
                if process.returncode is not None:
                    died += 1
                    process = await start(url, most)
                await asyncio.sleep(0.02)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return died


@pytest.mark.may_block
async def test_what_kills_whoever_handles_it_is_given_up_and_takes_no_other_along(
    nats: MendedClient, fresh_nats: NatsServer
) -> None:
    await consumer(nats, max_deliver=5, ack_wait=SECOND // 5)
    keys = [ProjectKey("acme", f"p{number}") for number in range(40)]
    for key in keys[:20]:
        await send(nats, key, b"before")
    await send(nats, ONE, b"poison")
    for key in keys[20:]:
        await send(nats, key, b"behind")

    async def over() -> bool:
        found = json.loads((await nats.request("$JS.API.CONSUMER.INFO.PSMP_COMMANDS.tested")).data)
        return not found["num_pending"] and not found["num_ack_pending"]

    died = await deaths(fresh_nats.url, 5, over)
    [letter] = await letters_in(nats)
    assert (letter.body, letter.tries) == (b"poison", 5)
    assert "did not live to answer" in letter.reason
    assert died == 4
