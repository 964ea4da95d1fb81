"""A process of the race: some writers, each with a connection, a log, views and a decider of its own.

Says ``ready`` for each writer, waits for a line, lets all of them write, and says at the end what each was told.
"""

import asyncio
import json
import sys
from typing import TypedDict

import uvloop

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.log.view import View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.service import live
from psmp.service.clock import stamp
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words.envelope import Provenance
from psmp.words.events import ArtifactAmended, Event
from psmp.words.ids import ProjectKey

KEY = ProjectKey("acme", "race")
COUNTER = "counter"


class Told(TypedDict):
    """What the writers of a process were told: command id and position of each decision; and how often they tried."""

    decisions: list[tuple[str, int]]
    tries: int


class Writer:
    """Counts one artifact up. A decision about anything but the latest state would count a number twice."""

    def __init__(self, nats: MendedClient, name: str, told: Told) -> None:
        self._nats, self._name, self._told = nats, name, told
        log = JetStreamEventLog(nats)
        self._views = Views(log, PROJECT_FOLD)
        self._decider = Decider(log, self._views, stamp)

    async def prepare(self, *, live_feed: bool) -> None:
        if live_feed:
            await live.follow(self._nats, self._views, ">")
        async with self._views.hold(KEY):
            pass

    async def write(self, count: int) -> None:
        for _ in range(count):
            command = stamp().id
            record = await self._count_up(command)
            assert record is not None
            self._told["decisions"].append((command, record.position))
        await self._nats.close()

    async def _count_up(self, command: str) -> Record | None:
        def rule(view: View[Project | None]) -> tuple[Event, Provenance]:
            assert view.state is not None
            self._told["tries"] += 1
            version = view.state.artifacts[COUNTER].declaration.version + 1
            event = ArtifactAmended(artifact=COUNTER, version=version, type="data")
            return event, Provenance("/psmp/intake", self._name, command, command)

        return await self._decider.decide(KEY, rule)


async def main(url: str, first: int, writers: int, count: int) -> None:
    told = Told(decisions=[], tries=0)
    racing = []
    for number in range(first, first + writers):
        writer = Writer(await connect(Address(url), f"writer-{number}"), f"writer-{number}", told)
        await writer.prepare(live_feed=number % 2 == 0)  # the others learn from the log what they missed
        racing.append(writer)
    print("ready", flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.readline)
    async with asyncio.TaskGroup() as group:
        for writer in racing:
            group.create_task(writer.write(count))
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], *map(int, sys.argv[2:])))
