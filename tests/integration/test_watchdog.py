"""The watchdog at work on a real server: what it finds it writes down, once, and one project holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog, direct_get
from psmp.log.views import Views
from psmp.service.clock import now, stamp
from psmp.stack import NatsServer
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.events import AgentSilenced, AlertRaised, ProjectCreated, SlotGranted
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.values import Phase, Policy, Severity, Target
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.tail import Tail, end_of
from psmp_watchdog.watch import Watch
from tests.histories import History, moved

pytestmark = pytest.mark.integration

SWEEPS = 0.02
KEY = ProjectKey("acme", "watched")


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


@pytest.fixture
def log(nats: MendedClient) -> JetStreamEventLog:
    return JetStreamEventLog(nats)


def at_work(key: ProjectKey, *, stall: int = 31_536_000, lease: int = 86_400) -> History:
    """A project of last week that is being planned."""
    policy = Policy(stall_seconds=stall, lease_seconds=lease)
    history = History(key)
    history.add(ProjectCreated(name=key.project, targets=(Target(),), policy=policy))
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    return history


@asynccontextmanager
async def watching(nats: MendedClient) -> AsyncIterator[Watch]:
    log = JetStreamEventLog(nats)
    decider = Decider(log, Views(log, PROJECT_FOLD), stamp)
    watch = Watch(nats, Hearts(nats, "watchdog-1"), decider, interval=SWEEPS)
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.run())
        yield watch
        watch.stop()


def found(watch: Watch, *damaged: ProjectKey) -> Callable[[], Awaitable[bool]]:
    """Whether it has come through all projects and says that exactly these are damaged."""

    async def probe() -> bool:
        return not watch.describe().trouble and watch.damages.keys() == set(damaged)

    return probe


async def kinds(log: JetStreamEventLog, key: ProjectKey) -> list[str]:
    return [record.kind async for record in log.read(key)]


async def said(log: JetStreamEventLog, key: ProjectKey, *expected: str) -> None:
    """Wait until these are the last kinds of the project's log."""

    async def probe() -> bool:
        return tuple((await kinds(log, key))[-len(expected) :]) == expected

    await until(probe, within=60)


async def test_it_founds_the_project_of_the_services(nats: MendedClient, log: JetStreamEventLog) -> None:
    async with watching(nats):
        await said(log, SYSTEM, "project.created")


async def test_a_stuck_project_and_a_slot_of_the_dead_are_found_once_by_two_watchdogs(
    nats: MendedClient, log: JetStreamEventLog
) -> None:
    history = at_work(KEY, stall=60)
    history.add(SlotGranted(agent="ada", lease_seconds=60))
    await history.store(log)
    expected = ["agent.silenced", "slot.expired", "project.stalled", "project.recovering"]
    async with watching(nats) as one, watching(nats) as other:
        await said(log, KEY, *expected)
        await said(log, SYSTEM, "project.created")
        await asyncio.sleep(10 * SWEEPS)
        assert one.describe().handled + other.describe().handled == len(expected) + 1  # with the founding
    assert (await kinds(log, KEY))[3:] == expected


async def test_who_falls_silent_is_told_and_so_is_the_return(nats: MendedClient, log: JetStreamEventLog) -> None:
    await at_work(KEY, lease=1).store(log)
    await nats.publish(subjects.heartbeat(KEY, "ada"), b"alive")
    await nats.publish(subjects.heartbeat(KEY, "bob"), b"leaving")
    async with watching(nats):
        await said(log, KEY, "agent.silenced")
        await nats.publish(subjects.heartbeat(KEY, "ada"), b"alive")
        await said(log, KEY, "agent.silenced", "agent.returned")
    told = [open_event(record.body).data async for record in log.read(KEY, after=2)]
    assert {getattr(event, "agent", None) for event in told[-2:]} == {"ada"}


async def test_a_damaged_project_holds_up_no_other(nats: MendedClient, log: JetStreamEventLog) -> None:
    headless, torn = ProjectKey("acme", "headless"), ProjectKey("acme", "torn")
    lost = at_work(headless, stall=60).records[1]
    await log.append(headless, lost.kind, lost.body, expected=0)
    history = at_work(torn, stall=60)
    stored = await history.store(log)
    history.add(SlotGranted(agent="ada", lease_seconds=60))
    gap = history.add(SlotGranted(agent="bob", lease_seconds=60))
    await log.append(torn, gap.kind, gap.body, expected=stored[-1].position)
    noise = ProjectKey("acme", "noise")
    await log.append(noise, "project.created", b"no event", expected=0)
    await at_work(KEY, stall=60).store(log)
    async with watching(nats) as watch:
        await said(log, KEY, "project.stalled", "project.recovering")
        await until(found(watch, headless, torn, noise), within=60)
    assert (await kinds(log, torn))[-1] == gap.kind


async def test_a_tail_begins_where_the_stream_ended_and_misses_nothing_that_comes_behind(nats: MendedClient) -> None:
    js, tail = nats.jetstream(), Tail(nats, "PSMP_LOG", "psmp.log.*.*.waiver.*")
    assert await end_of(nats, "PSMP_LOG", "psmp.log.>") == 0
    for number in range(3):
        await js.publish(f"psmp.log.acme.rag.artifact.a{number}", b"")
    end = await end_of(nats, "PSMP_LOG", "psmp.log.>")
    await js.publish("psmp.log.acme.rag.waiver.expired", b"behind the end")
    assert [message.data for message in await tail.new(end)] == [b"behind the end"]
    assert (end, await tail.new(end)) == (3, [])
    await js.publish("psmp.log.acme.rag.waiver.expired", b"later")
    assert [message.data for message in await tail.new(await end_of(nats, "PSMP_LOG", "psmp.log.>"))] == [b"later"]
    assert tail._read == 5


async def test_what_comes_late_has_the_project_looked_at_as_a_whole(nats: MendedClient, log: JetStreamEventLog) -> None:
    """Kinds are read one after another, from replicas of which one may be behind."""
    history = at_work(KEY)
    history.add(AlertRaised(alert="letter-1", severity=Severity.LOW, text="so"))
    history.add(AgentSilenced(agent="bob", last_seen="2026-11-18T00:00:00Z"))
    await history.store(log)
    watch = Watch(nats, Hearts(nats, "watchdog-1"), Decider(log, Views(log, PROJECT_FOLD), stamp), interval=SWEEPS)
    first, second, alert, silenced = await direct_get(
        nats, "PSMP_LOG", {"seq": 1, "batch": 9, "next_by_subj": "psmp.log.acme.>"}
    )
    for message in (first, second, silenced, alert):
        watch._fold(message, now())
    seen = watch.projects[KEY]
    assert seen is not None
    assert not seen.alerts
    await watch._sweep()
    whole = watch.projects[KEY]
    assert whole is not None
    assert (list(whole.alerts), list(whole.silent)) == (["letter-1"], ["bob"])
    assert not watch._suspected  # what was seen as a whole comes again by the tails and is nothing new
