"""What the machine can do at best: bare conditional publishes and bare inserts, flushed to the same disk."""

import asyncio
import time
from typing import Final

import asyncpg
from nats import connect
from nats.aio.client import Client

from psmp.stack import Ground, NatsServer
from tests.bench.figures import Figure, percentile

IN_FLIGHT: Final = 64
BODY: Final = b"x" * 1000


async def raw_publishes(ground: Ground, seconds: float) -> list[Figure]:
    """Conditional JetStream publishes by nats-py, one stream, one server of their own, ``sync_interval: always``.

    By nats-py as it comes: our own client goes shorter ways, and a yardstick must not change with what it measures.
    """
    server = NatsServer(ground, name="nats-raw")
    await server.start()
    nats = await connect(server.url)
    try:
        await nats.jetstream().add_stream(name="RAW", subjects=["raw.>"])
        alone = await _publish(nats, "alone", seconds / 2)
        lanes = [asyncio.create_task(_publish(nats, f"lane{lane}", seconds)) for lane in range(IN_FLIGHT)]
        times = [sample for lane in lanes for sample in await lane]
    finally:
        await nats.close()
        await server.stop()
    return [
        Figure("limit: one conditional publish, p50", percentile(alone, 50) * 1e3, "ms"),
        Figure(f"limit: conditional publishes, {IN_FLIGHT} in flight", len(times) / seconds, "/s"),
    ]


async def _publish(nats: Client, lane: str, seconds: float) -> list[float]:
    times: list[float] = []
    last, end = 0, time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        headers = {"Nats-Expected-Last-Subject-Sequence": str(last)}
        last = (await nats.jetstream().publish(f"raw.{lane}", BODY, headers=headers, timeout=30)).seq
        times.append(time.perf_counter() - begun)
    return times


async def raw_inserts(dsn: str, seconds: float) -> list[Figure]:
    """One-row transactions over one connection."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE TABLE raw (id bigserial PRIMARY KEY, body bytea)")
        times: list[float] = []
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            await connection.execute("INSERT INTO raw (body) VALUES ($1)", BODY)
            times.append(time.perf_counter() - begun)
        await connection.execute("DROP TABLE raw")
    finally:
        await connection.close()
    return [Figure("limit: one Postgres insert, p50", percentile(times, 50) * 1e3, "ms")]
