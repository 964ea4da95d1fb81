"""How soon checkpoints cover what many projects write at the same moment.

By itself, ``python -m tests.bench.checkpoints`` prints it, and with ``--profile`` where the processor time went.
"""

import argparse
import asyncio
import cProfile
import pstats
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from psmp.ledger.origins import HERE
from psmp.log.port import Record
from psmp.stack import Ground, NatsServer, Postgres, ground
from psmp.store.migrate import migrate
from psmp.store.pool import Connection
from psmp.store.tree import ANCHOR
from psmp.words.ids import ProjectKey
from psmp_audit.checkpoints import Checkpoints
from psmp_audit.desk import Desk
from psmp_audit.growth import Growth
from psmp_audit.ledger import LedgerWriter
from psmp_audit.outlet import File, Notice, Outlets, Stream
from psmp_audit.outlet import Place as Reached
from psmp_audit.settings import AGE
from tests.bench.figures import Figure, percentile
from tests.following import Place, place, until_true
from tests.histories import History, declared
from tests.signing import running, signing

PROJECTS: Final = 1000
ROUNDS: Final = 5
AIM: Final = 1.0


@dataclass
class Watch:
    """The outlet behind all others: when which project's checkpoint was published everywhere."""

    published: dict[ProjectKey, float] = field(default_factory=dict)

    __hash__ = object.__hash__

    async def begin(self, connection: Connection) -> Reached:
        """See ``Outlet``."""
        return Reached(await connection.fetchval("SELECT coalesce(max(number), 0) FROM psmp.checkpoint"), 1)

    async def put(self, notices: list[Notice]) -> None:
        """See ``Outlet``."""
        moment = time.perf_counter()
        self.published |= {notice.key: moment for notice in notices if notice.key != ANCHOR}


async def checkpoints(ground: Ground) -> list[Figure]:
    """A thousand projects write one event each in one moment, again and again; the signer in the same process."""
    nats, postgres = NatsServer(ground, name="nats-checkpoints"), Postgres(ground, name="postgres-checkpoints")
    await asyncio.gather(nats.start(), postgres.start())
    try:
        await migrate(postgres.dsn())
        async with place(nats, postgres.dsn()) as here:
            with tempfile.TemporaryDirectory(prefix="psmp-bench-") as folder:
                async with signing(here, Path(folder, "signed")):
                    waits = await _waits(here, Path(folder, "checkpoints.jsonl"))
    finally:
        await asyncio.gather(nats.stop(), postgres.stop())
    note = f"p50 {median(waits):.2f} s, slowest {max(waits):.2f} s; begun {AGE} s after the event, published everywhere"
    name = f"{PROJECTS:,} projects write at once: an event is under a checkpoint, p99"
    return [Figure(name, percentile(waits, 99), "s", AIM, "lower", note)]


async def _waits(here: Place, file: Path) -> list[float]:
    """Seconds from the transaction that has an event to its checkpoint everywhere, of every event."""
    growth, watch = Growth(), Watch()
    outlets = Outlets(Stream(here.nats), File(file, HERE), watch)
    made = Checkpoints(here.pool, growth, Desk(here.nats, HERE), outlets, age=AGE)
    writer = LedgerWriter(here.pool, here.log, growth)
    await writer.open()
    waits: list[float] = []
    async with running(made):
        await until_true(lambda: not growth.stale)
        for records in _rounds():
            plan, _ = await writer.plan(records)
            watch.published.clear()
            begun = time.perf_counter()
            async with here.pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    "UPDATE psmp.follower SET position = $1 WHERE name = 'audit'", records[-1].position
                )
                await writer.write(connection, plan)
            await until_true(lambda: len(watch.published) == PROJECTS)
            waits += [moment - begun for moment in watch.published.values()]
    return waits


def _rounds() -> Iterator[Sequence[Record]]:
    """The next event of each project."""
    histories = [History(ProjectKey("acme", f"shop-{number}")) for number in range(PROJECTS)]
    for number in range(ROUNDS):
        made = [history.add(declared(f"part-{number}")) for history in histories]
        yield [Record(number * PROJECTS + place, each.key, each.kind, each.body) for place, each in enumerate(made, 1)]


@contextmanager
def _profiled(wanted: bool) -> Iterator[None]:
    profile = cProfile.Profile()
    if wanted:
        profile.enable()
    yield
    if wanted:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)


async def main() -> None:
    """The figure alone."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    chosen = options.parse_args()
    async with ground() as below:
        with _profiled(chosen.profile):
            for each in await checkpoints(below):
                print(f"{each.name}: {each.value:.2f} {each.unit} ({each.note})")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
