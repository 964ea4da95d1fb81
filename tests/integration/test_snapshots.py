"""Snapshots are a short cut into a long log, taken only when they lead to the same place."""

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import EventLog, Record
from psmp.log.snapshots import EVERY, JetStreamSnapshots
from psmp.log.view import View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.stack import NatsServer
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.events import SlotFinished, SlotGranted
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from tests.histories import KEY, History, accepted, amended, created, declared, lifetime, moved

pytestmark = pytest.mark.integration

LONG = 5000
ARTIFACTS = 500


class CountedLog:
    """The log, and how many records were read from it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.records_read = 0
        self.append, self.append_all = log.append, log.append_all

    async def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        async for record in self._log.read(key, after=after, limit=limit):
            self.records_read += 1
            yield record


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


@pytest.fixture
def log(nats: MendedClient) -> CountedLog:
    return CountedLog(JetStreamEventLog(nats))


def views_of(log: EventLog, snapshots: JetStreamSnapshots) -> Views[Project | None]:
    return Views(log, PROJECT_FOLD, snapshots)


def long_history() -> History:
    """5,000 events: 500 artifacts with 10 dependencies each, amended over and over."""
    history = History()
    history.add(created())
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    number = 0
    while len(history.records) < LONG:
        name, version = f"artifact-{number % ARTIFACTS}", number // ARTIFACTS + 1
        history.add(declared(name, 10) if version == 1 else amended(name, 10, version))
        history.add(accepted(name, version))
        number += 1
    return history


async def pour(nats: MendedClient, history: History) -> None:
    """Store a history as fast as it goes: this test is alone on its server, so there is nobody to outpace it."""
    for record in history.records:
        await nats.publish(subjects.log(record.key, record.kind), record.body)
    while True:
        answer = await nats.request("$JS.API.STREAM.INFO.PSMP_LOG", b"", timeout=30)
        if json.loads(answer.data)["state"]["messages"] >= len(history.records):
            return
        await asyncio.sleep(0.01)


async def kept(nats: MendedClient, log: EventLog, service: str = "intake", *, every: int = 1) -> JetStreamSnapshots:
    """A snapshot of the project as it is now, stored."""
    snapshots = JetStreamSnapshots(nats, log, service, every=every)
    async with views_of(log, snapshots).hold(KEY):
        await snapshots.settled()
    return snapshots


@pytest.mark.may_block
async def test_a_cold_project_of_5000_events_opens_from_its_snapshot(
    nats: MendedClient, log: CountedLog, capsys: pytest.CaptureFixture[str]
) -> None:
    await pour(nats, long_history())
    snapshots = JetStreamSnapshots(nats, log, "intake")
    started = time.perf_counter()
    async with views_of(log, snapshots).hold(KEY) as folded:
        cold = time.perf_counter() - started
        await snapshots.settled()
    assert (log.records_read, folded.head.sequence, snapshots.failures) == (LONG, LONG, 0)

    log.records_read = 0
    started = time.perf_counter()
    async with views_of(log, JetStreamSnapshots(nats, log, "intake")).hold(KEY) as view:
        warm = time.perf_counter() - started
        assert log.records_read == 1
        assert (view.head, view.state) == (folded.head, folded.state)
        assert view.answers.dump() == folded.answers.dump()
    with capsys.disabled():
        print(f"\n  {LONG} events: folded in {cold * 1e3:.0f} ms, opened from a snapshot in {warm * 1e3:.1f} ms")  # noqa: T201


async def test_a_snapshot_is_kept_every_so_many_events(nats: MendedClient, log: CountedLog) -> None:
    snapshots = JetStreamSnapshots(nats, log, "intake")
    view = View(KEY, PROJECT_FOLD)
    history = History()
    view.advance(history.add(created()))
    while history.head.sequence < 2 * EVERY + 10:
        view.advance(history.add(SlotGranted(agent="ada", lease_seconds=1)))
        view.advance(history.add(SlotFinished(agent="ada")))
        snapshots.offer(view)
        await snapshots.settled()
    stored = await nats.request("$JS.API.STREAM.INFO.PSMP_SNAPSHOTS", b"", timeout=30)
    state = json.loads(stored.data)["state"]
    assert (state["messages"], state["last_seq"], snapshots.failures) == (1, 2, 0)


async def test_only_one_snapshot_of_a_project_is_under_way(nats: MendedClient, log: CountedLog) -> None:
    snapshots = JetStreamSnapshots(nats, log, "intake", every=1)
    view = View(KEY, PROJECT_FOLD)
    for record in lifetime().records:
        view.advance(record)
        snapshots.offer(view)
        assert len(snapshots._under_way) == 1
    await snapshots.settled()
    assert snapshots._under_way == {}


async def test_what_came_after_the_snapshot_is_read_from_the_log(nats: MendedClient, log: CountedLog) -> None:
    stored = await lifetime().store(log)
    await kept(nats, log)
    history = lifetime()
    last = history.add(moved(Phase.IN_PROGRESS, Phase.COMPLETED))
    await log.append(KEY, last.kind, last.body, expected=stored[-1].position)
    log.records_read = 0
    async with views_of(log, JetStreamSnapshots(nats, log, "intake")).hold(KEY) as view:
        assert view.state is not None
        assert (view.state.phase, view.head.sequence) == (Phase.COMPLETED, len(history.records))
    assert log.records_read == 2


async def test_what_we_write_ourselves_is_kept_too(nats: MendedClient, log: CountedLog) -> None:
    snapshots = JetStreamSnapshots(nats, log, "intake", every=5)
    views = views_of(log, snapshots)
    history = lifetime()
    async with views.hold(KEY) as view:
        for record in history.records:
            position = await log.append(KEY, record.kind, record.body, expected=view.head.position)
            views.take(view, replace(record, position=position))
            await snapshots.settled()
    opened = await JetStreamSnapshots(nats, log, "intake").load(KEY, PROJECT_FOLD)
    assert opened is not None
    assert opened.head.sequence == len(history.records) // 5 * 5


async def test_a_snapshot_of_another_history_is_not_used(nats: MendedClient, log: CountedLog) -> None:
    await lifetime().store(log)
    snapshots = await kept(nats, log)
    view = await snapshots.load(KEY, PROJECT_FOLD)
    assert view is not None
    (stored,) = [record async for record in log.read(KEY, after=view.head.position - 1)]
    forged = {
        "position": stored.position,
        "sequence": 21,
        "leaf": "f" * 64,
        "fold": "project",
        "version": PROJECT_FOLD.version,
    }
    for about in (
        forged,
        forged | {"position": stored.position - 1, "leaf": view.head.leaf},
        forged | {"position": stored.position + 1, "leaf": view.head.leaf},
    ):
        await put(nats, json.dumps(about | {"answers": {}}).encode() + b"\nnull")
        assert await snapshots.load(KEY, PROJECT_FOLD) is None
    async with views_of(log, JetStreamSnapshots(nats, log, "intake")).hold(KEY) as folded:
        assert folded.head == view.head
        assert folded.state == view.state


async def test_a_snapshot_of_other_code_is_not_used(nats: MendedClient, log: CountedLog) -> None:
    await lifetime().store(log)
    snapshots = await kept(nats, log)
    assert await snapshots.load(KEY, PROJECT_FOLD) is not None
    assert await snapshots.load(KEY, replace(PROJECT_FOLD, version=PROJECT_FOLD.version + 1)) is None
    assert await snapshots.load(KEY, replace(PROJECT_FOLD, name="another")) is None
    assert snapshots.failures == 0


async def test_each_service_has_its_own(nats: MendedClient, log: CountedLog) -> None:
    await lifetime().store(log)
    await kept(nats, log, "intake")
    assert await JetStreamSnapshots(nats, log, "keeper").load(KEY, PROJECT_FOLD) is None


@pytest.mark.parametrize(
    "body",
    [
        b"not compressed",
        zlib.compress(b""),
        zlib.compress(b"[]\nnull"),
        zlib.compress(b'{"fold":"project","version":%d}\nnull' % PROJECT_FOLD.version),
        zlib.compress(
            b'{"fold":"project","version":%d,"position":1,"sequence":1,"leaf":"","answers":{}}\n{}'
            % PROJECT_FOLD.version
        ),
        zlib.compress(
            b'{"fold":"project","version":%d,"position":1,"sequence":1,"leaf":"","answers":{"x":1}}\nnull'
            % PROJECT_FOLD.version
        ),
    ],
)
async def test_a_snapshot_that_cannot_be_read_is_counted_and_not_used(
    nats: MendedClient, log: CountedLog, body: bytes
) -> None:
    await lifetime().store(log)
    await put(nats, body, packed=True)
    snapshots = JetStreamSnapshots(nats, log, "intake")
    assert await snapshots.load(KEY, PROJECT_FOLD) is None
    assert snapshots.failures == 1


async def test_without_a_server_nothing_is_kept_nothing_is_found_and_nothing_is_raised(
    nats: MendedClient, fresh_nats: NatsServer, log: CountedLog
) -> None:
    await lifetime().store(log)
    async with views_of(log, JetStreamSnapshots(nats, log, "intake")).hold(KEY) as view:
        pass
    await nats.close()
    snapshots = JetStreamSnapshots(nats, log, "intake", every=1)
    snapshots.offer(view)
    await snapshots.settled()
    assert await snapshots.load(KEY, PROJECT_FOLD) is None
    assert snapshots.failures == 2
    assert fresh_nats.child is not None


async def put(nats: MendedClient, body: bytes, *, packed: bool = False) -> None:
    subject = subjects.snapshot("intake", KEY)
    answer = await nats.request(subject, body if packed else zlib.compress(body), timeout=30)
    assert "error" not in json.loads(answer.data)
