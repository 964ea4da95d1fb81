"""What PSMP does: latencies on an idle system, what it sustains, and how soon its readers have caught up."""

import asyncio
import gc
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import psutil
from nats.aio.client import Client as Nats

from psmp.client import Client
from psmp.stack import Stack
from psmp.words.values import Dependency
from psmp_checker.docket import DOCKET_FOLD
from tests.bench.figures import Figure, percentile
from tests.unit.services.history import declared, view

PROJECTS: Final = 100
WARMING: Final = 1.0
NEEDS: Final = tuple(Dependency(name=f"package-{number}", constraint=f">=1.{number},<3") for number in range(5))


@dataclass(frozen=True, slots=True)
class Bench:
    """A running system and who measures it."""

    stack: Stack
    client: Client
    reader: Nats
    seconds: float


async def open_projects(bench: Bench, prefix: str, count: int) -> list[str]:
    """So many projects in PLANNING."""
    names = [f"{prefix}-{number}" for number in range(count)]

    async def one(name: str) -> None:
        await bench.client.create_project(name)
        await bench.client.transition(name, "PLANNING", reason="bench")

    await asyncio.gather(*map(one, names))
    return names


async def idle(bench: Bench) -> list[Figure]:
    """One command at a time: a declaration to its durable verdict, and a state transition."""
    (project,) = await open_projects(bench, "idle", 1)
    declare = [await _timed(_declare(bench.client, project, f"a{number}")) for number in range(500)]
    fresh = [f"fresh-{number}" for number in range(200)]
    for name in fresh:
        await bench.client.create_project(name)
    moved = [await _timed(bench.client.transition(name, "PLANNING", reason="bench")) for name in fresh]
    return [
        Figure("one declaration to its verdict, p50", percentile(declare, 50) * 1e3, "ms", 5),
        Figure("one declaration to its verdict, p99", percentile(declare, 99) * 1e3, "ms", 15),
        Figure("one state transition, p99", percentile(moved, 99) * 1e3, "ms", 10),
    ]


async def sustained(bench: Bench, raw: float) -> tuple[list[Figure], float]:
    """As many declarations as go through, ``PROJECTS`` projects at once; then how soon the readers have them all."""
    projects = await open_projects(bench, "busy", PROJECTS)
    end = time.perf_counter() + bench.seconds
    counts = await asyncio.gather(*(_until(bench.client, project, end) for project in projects))
    rate = sum(counts) / bench.seconds
    begun = time.perf_counter()
    await _caught_up(bench.reader)
    lag = time.perf_counter() - begun
    note = f"{rate / raw:.2f} of the limit; half of it is the goal"
    return [
        Figure(f"declarations sustained, {PROJECTS} projects", rate, "/s", raw / 5, "higher", note),
        Figure("keeper and audit have everything after", lag, "s", 2),
    ], rate


async def half_load(bench: Bench, rate: float) -> list[Figure]:
    """Latency at a steady half of what is sustained, from the moment each declaration was due.

    The first second, in which every project is opened, is left out.
    """
    projects = await open_projects(bench, "half", PROJECTS)
    begun = time.perf_counter()
    samples: list[float] = []

    async def one(number: int, due: float) -> None:
        await _declare(bench.client, projects[number % PROJECTS], f"a{number}")
        if due > begun + WARMING:
            samples.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * (bench.seconds + WARMING))):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(number, due))
    return [
        Figure(f"verdict at {rate:.0f}/s, p50", percentile(samples, 50) * 1e3, "ms"),
        Figure(
            f"verdict at {rate:.0f}/s, p99", percentile(samples, 99) * 1e3, "ms", 100, note="once every project is open"
        ),
    ]


def memory() -> list[Figure]:
    """What the checker holds for a project of 500 artifacts with 10 dependencies each."""

    def build() -> object:
        needs = [
            tuple(f"package-{(number * 7 + each) % 400}>={each}.{number % 5}" for each in range(10))
            for number in range(500)
        ]
        return view(DOCKET_FOLD, *(declared(f"artifact-{number}", *each) for number, each in enumerate(needs)))

    build()  # what is cached for every project alike is not counted
    gc.collect()
    tracemalloc.start()
    held = build()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return [Figure("checker's memory, 500 artifacts with 10 needs", size / 1e6, "MB", 2, note="goal 0.5 MB")]


@asynccontextmanager
async def processor_time(stack: Stack, shares: dict[str, float]) -> AsyncIterator[None]:
    """Fills ``shares`` with the processor seconds that each part, its children included, used meanwhile."""
    pids = {status.name: status.pid for status in stack.status()} | {"client": psutil.Process().pid}
    before = {name: _used(pid) for name, pid in pids.items() if pid}
    yield
    shares |= {name: _used(pid) - before[name] for name, pid in pids.items() if pid}


def _used(pid: int) -> float:
    process = psutil.Process(pid)
    family = [process] if pid == psutil.Process().pid else [process, *process.children(recursive=True)]
    times = [each.cpu_times() for each in family]
    return float(sum(each.user + each.system for each in times))


async def _timed(action: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await action
    return time.perf_counter() - begun


async def _declare(client: Client, project: str, artifact: str) -> None:
    verdict = await client.declare(project, artifact, dependencies=NEEDS)
    if not verdict.accepted:
        raise RuntimeError(verdict.text)


async def _until(client: Client, project: str, end: float) -> int:
    count = 0
    while time.perf_counter() < end:
        await _declare(client, project, f"a{count}")
        count += 1
    return count


async def _caught_up(reader: Nats) -> None:
    behind = True
    while behind:
        infos = [await _info(reader, durable) for durable in ("projector", "audit")]
        behind = any(info["num_pending"] or info["num_ack_pending"] for info in infos)
        await asyncio.sleep(0.02)


async def _info(reader: Nats, durable: str) -> dict[str, int]:
    answer = await reader.request(f"$JS.API.CONSUMER.INFO.PSMP_LOG.{durable}", b"", timeout=5)
    info: dict[str, int] = json.loads(answer.data)
    return info
