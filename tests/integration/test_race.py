"""Sixteen writers on one project: every decision is about the latest state, and every one that was told of is there."""

import asyncio
import contextlib
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.view import View
from psmp.stack import NatsServer
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.words.events import ArtifactAmended
from tests.histories import History, created, declared
from tests.integration.racer import COUNTER, KEY, Told

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PROCESSES, WRITERS, EACH = 4, 4, 625
APPENDS = PROCESSES * WRITERS * EACH


@pytest.fixture
async def log(fresh_nats: NatsServer) -> AsyncIterator[JetStreamEventLog]:
    """A log in which the race's project has been created and the counter stands at 1."""
    nats = await connect(Address(fresh_nats.url), "referee")
    await prepare(nats)
    log = JetStreamEventLog(nats)
    history = History(KEY)
    history.add(created())
    history.add(declared(COUNTER, 0))
    await history.store(log)
    yield log
    await nats.close()


@contextlib.asynccontextmanager
async def racers(url: str) -> AsyncIterator[list[Process]]:
    """The processes, each ready to write."""
    async with contextlib.AsyncExitStack() as exits:
        processes = []
        for number in range(PROCESSES):
            arguments = map(str, (url, number * WRITERS, WRITERS, EACH))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.integration.racer",
                *arguments,
                cwd=ROOT,
                stdin=PIPE,
                stdout=PIPE,
                limit=2**24,
            )
            exits.callback(_end, process)
            processes.append(process)
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        yield processes


def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()


async def told_by(process: Process) -> Told:
    output, _ = await process.communicate(b"go\n")
    assert process.returncode == 0
    told: Told = json.loads(output)
    return told


@pytest.mark.may_block
async def test_no_decision_is_lost_and_none_is_taken_twice(
    log: JetStreamEventLog, fresh_nats: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async with racers(fresh_nats.url) as processes:
        started = time.monotonic()
        told = await asyncio.gather(*map(told_by, processes))
        lasted = time.monotonic() - started

    view = View(KEY, PROJECT_FOLD)  # its advance refuses any gap, repetition or wrong link
    decided = [(record.position, view.advance(record)) async for record in log.read(KEY)]
    assert view.head.sequence == APPENDS + 2

    announced = Counter((command, position) for each in told for command, position in each["decisions"])
    assert announced == Counter((envelope.correlationid, position) for position, envelope in decided[2:])
    assert announced.total() == len(announced) == APPENDS
    versions = [envelope.data.version for _, envelope in decided[2:] if isinstance(envelope.data, ArtifactAmended)]
    assert versions == list(range(2, APPENDS + 2))
    assert len({envelope.actor for _, envelope in decided[2:]}) == PROCESSES * WRITERS

    tries = sum(each["tries"] for each in told)
    with capsys.disabled():
        rate = f"{APPENDS / lasted:.0f} appends a second, {tries / APPENDS:.2f} tries each"
        print(f"\n  {PROCESSES * WRITERS} writers, {APPENDS} appends in {lasted:.1f} s: {rate}")  # noqa: T201
