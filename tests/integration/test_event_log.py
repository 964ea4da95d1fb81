"""The log on a real nats-server keeps the contract of the log, over lost answers, kills and forbidden hands."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from psmp.log.commit import SMALLEST_BATCH
from psmp.log.jetstream import STREAM, JetStreamEventLog
from psmp.log.port import Outpaced, Record, Unreachable
from psmp.stack import NatsServer
from psmp.wire.assets import CONSUMERS, STREAMS, prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from tests.unit.log.contract import KEY, KIND, OTHER, EventLogContract, all_of, fill

pytestmark = pytest.mark.integration


class Tapped:
    """A connection that loses the answers to some requests though the server gave them, and counts what it sends."""

    def __init__(self, nats: MendedClient) -> None:
        self._nats = nats
        self.to_lose = 0
        self.requests = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._nats, name)

    def send(self, subject: str, body: bytes, reply: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.requests += bool(reply)
        self._nats.send(subject, body, reply, headers)

    async def listen(self, subject: str, take: Callable[[Message], None]) -> Subscription:
        def hear(message: Message) -> None:
            if self.to_lose:
                self.to_lose -= 1
            else:
                take(message)

        return await self._nats.listen(subject, hear)


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    """A connection to a server of the test's own, with all streams and consumers."""
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


@pytest.fixture
def tapped(nats: MendedClient) -> Tapped:
    return Tapped(nats)


@pytest.fixture
def log(tapped: Tapped) -> JetStreamEventLog:
    return JetStreamEventLog(tapped)  # type: ignore[arg-type]


class TestJetStreamEventLog(EventLogContract):
    """The contract; what follows below is JetStream's own."""


async def ask(nats: MendedClient, what: str, body: object = None) -> dict[str, Any]:
    message = await nats.request(f"$JS.API.{what}", json.dumps(body).encode() if body else b"", timeout=30)
    answer: dict[str, Any] = json.loads(message.data)
    return answer


async def heard(nats: MendedClient, subject: str) -> list[Msg]:
    """What arrives on ``subject`` from now on."""
    found: list[Msg] = []

    async def hear(message: Msg) -> None:
        found.append(message)

    await nats.subscribe(subject, cb=hear)
    await nats.flush()
    return found


@pytest.mark.parametrize("lost", [1, 2])
async def test_an_append_whose_answer_was_lost_is_recognised_as_our_own(
    log: JetStreamEventLog, tapped: Tapped, lost: int
) -> None:
    stored = await fill(log, KEY, 2)
    tapped.to_lose = lost
    position = await log.append(KEY, KIND, b"mine", expected=stored.last)
    assert [record.body for record in await all_of(log, KEY, after=stored.last)] == [b"mine"]
    assert (await all_of(log, KEY))[-1].position == position


async def test_an_append_outpaced_while_its_answer_was_lost_is_not_taken_for_stored(
    log: JetStreamEventLog, tapped: Tapped
) -> None:
    stored = await fill(log, KEY, 1)
    await log.append(KEY, KIND, b"another's", expected=stored.last)
    tapped.to_lose = 1
    with pytest.raises(Outpaced):
        await log.append(KEY, KIND, b"mine", expected=stored.last)
    assert [record.body for record in await all_of(log, KEY, after=stored.last)] == [b"another's"]


async def test_a_batch_whose_answer_was_lost_is_stored_once(log: JetStreamEventLog, tapped: Tapped) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(3 * SMALLEST_BATCH)]
    tapped.to_lose = 1
    positions = await asyncio.gather(*(log.append(key, KIND, str(key).encode(), expected=0) for key in keys))
    for key, position in zip(keys, positions, strict=True):
        assert await all_of(log, key) == [Record(position, key, KIND, str(key).encode())]


async def test_what_is_decided_at_the_same_moment_is_committed_together(log: JetStreamEventLog, tapped: Tapped) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(100)]
    positions = await asyncio.gather(*(log.append(key, KIND, b"x", expected=0) for key in keys))
    assert tapped.requests < 2 * SMALLEST_BATCH
    assert sorted(positions) == list(range(1, 101))


async def test_one_outpaced_append_costs_the_others_of_its_batch_only_a_second_try(
    log: JetStreamEventLog, tapped: Tapped
) -> None:
    await fill(log, OTHER, 1)
    tapped.requests = 0
    keys = [ProjectKey("acme", f"p{number}") for number in range(20)]
    tries = [log.append(key, KIND, b"x", expected=0) for key in [*keys[:10], OTHER, *keys[10:]]]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int] * 10 + [Outpaced] + [int] * 10
    assert tapped.requests > len(keys)
    assert [len(await all_of(log, key)) for key in keys] == [1] * 20


async def test_several_appends_to_one_project_at_once_do_not_share_a_batch(log: JetStreamEventLog) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(30)]
    both = (log.append(key, KIND, body, expected=0) for key in keys for body in (b"one", b"two"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(outcome, Outpaced) for outcome in outcomes) == 30
    for key in keys:
        assert len(await all_of(log, key)) == 1


async def test_what_is_stored_is_republished_with_its_position_and_what_is_refused_is_not(
    log: JetStreamEventLog, nats: MendedClient
) -> None:
    live = await heard(nats, subjects.live(KEY, "*.*"))
    stored = await fill(log, KEY, 2)
    with pytest.raises(Outpaced):
        await log.append(KEY, KIND, b"refused", expected=0)
    last = await log.append(KEY, "conflict.detected", b"the last", expected=stored.last)
    while len(live) < 3:
        await asyncio.sleep(0.01)
    assert [(message.subject, message.data) for message in live] == [
        (subjects.live(KEY, record.kind), record.body) for record in await all_of(log, KEY)
    ]
    positions = [int((message.headers or {})["Nats-Sequence"]) for message in live]
    assert positions == [*(record.position for record in stored.records), last]
    assert {(message.headers or {})["Nats-Stream"] for message in live} == {STREAM}


async def test_what_was_committed_in_a_batch_is_republished_too(log: JetStreamEventLog, nats: MendedClient) -> None:
    live = await heard(nats, "psmp.evt.acme.*.>")
    keys = [ProjectKey("acme", f"p{number}") for number in range(40)]
    positions = await asyncio.gather(*(log.append(key, KIND, b"x", expected=0) for key in keys))
    while len(live) < len(keys):
        await asyncio.sleep(0.01)
    told = {message.subject: int((message.headers or {})["Nats-Sequence"]) for message in live}
    assert told == {subjects.live(key, KIND): position for key, position in zip(keys, positions, strict=True)}


async def test_the_log_cannot_be_purged_and_nobody_takes_that_back(log: JetStreamEventLog, nats: MendedClient) -> None:
    """Single messages are deleted by who has the right to it: ``test_service_permissions.py``."""
    stored = await fill(log, KEY, 2)
    purged = await ask(nats, f"STREAM.PURGE.{STREAM}", {"filter": subjects.log_of(KEY)})
    assert purged["error"]["err_code"] == 10110
    info = (await ask(nats, f"STREAM.INFO.{STREAM}"))["config"]
    changed = await ask(nats, f"STREAM.UPDATE.{STREAM}", info | {"deny_purge": False})
    assert "error" in changed
    assert await all_of(log, KEY) == stored.records


@pytest.mark.parametrize("header", [{"Nats-Rollup": "sub"}, {"Nats-Rollup": "all"}, {"Nats-TTL": "1s"}])
async def test_no_header_of_a_publish_can_make_the_log_forget(
    log: JetStreamEventLog, nats: MendedClient, header: dict[str, str]
) -> None:
    stored = await fill(log, KEY, 1)
    answer = await nats.request(subjects.log(KEY, KIND), b"x", headers=header, timeout=30)
    assert "error" in json.loads(answer.data)
    assert await all_of(log, KEY) == stored.records


async def test_preparing_again_changes_nothing(log: JetStreamEventLog, nats: MendedClient) -> None:
    stored = await fill(log, KEY, 2)
    await prepare(nats)
    await prepare(nats)
    names = (await ask(nats, "STREAM.NAMES"))["streams"]
    assert sorted(names) == sorted(stream["name"] for stream in STREAMS)
    for stream, consumer in CONSUMERS:
        found = await ask(nats, f"CONSUMER.INFO.{stream}.{consumer['name']}")
        assert found["config"]["metadata"]["io.nats.monitor.enabled"] == "1"
    assert await all_of(log, KEY) == stored.records


async def test_a_server_that_is_gone_makes_the_log_unreachable_in_time(
    nats: MendedClient, fresh_nats: NatsServer
) -> None:
    log = JetStreamEventLog(nats, patience=0.3)
    stored = await fill(log, KEY, 1)
    await fresh_nats.stop()
    with pytest.raises(Unreachable, match=r"the log of acme/rag did not answer"):
        await log.append(KEY, KIND, b"x", expected=stored.last)
    with pytest.raises(Unreachable):
        await all_of(log, KEY)
    await fresh_nats.start()
    patient = JetStreamEventLog(nats)
    assert (await all_of(patient, KEY))[:1] == stored.records


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed_over_and_over(
    nats: MendedClient, fresh_nats: NatsServer
) -> None:
    log = JetStreamEventLog(nats, patience=30.0)
    writing = True

    async def write(key: ProjectKey) -> list[Record]:
        told: list[Record] = []
        while writing:
            body = f"{key} {len(told)}".encode()
            position = await log.append(key, KIND, body, expected=told[-1].position if told else 0)
            told.append(Record(position, key, KIND, body))
        return told

    keys = [ProjectKey("acme", f"p{number}") for number in range(20)]
    async with asyncio.TaskGroup() as group:
        writers = {key: group.create_task(write(key)) for key in keys}
        for _ in range(3):
            await _until_some_are_stored(nats)
            fresh_nats.kill()
            await fresh_nats.start()
        await _until_some_are_stored(nats)
        writing = False
    for key, writer in writers.items():
        assert await all_of(log, key) == writer.result()


async def _until_some_are_stored(nats: MendedClient, more: int = 200) -> None:
    """Waits until the stream has taken ``more`` messages, whatever the server is going through."""
    first: int | None = None
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(NatsError, KeyError):  # the server is away, or is not ready yet
                count = (await ask(nats, f"STREAM.INFO.{STREAM}"))["state"]["messages"]
                first = count if first is None else first
                if count >= first + more:
                    return
            await asyncio.sleep(0.02)
