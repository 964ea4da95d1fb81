"""The watchdog over a deployment: each trouble is an alert once, by two watchdogs too, and is cleared when over."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.past import past
from psmp.log.views import Views
from psmp.service.clock import now, stamp
from psmp.service.health import Health
from psmp.service.runner import Context, Pulse
from psmp.service.statistics import Statistics
from psmp.service.telemetry import Telemetry
from psmp.stack.ports import free_port
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import Provenance, written
from psmp.words.events import AlertRaised, Event, ProjectCreated, SlotGranted
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.values import Phase, Policy, Severity, Target
from psmp_watchdog import figures
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.metrics import WatchCollector
from psmp_watchdog.operations import Operations
from psmp_watchdog.settings import WatchdogSettings
from psmp_watchdog.watch import Watch
from tests.histories import History, moved
from tests.servers import StartNats

pytestmark = pytest.mark.integration

Gauges = Callable[[str, dict[str, str]], float | None]

KEY = ProjectKey("acme", "rag")
OFTEN = 0.05
RULES = Path(__file__).parents[2] / "deploy/prometheus/alerts.yml"
GAUGES = {
    "psmp_service_instances": {"service": "audit"},
    "psmp_consumer_pending": {"consumer": "keeper"},
    "psmp_consumer_unsettled": {"consumer": "keeper"},
    "psmp_clock_skew_seconds": {"service": "watchdog"},
    "psmp_projects": {"state": "PLANNING"},
    "psmp_alerts_open": {"of": "system", "severity": "high"},
}
"""A set of labels of each gauge that has any."""


@pytest.fixture
async def nats(start_nats: StartNats) -> AsyncIterator[MendedClient]:
    server = await start_nats()
    client = await connect(Address(server.url), "test")
    await prepare(client)
    yield client
    await client.close()


def settings(**more: Any) -> WatchdogSettings:
    known = {"expected_services": "watchdog,audit", "alert_after_seconds": 0.3, "stuck_after_seconds": 60}
    times = {"operations_seconds": OFTEN, "watch_seconds": OFTEN}
    return WatchdogSettings(nats_url="nats://127.0.0.1", **{**known, **times, **more})


@asynccontextmanager
async def watching(nats: MendedClient, name: str = "watchdog-1", /, **more: Any) -> AsyncIterator[Gauges]:
    chosen, log = settings(**more), JetStreamEventLog(nats)
    decider, hearts = Decider(log, Views(log, PROJECT_FOLD), stamp), Hearts(nats, name)
    watch = Watch(nats, hearts, decider, interval=OFTEN)
    operations = Operations(nats, watch, hearts, decider, chosen)
    registry = CollectorRegistry()
    WatchCollector(watch, operations, hearts, chosen.services, registry)
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.run())
        group.create_task(operations.run())
        yield registry.get_sample_value
        watch.stop()
        operations.stop()


async def found_system(nats: MendedClient, *events: Event, lease: int = 1) -> None:
    """The project of the services, with a lease so short that nobody waits for it."""
    history = History(SYSTEM)
    history.add(ProjectCreated(name="services", targets=(Target(),), policy=Policy(lease_seconds=lease)))
    for event in events:
        history.add(event)
    await history.store(JetStreamEventLog(nats))


async def beat(nats: MendedClient, instance: str, ahead: float = 0.0, **more: str) -> None:
    headers = {subjects.TIME: written(now() + timedelta(seconds=ahead)), **more}
    await nats.jetstream().publish(subjects.heartbeat(SYSTEM, instance), b"alive", headers=headers)


async def open_alerts(nats: MendedClient) -> set[str]:
    project = await past(JetStreamEventLog(nats), SYSTEM)
    return set(project.alerts) if project else set()


def alerted(nats: MendedClient, *names: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return set(names) <= await open_alerts(nats)

    return probe


def cleared(nats: MendedClient, *names: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return not set(names) & await open_alerts(nats)

    return probe


def shown(gauge: Gauges, name: str, value: float, **labels: str) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return gauge(name, labels) == value

    return probe


async def test_a_service_that_falls_silent_and_returns_is_an_alert_once_by_two_watchdogs(nats: MendedClient) -> None:
    await found_system(nats)
    await beat(nats, "audit-1-a")
    async with watching(nats) as gauge:
        await until(alerted(nats, "service-audit"), within=60)
        assert gauge("psmp_service_instances", {"service": "audit"}) == 0
        beating = asyncio.get_running_loop().create_task(_keep_beating(nats, "audit-1-a"))
        await until(cleared(nats, "service-audit"), within=60)
        beating.cancel()
    kinds = [record.kind async for record in JetStreamEventLog(nats).read(SYSTEM)]
    assert (kinds.count("alert.raised"), kinds.count("alert.cleared")) == (1, 1)


async def test_what_a_service_goes_no_further_with_is_an_alert_for_a_person_until_it_does(nats: MendedClient) -> None:
    await found_system(nats, lease=60)
    stopped = {KEY}
    async with pulse(nats, "audit", stopped), watching(nats):
        await until(alerted(nats, "stopped-audit-acme-rag"), within=60)
        project = await past(JetStreamEventLog(nats), SYSTEM)
        assert project is not None
        assert project.alerts["stopped-audit-acme-rag"].waits
        stopped.clear()
        await until(cleared(nats, "stopped-audit-acme-rag"), within=60)


@asynccontextmanager
async def pulse(nats: MendedClient, service: str, stopped: Collection[ProjectKey]) -> AsyncIterator[None]:
    """The heartbeats of a service, as it sends them."""
    telemetry, log, often = Telemetry(service, "1"), JetStreamEventLog(nats), settings(heartbeat_seconds=0.1)
    context = Context(service, f"{service}-1", often, nats, log, telemetry, AsyncExitStack())
    each = Pulse(context, Health(list), lambda: [Statistics(service, stopped=frozenset(stopped))])
    async with asyncio.TaskGroup() as group:
        group.create_task(each.run())
        yield
        each.stop()
    telemetry.stop()


async def _keep_beating(nats: MendedClient, instance: str) -> None:
    while True:
        await beat(nats, instance)
        await asyncio.sleep(0.2)


async def test_two_watchdogs_raise_what_both_see_once(nats: MendedClient) -> None:
    await found_system(nats)
    await nats.jetstream().publish("psmp.log.acme.loud.artifact.declared", b"nobody reads it")
    await nats.jetstream().publish("psmp.log.acme.loud.artifact.declared", b"nor that")
    quick: dict[str, Any] = {"lag_limit": 1, "stuck_after_seconds": 0.3}
    async with watching(nats, **quick) as gauge, watching(nats, "watchdog-2", **quick):
        names = ("lag-checker", "stuck-checker", "service-audit")
        await until(alerted(nats, *names), within=60)
        assert gauge("psmp_consumer_pending", {"consumer": "checker"}) == 2
        assert "lag-solver" not in await open_alerts(nats)
        subscription = await nats.jetstream().pull_subscribe_bind("checker", "PSMP_LOG")
        for message in await subscription.fetch(2, timeout=30):
            await message.ack_sync()
        await until(cleared(nats, "lag-checker", "stuck-checker"), within=60)
    raised = [record async for record in JetStreamEventLog(nats).read(SYSTEM) if record.kind == "alert.raised"]
    assert sum(b'"lag-checker"' in record.body for record in raised) == 1


async def test_a_clock_that_is_off_is_an_alert(nats: MendedClient) -> None:
    await found_system(nats, lease=60)
    await beat(nats, "audit-1-a", ahead=-30.0)
    async with watching(nats) as gauge:
        await until(alerted(nats, "clock-audit"), within=60)
        skew = gauge("psmp_clock_skew_seconds", {"service": "audit"})
        assert skew is not None
        assert 29 < skew < 31
        await beat(nats, "audit-1-a")
        await until(cleared(nats, "clock-audit"), within=60)
    assert "clock-watchdog" not in await open_alerts(nats)


async def test_a_damaged_log_is_an_alert_and_one_that_was_restored_is_none(nats: MendedClient) -> None:
    sound = AlertRaised(alert="log-damaged-acme-rag", severity=Severity.CRITICAL, text="it was")
    await found_system(nats, sound, lease=60)
    log = JetStreamEventLog(nats)
    await at_work(KEY).store(log)
    torn = at_work(ProjectKey("acme", "torn"))
    stored = await torn.store(log)
    torn.add(SlotGranted(agent="ada", lease_seconds=60))
    gap = torn.add(SlotGranted(agent="bob", lease_seconds=1))
    await log.append(torn.key, gap.kind, gap.body, expected=stored[-1].position)
    async with watching(nats) as gauge:
        await until(alerted(nats, "log-damaged-acme-torn"), within=60)
        await until(cleared(nats, "log-damaged-acme-rag"), within=60)
        assert gauge("psmp_logs_damaged", {}) == 1
        await until(shown(gauge, "psmp_alerts_open", 1, of="system", severity="critical"), within=60)
    assert await open_alerts(nats) == {"log-damaged-acme-torn"}


def at_work(key: ProjectKey) -> History:
    history = History(key)
    policy = Policy(stall_seconds=31_536_000)
    history.add(ProjectCreated(name=key.project, targets=(Target(),), policy=policy))
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    return history


async def test_what_fills_up_is_read_from_the_account_the_streams_and_the_monitoring_page(
    start_nats: StartNats, tmp_path: Path
) -> None:
    monitor = free_port()
    config = tmp_path / "nats.conf"
    config.write_text(
        f"""
        http: 127.0.0.1:{monitor}
        jetstream {{ store_dir: "{tmp_path / "store"}", max_file_store: 4GB }}
        accounts {{ A {{ jetstream: {{ max_file: 1GB }}, users: [{{ user: a, password: a }}] }} }}
        no_auth_user: a
        """
    )
    server = await start_nats(config=config)
    client = await connect(Address(f"nats://a:a@127.0.0.1:{server.port}"), "test")
    await prepare(client)
    found = {store.name: store.limit for store in (await figures.ask(client, f"http://127.0.0.1:{monitor}")).stores}
    assert found == {"account": 2**30, "server": 4 * 2**30}
    alone = await figures.ask(client, "http://127.0.0.1:1")
    assert [store.name for store in alone.stores] == ["account"]
    await client.close()


async def test_the_gauges_count_projects_slots_and_what_waits_for_people(nats: MendedClient) -> None:
    await found_system(nats, lease=60)
    history = at_work(KEY)
    history.add(AlertRaised(alert="conflict-C-1", severity=Severity.HIGH, text="so", person=True))
    await history.store(JetStreamEventLog(nats))
    decider = Decider(JetStreamEventLog(nats), Views(JetStreamEventLog(nats), PROJECT_FOLD), stamp)
    fresh = stamp().id
    granted = SlotGranted(agent="ada", lease_seconds=60), Provenance("/psmp/intake", "ada", fresh, fresh)
    waited = iter([granted])
    await decider.decide(KEY, lambda _: next(waited, None))
    async with watching(nats) as gauge:

        async def counted() -> bool:
            return gauge("psmp_stream_messages", {"stream": "PSMP_DLQ"}) == 0

        await until(counted, within=60)
        assert gauge("psmp_slots_held", {}) == 1
        assert gauge("psmp_projects", {"state": "PLANNING"}) == 1
        assert gauge("psmp_inbox_alerts", {}) == 1
        assert gauge("psmp_alerts_open", {"of": "projects", "severity": "high"}) == 1
        for name in re.findall(
            r"psmp_(?!messages|loop|handling|webhook|storage|projects_stopped|checkpoint|witness|ledger|maeg|dispatch)\w+",
            RULES.read_text(),
        ):
            assert gauge(name, GAUGES.get(name, {})) is not None, name
