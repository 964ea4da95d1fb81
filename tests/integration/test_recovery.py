"""What recovery does on a real server: lost verdicts are given, the dead give up their slots, who waits is answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from nats.aio.msg import Msg

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.log.views import Views
from psmp.service.clock import stamp
from psmp.service.outcomes import Outcomes
from psmp.service.telemetry import Telemetry
from psmp.service.worker import Worker
from psmp.stack import NatsServer
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import (
    AlertRaised,
    ArtifactAccepted,
    Event,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    SlotExpired,
    SlotGranted,
    SlotRefused,
    SlotRequested,
)
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase, Policy, Target
from psmp_checker.consumer import Checker, lane
from psmp_checker.docket import DOCKET_FOLD
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.watch import Watch
from tests.histories import History, accepted, created, declared, moved

pytestmark = pytest.mark.integration

KEY = ProjectKey("acme", "stuck")


@dataclass
class Place:
    """A server with everything that PSMP needs, and what was answered to agents on it."""

    nats: MendedClient
    log: JetStreamEventLog
    answers: list[Msg] = field(default_factory=list)

    async def write(self, event: Event) -> None:
        """The next event of the project, now."""
        decider = Decider(self.log, Views(self.log, PROJECT_FOLD), stamp)
        fresh = stamp().id
        provenance = Provenance("/psmp/intake", "ada", fresh, fresh)
        said = False

        def rule(_: object) -> tuple[Event, Provenance] | None:
            nonlocal said
            said, before = True, said
            return None if before else (event, provenance)

        await decider.decide(KEY, rule)

    async def events(self) -> list[Event]:
        return [open_event(record.body).data async for record in self.log.read(KEY)]

    def has(self, kind: type[Event]) -> Callable[[], Awaitable[bool]]:
        async def probe() -> bool:
            return any(isinstance(event, kind) for event in await self.events())

        return probe

    def said_of(self, artifact: str) -> Callable[[], Awaitable[bool]]:
        async def probe() -> bool:
            found = [event for event in await self.events() if isinstance(event, ArtifactAccepted)]
            return any(event.artifact == artifact for event in found)

        return probe


@pytest.fixture
async def place(fresh_nats: NatsServer) -> AsyncIterator[Place]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    found = Place(nats, JetStreamEventLog(nats))

    async def hear(message: Msg) -> None:
        found.answers.append(message)

    await nats.subscribe("psmp.out.>", cb=hear)
    yield found
    await nats.close()


@asynccontextmanager
async def checking(place: Place) -> AsyncIterator[None]:
    checker = Checker(Outcomes(place.nats), place.log, Views(place.log, DOCKET_FOLD), Telemetry("checker", "checker-1"))
    worker = Worker(place.nats, "checker", "PSMP_LOG", "checker", checker.handle, lane)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        yield
        worker.stop()


@asynccontextmanager
async def watching(
    place: Place, name: str = "watchdog-1", *, interval: float, log: JetStreamEventLog | None = None
) -> AsyncIterator[Watch]:
    log = log or place.log
    decider = Decider(log, Views(log, PROJECT_FOLD), stamp)
    watch = Watch(place.nats, Hearts(place.nats, name), decider, interval=interval)
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.run())
        yield watch
        watch.stop()


async def begun(place: Place, policy: Policy) -> None:
    history = History(KEY)
    history.add(ProjectCreated(name="Stuck", targets=(Target(),), policy=policy))
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    await history.store(place.log)


async def lose_deliveries(place: Place, count: int) -> None:
    """Take what lies before the checker and say that it was handled."""
    subscription = await place.nats.jetstream().pull_subscribe_bind("checker", "PSMP_LOG")
    for message in await subscription.fetch(count, timeout=30):
        await message.ack_sync()


async def test_a_declaration_whose_delivery_was_lost_gets_its_verdict_by_the_recheck(place: Place) -> None:
    history = History(KEY)
    history.add(ProjectCreated(name="Stuck", targets=(Target(),), policy=Policy()))
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    lost = [history.add(declared(name, 1)) for name in ("api", "web")]
    await history.store(place.log)
    await lose_deliveries(place, len(lost))
    async with checking(place):
        await place.write(ProjectRecovering(phase=Phase.PLANNING, step="retry", reason="another step"))
        await place.write(ProjectRecovering(phase=Phase.PLANNING, step="recheck", reason="so"))

        async def answered() -> bool:
            return len(place.answers) == len(lost)

        await until(answered, within=60)
    kinds = [event.KIND for event in await place.events()]
    assert kinds[-2:] == ["artifact.accepted", "artifact.accepted"]
    assert kinds.count("artifact.accepted") == len(lost)
    told = {message.subject for message in place.answers}
    asked = [open_event(record.body) for record in lost]
    assert told == {subjects.outcome(KEY, each.actor, each.correlationid) for each in asked}
    assert [open_event(message.data).data.KIND for message in place.answers] == kinds[-2:]


async def test_what_a_change_of_the_targets_has_judged_anew_is_made_up_for_by_the_recheck(place: Place) -> None:
    """Its delivery was lost when one verdict of three was given; whoever declared was answered long ago."""
    history = History(KEY)
    for event in (created(), moved(Phase.INITIALIZED, Phase.PLANNING)):
        history.add(event)
    for name in ("api", "cli", "web"):
        said = open_event(history.add(declared(name, 1)).body).id
        history.add(accepted(name), "psmp_checker", said, service="checker")
    changed = ProjectChanged(name="Stuck", targets=(Target(python="3.13"),), policy=Policy(), reason="newer")
    cause = open_event(history.add(changed).body).id
    history.add(accepted("cli"), "psmp_checker", cause, service="checker")
    await history.store(place.log)
    await lose_deliveries(place, 4)
    async with checking(place):
        await place.write(ProjectRecovering(phase=Phase.PLANNING, step="recheck", reason="so"))

        async def judged() -> bool:
            return await _judged_because_of(place, cause) == ["api", "cli", "web"]

        await until(judged, within=60)
        await place.write(ProjectRecovering(phase=Phase.PLANNING, step="recheck", reason="once more"))
        await place.write(declared("job", 1))
        await until(place.said_of("job"), within=60)
    assert await _judged_because_of(place, cause) == ["api", "cli", "web"]


async def _judged_because_of(place: Place, cause: str) -> list[str]:
    found = [open_event(record.body) async for record in place.log.read(KEY)]
    return sorted(
        each.data.artifact for each in found if each.causationid == cause and isinstance(each.data, ArtifactAccepted)
    )


async def test_a_killed_agents_slot_is_free_within_its_lease_and_five_seconds(place: Place) -> None:
    await begun(place, Policy(lease_seconds=2))
    await place.write(SlotGranted(agent="ada", lease_seconds=2))
    await place.nats.jetstream().publish(subjects.heartbeat(KEY, "ada"), b"alive")
    killed = time.monotonic()
    async with watching(place, interval=1.0):
        await until(place.has(SlotExpired), within=60)
    assert 2 < time.monotonic() - killed < 30  # two seconds and a sweep, on a machine that is not busy


async def test_who_waits_too_long_is_told_by_two_watchdogs_once(place: Place) -> None:
    await begun(place, Policy())
    await place.write(SlotRequested(agent="ada", wait_seconds=1))
    async with AsyncExitStack() as exits:
        for number in (1, 2):
            await exits.enter_async_context(watching(place, f"watchdog-{number}", interval=0.02))
        await until(place.has(SlotRefused), within=60)

        async def answered() -> bool:
            return bool(place.answers)

        await until(answered, within=60)
    kinds = [event.KIND for event in await place.events()]
    assert kinds.count("slot.refused") == 1
    [answer] = place.answers
    refused = open_event(answer.data)
    assert answer.subject == subjects.outcome(KEY, "ada", refused.correlationid)
    assert isinstance(refused.data, SlotRefused)
    assert refused.data.request == refused.correlationid
    assert (answer.headers or {})["Psmp-Position"].isdigit()


async def test_two_watchdogs_lead_a_stuck_project_to_a_person_and_no_step_comes_twice(place: Place) -> None:
    await begun(place, Policy(stall_seconds=1))
    async with AsyncExitStack() as exits:
        for number in (1, 2):
            await exits.enter_async_context(watching(place, f"watchdog-{number}", interval=0.02))
        await until(place.has(AlertRaised), within=60)
        busy = asyncio.get_running_loop().time() + 0.5
        await until(_later(busy), within=60)
    steps = [event.step for event in await place.events() if isinstance(event, ProjectRecovering)]
    assert steps == ["recheck", "escalate"]
    kinds = [event.KIND for event in await place.events()]
    assert (kinds.count("project.stalled"), kinds.count("alert.raised")) == (1, 1)


async def test_a_busy_project_is_looked_at_once_and_then_left_alone(place: Place) -> None:
    """It was planned last week as far as the watchdog follows it, and declared something just now."""
    await begun(place, Policy(stall_seconds=60))
    await place.write(declared("api", 1))
    looks = _Looks(place.nats)
    async with watching(place, log=looks, interval=0.02) as watch:
        await until(_swept(watch), within=60)
        first = looks.count
        later = asyncio.get_running_loop().time() + 0.3
        await until(_later(later), within=60)
    assert first == looks.count
    assert [event.KIND for event in await place.events()][-1] == "artifact.declared"


class _Looks(JetStreamEventLog):
    """Counts how often the project's log is read."""

    count = 0

    def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        self.count += key == KEY
        return super().read(key, after=after, limit=limit)


def _later(moment: float) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return asyncio.get_running_loop().time() > moment

    return probe


def _swept(watch: Watch) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        return watch.present is not None

    return probe
