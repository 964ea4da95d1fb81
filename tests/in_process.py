"""The deciding services at work in the test's own process, on a real server: their handlers can be had, and spoilt."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from psmp.client.clock import stamp as client_stamp
from psmp.ledger.receipts import Promises
from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.service.clock import stamp
from psmp.service.outcomes import Outcomes
from psmp.service.statistics import Loop
from psmp.service.telemetry import Telemetry
from psmp.service.worker import Worker, of_event
from psmp.stack import NatsServer
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.settle import Delivery, Outcome
from psmp.words import subjects
from psmp.words.commands import Command
from psmp.words.envelope import open_event, seal_command
from psmp.words.events import Event
from psmp.words.ids import ProjectKey
from psmp_checker.consumer import Checker
from psmp_checker.docket import DOCKET_FOLD
from psmp_intake.consumer import Intake, lane
from psmp_intake.limits import Limit, Limits
from psmp_keeper.lifecycle import Lifecycle
from psmp_watchdog.__main__ import given_up
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.watch import Watch
from tests.following import until

Handle = Callable[[Delivery], Awaitable[Outcome]]
SERVICES = ("intake", "checker", "keeper")


@dataclass
class Services:
    """Intake, checker and keeper with their handlers; ``spoilt`` ones raise for deliveries that have such bytes."""

    nats: MendedClient
    log: JetStreamEventLog
    spoilt: dict[str, bytes] = field(default_factory=dict)
    handlers: dict[str, Handle] = field(default_factory=dict)
    promises: Promises | None = None

    def __post_init__(self) -> None:
        telemetry, limits = Telemetry("test", "test"), Limits(Limit(0, 1), Limit(0, 1))
        outcomes = Outcomes(self.nats, self.promises)
        self.handlers = {
            "intake": Intake(self.nats, outcomes, self.log, Views(self.log, PROJECT_FOLD), telemetry, limits).handle,
            "checker": Checker(outcomes, self.log, Views(self.log, DOCKET_FOLD), telemetry).handle,
            "keeper": Lifecycle(outcomes, self.decider(), telemetry).handle,
        }

    def decider(self) -> "Decider[Project | None]":
        return Decider(self.log, Views(self.log, PROJECT_FOLD), stamp)

    def handle(self, service: str) -> Handle:
        async def handle(delivery: Delivery) -> Outcome:
            if (bytes_ := self.spoilt.get(service)) and bytes_ in delivery.body:
                raise RuntimeError("spoilt")
            return await self.handlers[service](delivery)

        return handle

    def workers(self, *services: str) -> list[Loop]:
        found: list[Loop] = []
        for service in services:
            stream, where = ("PSMP_COMMANDS", lane) if service == "intake" else ("PSMP_LOG", of_event)
            found.append(Worker(self.nats, service, stream, service, self.handle(service), where))
        if "intake" in services:
            handle = self.handle("intake")
            found.append(
                Worker(self.nats, "intake", "PSMP_LOG", "intake-letters", handle, of_event, letters_of="intake")
            )
        return found

    def watchdog(self, name: str = "watchdog-1") -> list[Loop]:
        decider = self.decider()
        return [
            Watch(self.nats, Hearts(self.nats, name), decider, interval=0.05, promises=self.promises),
            *given_up(self.nats, decider),
        ]

    @asynccontextmanager
    async def running(self, *loops: Loop) -> AsyncIterator[None]:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop.run())
            try:
                yield
            finally:
                for loop in loops:
                    loop.stop()

    async def send(self, key: ProjectKey, agent: str, command: Command) -> bytes:
        """Send a command; its bytes."""
        body = seal_command(key, agent, command, client_stamp())
        await self.nats.request(subjects.command(key, agent, command.KIND), body, timeout=30)
        return body

    async def ask(self, key: ProjectKey, agent: str, command: Command) -> Event:
        """Send a command; the event that settles it."""
        inbox = await self.nats.subscribe(subjects.outcomes(key.tenant, agent))
        body = await self.send(key, agent, command)
        try:
            while True:
                message = await inbox.next_msg(timeout=30)
                if message.subject.endswith(json.loads(body)["id"]):
                    return open_event(message.data).data
        finally:
            await inbox.unsubscribe()

    async def records(self, key: ProjectKey) -> list[Record]:
        return [record async for record in self.log.read(key)]

    async def kinds(self, key: ProjectKey) -> list[str]:
        return [record.kind for record in await self.records(key)]

    async def events(self, key: ProjectKey, kind: type[Event]) -> list[Event]:
        return [open_event(record.body).data for record in await self.records(key) if record.kind == kind.KIND]

    async def written(self, key: ProjectKey, kind: str, times: int = 1) -> None:
        """Until the project's log has so many events of a kind."""

        async def there() -> bool:
            return (await self.kinds(key)).count(kind) >= times

        await until(there)

    async def count(self, stream: str) -> int:
        return int(json.loads((await self.nats.request(f"$JS.API.STREAM.INFO.{stream}")).data)["state"]["messages"])

    async def settled(self, stream: str, consumer: str) -> None:
        """Until a consumer has nothing to deliver and nothing in hand."""

        async def nothing() -> bool:
            found = json.loads((await self.nats.request(f"$JS.API.CONSUMER.INFO.{stream}.{consumer}")).data)
            return not found["num_pending"] and not found["num_ack_pending"]

        await until(nothing)


@asynccontextmanager
async def services(server: NatsServer, promises: Promises | None = None) -> AsyncIterator[Services]:
    """Services on a server of the test's own, none of them at work yet."""
    nats = await connect(Address(server.url), "test")
    try:
        await prepare(nats)
        yield Services(nats, JetStreamEventLog(nats), promises=promises)
    finally:
        await nats.close()
