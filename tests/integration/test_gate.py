"""The gate before the log on a real server: what shuts it, what opens it, and what becomes of messages meanwhile."""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from psmp.log.gate import Gate
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Unreachable
from psmp.service.standing import GateKeeper
from psmp.service.worker import Worker
from psmp.stack import NatsServer
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.settle import Delivery, Done, Outcome
from psmp.wire.standing import State, Word, last_word, say
from psmp.words import subjects
from psmp.words.envelope import leaf_hash
from tests.following import until_true
from tests.histories import KEY, History, created, lifetime

pytestmark = pytest.mark.integration

LOST = Word(State.REGRESSED, ("the log lacks record 5 of acme/rag",), "psmp restore log")


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


@asynccontextmanager
async def keeping(nats: MendedClient, gate: Gate) -> AsyncIterator[GateKeeper]:
    keeper = GateKeeper(nats, gate)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(keeper.run())
        try:
            yield keeper
        finally:
            keeper.stop()


async def test_without_a_word_and_without_checkpoints_the_gate_opens(nats: MendedClient) -> None:
    gate = Gate(nats, seen=-1)
    assert gate.why
    assert await last_word(nats) is None
    await GateKeeper(nats, gate).look()
    assert gate.why == ""


async def test_the_last_word_shuts_and_opens_it_and_the_probe_says_why(nats: MendedClient) -> None:
    gate = Gate(nats, seen=-1)
    async with keeping(nats, gate) as keeper:
        await say(nats, LOST)
        await until_true(lambda: "the log lacks record 5" in keeper.describe().trouble)
        await say(nats, Word(State.RESTORING))
        await until_true(lambda: keeper.describe().trouble == "the ledger is being restored")
        await say(nats, Word(State.WELL))
        await until_true(lambda: not gate.why)


async def test_while_it_is_shut_nothing_is_appended_and_then_it_is(nats: MendedClient) -> None:
    gate = Gate(nats, seen=-1)
    log = JetStreamEventLog(nats, gate=gate, patience=5)
    record = lifetime().records[0]
    waiting = asyncio.ensure_future(log.append(KEY, record.kind, record.body, expected=0))
    await asyncio.sleep(0)
    assert not waiting.done()
    await GateKeeper(nats, gate).look()
    assert await waiting == 1
    gate.look("the log lacks record 5", gate.seen)
    with pytest.raises(Unreachable, match="lacks record 5"):
        await log.append(KEY, record.kind, record.body, expected=1)


async def test_a_new_connection_shuts_it_until_the_log_was_looked_at(
    nats: MendedClient, fresh_nats: NatsServer
) -> None:
    gate = Gate(nats)
    log = JetStreamEventLog(nats, gate=gate)
    history = lifetime()
    await history.store(log)
    await fresh_nats.stop()
    await fresh_nats.start()
    await until_true(lambda: nats.is_connected and nats.stats["reconnects"] == 1)
    assert "is new" in gate.why
    async with keeping(nats, gate):
        await until_true(lambda: not gate.why)


async def test_a_log_that_lost_what_was_written_here_shuts_it(nats: MendedClient, fresh_nats: NatsServer) -> None:
    gate = Gate(nats)
    await lifetime().store(JetStreamEventLog(nats, gate=gate))
    async with keeping(nats, gate) as keeper:
        await fresh_nats.stop()
        for folder in fresh_nats.store.glob("**/streams/PSMP_LOG"):
            shutil.rmtree(folder)
        await fresh_nats.start()
        await until_true(lambda: nats.is_connected)
        await prepare(nats)
        await until_true(lambda: f"was written here, at position {gate.position}" in keeper.describe().trouble)
        await lifetime().store(JetStreamEventLog(nats))
        await until_true(lambda: not gate.why)


@pytest.mark.parametrize("anchors", [0, 1, 3])
async def test_a_log_without_the_record_of_the_newest_checkpoint_shuts_it_at_the_start(
    nats: MendedClient, anchors: int
) -> None:
    record = History().add(created())

    async def publish(subject: str, leaf: str) -> None:
        headers = {subjects.POSITION: "1", subjects.LEAF: leaf}
        await nats.jetstream().publish(subject, b"a note", headers=headers)

    await publish("psmp.checkpoint.acme.rag", leaf_hash(record.body))
    for _ in range(anchors):
        await publish("psmp.checkpoint._.anchor", "00" * 32)
    gate = Gate(nats, seen=-1)
    async with keeping(nats, gate) as keeper:
        await until_true(lambda: "what the newest checkpoint covers, at position 1" in keeper.describe().trouble)
        await JetStreamEventLog(nats).append(KEY, record.kind, record.body, expected=0)
        await until_true(lambda: not gate.why)


async def test_messages_stay_in_their_stream_and_no_delivery_is_used_up(nats: MendedClient) -> None:
    """Also of those that were in hand already: the broker, that waits for half a second, is told so all the while."""
    config = {"name": "tested", "durable_name": "tested", "ack_policy": "explicit", "ack_wait": 500_000_000}
    body = {"stream_name": "PSMP_COMMANDS", "config": config}
    await nats.request("$JS.API.CONSUMER.CREATE.PSMP_COMMANDS.tested", json.dumps(body).encode())
    gate = Gate(nats)
    handled: Counter[int] = Counter()

    async def handle(delivery: Delivery) -> Outcome:
        if not handled:
            await until_true(lambda: worker.describe().waiting > 0)
            gate.look("the log lacks record 5", 0)
        handled[delivery.position] += 1
        return Done()

    worker = Worker(nats, "intake", "PSMP_COMMANDS", "tested", handle, lambda _: KEY, at_work=0.1)
    worker.guard(gate)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        for _ in range(5):
            await nats.request("psmp.cmd.acme.rag.ada.slot.leave", b"command", timeout=30)
        await until_true(lambda: bool(gate.shut))
        began = asyncio.get_running_loop().time()
        await until_true(lambda: asyncio.get_running_loop().time() > began + 1.5)
        assert handled == {1: 1}
        gate.look("", 0)
        await until_true(lambda: worker.describe().handled == 5)
        worker.stop()
    assert handled == dict.fromkeys(range(1, 6), 1)
    info = await nats.jetstream().consumer_info("PSMP_COMMANDS", "tested")
    assert info.delivered is not None
    assert info.delivered.consumer_seq == 5
