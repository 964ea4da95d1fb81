"""A log, a database and what follows the one into the other, as integration tests need them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.service.telemetry import Telemetry
from psmp.stack import NatsServer
from psmp.store.follower import Follower
from psmp.store.pool import Pool, open_pool
from psmp.store.sink import Sink
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects


@dataclass(frozen=True)
class Place:
    """A connection to NATS with our streams, the log, and a pool on a migrated database."""

    server: NatsServer
    nats: MendedClient
    log: JetStreamEventLog
    pool: Pool
    dsn: str

    async def publish(self, *records: Record) -> None:
        """Put records into the stream as they are, with no condition: as a fault or a forger would."""
        for record in records:
            await self.nats.request(subjects.log(record.key, record.kind), record.body, timeout=30)

    async def follow(self, sink: Sink[Any], until: int) -> Follower[Any]:
        """Follow with ``sink`` until the log is taken in up to a position; how it stood then."""
        async with self.following(sink) as follower:
            await until_true(lambda: follower.position >= until)
        return follower

    @asynccontextmanager
    async def following(self, sink: Sink[Any], **options: Any) -> AsyncIterator[Follower[Any]]:
        """A follower at work."""
        follower = Follower(self.nats, self.pool, sink, Telemetry("test", "test"), **options)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(follower.run())
            try:
                yield follower
            finally:
                follower.stop()

    async def rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return [tuple(row) for row in await self.pool.fetch(query, *arguments)]


@asynccontextmanager
async def place(server: NatsServer, dsn: str) -> AsyncIterator[Place]:
    """A place to follow in, on a server of the test's own."""
    nats = await connect(Address(server.url), "test")
    await prepare(nats)
    pool = await open_pool(dsn, "test")
    try:
        yield Place(server, nats, JetStreamEventLog(nats), pool, dsn)
    finally:
        pool.terminate()
        await nats.close()


async def until_true(condition: Callable[[], bool], within: float = 60.0) -> None:
    """Wait until ``condition`` holds."""

    async def holds() -> bool:
        return condition()

    await until(holds, within)


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.005)
