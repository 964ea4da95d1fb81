"""How fast the ledger grows with its trees and signed checkpoints, beside what Postgres takes in of the same rows."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

from psmp.log.port import Record
from psmp.stack import Ground, NatsServer, Postgres
from psmp.store.migrate import migrate
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import COLUMNS, LedgerWriter, Plan
from psmp_audit.settings import AGE
from tests.bench.figures import Figure
from tests.following import Place, place, until
from tests.histories import History, declared
from tests.signing import Auditor, covered, running, signing

RECORDS: Final = 60_000
PROJECTS: Final = 20
BATCH: Final = 1000
AIM: Final = 10_000


async def ledger(ground: Ground) -> list[Figure]:
    """The audit writer's own loops, fed as fast as they take it; the signer at work in the same process."""
    nats, postgres = NatsServer(ground, name="nats-ledger"), Postgres(ground, name="postgres-ledger")
    await asyncio.gather(nats.start(), postgres.start())
    try:
        await migrate(postgres.dsn())
        records = _records()
        async with place(nats, postgres.dsn()) as here:
            copied = await _copied(here, records)
            with tempfile.TemporaryDirectory(prefix="psmp-bench-") as folder:
                async with signing(here, Path(folder)):
                    appended, signed = await _appended(here, records)
    finally:
        await asyncio.gather(nats.stop(), postgres.stop())
    limit, rate, whole = (len(records) / seconds for seconds in (copied, appended, signed))
    size = sum(len(record.body) for record in records) / len(records)
    note = f"{PROJECTS} projects, {size:,.0f} bytes each, {BATCH} a transaction; {rate / limit:.2f} of the limit"
    last = f"the last checkpoint {signed - appended:.2f} s after the last record"
    return [
        Figure(f"limit: the same rows copied into Postgres, {BATCH} a transaction", limit, "/s"),
        Figure("records appended to the ledger, with trees and checkpoints", rate, "/s", AIM, "higher", note),
        Figure("the same, until a checkpoint covers every one", whole, "/s", AIM, "higher", last),
    ]


def _records() -> list[Record]:
    """Logs of several projects, as they lie in the stream: one event of each in turn."""
    histories = [History(ProjectKey("acme", f"shop-{number}")) for number in range(PROJECTS)]
    records: list[Record] = []
    for number in range(RECORDS):
        record = histories[number % PROJECTS].add(declared(f"part-{number}"))
        records.append(Record(number + 1, record.key, record.kind, record.body))
    return records


async def _copied(here: Place, records: Sequence[Record]) -> float:
    """Seconds that Postgres takes for the rows alone, in a table like the ledger."""
    connection = await asyncpg.connect(here.dsn)
    try:
        await connection.execute("CREATE TABLE raw (LIKE psmp.ledger INCLUDING INDEXES)")
        writer = LedgerWriter(here.pool, here.log)
        plans = [(await writer.plan(batch))[0] for batch in _batches(records)]
        begun = time.perf_counter()
        for plan in plans:
            await connection.copy_records_to_table("raw", columns=COLUMNS, records=plan.entries)
        seconds = time.perf_counter() - begun
        await connection.execute("DROP TABLE raw")
    finally:
        await connection.close()
    return seconds


async def _appended(here: Place, records: Sequence[Record]) -> tuple[float, float]:
    """Seconds until all are in the ledger, and until all are under a signed root; planned while written, as it is."""
    auditor = Auditor(here, age=AGE)
    writer = LedgerWriter(here.pool, here.log, auditor.growth)
    await writer.open()
    begun = time.perf_counter()
    async with running(auditor.checkpoints), here.pool.acquire() as connection, asyncio.TaskGroup() as group:
        writing: asyncio.Task[None] | None = None
        for batch in _batches(records):
            plan, _ = await writer.plan(batch)
            if writing is not None:
                await writing
            writing = group.create_task(_written(connection, writer, plan, batch[-1].position))
        if writing is not None:
            await writing
        appended = time.perf_counter() - begun

        async def is_covered() -> bool:
            return await covered(here, len(records))

        await until(is_covered)
        return appended, time.perf_counter() - begun


async def _written(connection: asyncpg.pool.PoolConnectionProxy, writer: LedgerWriter, plan: Plan, to: int) -> None:
    async with connection.transaction():
        await connection.execute("UPDATE psmp.follower SET position = $1 WHERE name = 'audit'", to)
        await writer.write(connection, plan)


def _batches(records: Sequence[Record]) -> Sequence[Sequence[Record]]:
    return [records[start : start + BATCH] for start in range(0, len(records), BATCH)]
