"""The HTTP API under load: declarations a second with and without their verdicts, and events to live readers.

``make bench`` measures this with everything else, ``python -m tests.bench --http`` alone. What the load itself costs is
told beside each figure.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import psutil

from psmp.stack import Stack
from psmp.stack.whole import whole
from tests.bench.figures import Figure, percentile
from tests.bench.measures import NEEDS, WARMING
from tests.bench.wire import Lane, Listener, request
from tests.servers import UNLIMITED

LANES: Final = 64
PROJECTS: Final = 100
READERS: Final = 500
UNLIMITED_KEYS: Final = {"PSMP_KEY_REQUESTS_PER_MINUTE": "0"}
_NEEDS: Final = json.dumps([{"name": each.name, "constraint": each.constraint} for each in NEEDS])
_TIME: Final = re.compile(rb'"time":"([^"]+)"')
_SETTLED: Final = 30.0


@dataclass(slots=True)
class Http:
    """A running gateway and the developer's key."""

    stack: Stack
    url: str
    token: str
    seconds: float
    used: dict[str, float] = field(default_factory=dict)

    def declare(self, project: str, artifact: str, **headers: str) -> bytes:
        """The request of one declaration with five needs."""
        body = f'{{"artifact": "{artifact}", "type": "code", "dependencies": {_NEEDS}}}'.encode()
        return request("POST", self.url, f"/projects/{project}/artifacts", self.token, body, **headers)

    async def open_projects(self, prefix: str, count: int) -> list[str]:
        """So many projects in PLANNING."""
        names = [f"{prefix}-{number}" for number in range(count)]
        lane = await Lane.open(self.url)
        for name in names:
            for path, body in (("", {"project": name}), (f"/{name}/transition", {"to": "PLANNING", "reason": "bench"})):
                raw = json.dumps(body).encode()
                status, said = await lane.ask(request("POST", self.url, f"/projects{path}", self.token, raw))
                if status not in (200, 201):
                    raise RuntimeError(said.decode())
        lane.close()
        return names

    @asynccontextmanager
    async def processors(self) -> AsyncIterator[None]:
        """Fills ``used`` with the processor seconds of gateway and client a second meanwhile."""
        found = {"gateway": psutil.Process(self.stack.pid("gateway")), "client": psutil.Process()}
        before, begun = {name: _used(each) for name, each in found.items()}, time.perf_counter()
        yield
        took = time.perf_counter() - begun
        self.used = {name: (_used(each) - before[name]) / took for name, each in found.items()}

    @property
    def told(self) -> str:
        """How much of a core gateway and client used."""
        return ", ".join(f"{name} {share:.2f} cores" for name, share in self.used.items())


async def http(seconds: float) -> list[Figure]:
    """Every figure of the HTTP API, of a stack of its own."""
    everything = whole(env={**UNLIMITED, **UNLIMITED_KEYS})
    async with Stack(everything.plan) as stack:
        running = Http(stack, everything.api.url, everything.api.token, seconds)
        return [
            *await accepted(running),
            *await judged(running),
            *await followed(running, 1),
            *await followed(running, READERS),
        ]


async def accepted(running: Http) -> list[Figure]:
    """As many declarations as are taken without waiting for the verdict."""
    projects = await running.open_projects("taken", PROJECTS)
    lanes = [await Lane.open(running.url) for _ in range(LANES)]
    times: list[float] = []
    end = time.perf_counter() + running.seconds

    async def go(number: int, lane: Lane) -> None:
        count = 0
        while (begun := time.perf_counter()) < end:
            project = projects[(number + LANES * count) % PROJECTS]
            status, said = await lane.ask(running.declare(project, f"a{number}-{count}"))
            if status != 202:
                raise RuntimeError(said.decode())
            times.append(time.perf_counter() - begun)
            count += 1

    async with running.processors(), asyncio.TaskGroup() as group:
        for number, lane in enumerate(lanes):
            group.create_task(go(number, lane))
    for lane in lanes:
        lane.close()
    rate = len(times) / running.seconds
    each = running.used["gateway"] / rate * 1e3
    note = f"{running.told}; {each:.2f} ms of gateway each"
    await _caught_up(running)
    return [
        Figure(f"POST artifacts, {LANES} connections, no verdict", rate, "/s", 1000, "higher", note),
        Figure("the same, until it is stored, p95", percentile(times, 95) * 1e3, "ms"),
    ]


async def judged(running: Http, rate: int = 200) -> list[Figure]:
    """Declarations at a steady rate with their verdicts, from the moment that each was due."""
    projects = await running.open_projects("judged", PROJECTS)
    idle: asyncio.Queue[Lane] = asyncio.Queue()
    begun = time.perf_counter()
    samples: list[float] = []

    async def one(number: int, due: float) -> None:
        lane = idle.get_nowait() if not idle.empty() else await Lane.open(running.url)
        project = projects[number % PROJECTS]
        status, said = await lane.ask(running.declare(project, f"a{number}", Prefer="wait=30"))
        if status != 201:
            raise RuntimeError(said.decode())
        if due > begun + WARMING:
            samples.append(time.perf_counter() - due)
        idle.put_nowait(lane)

    async with running.processors(), asyncio.TaskGroup() as group:
        for number in range(int(rate * (running.seconds + WARMING))):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(number, due))
    while not idle.empty():
        idle.get_nowait().close()
    note = running.told
    return [
        Figure(f"POST artifacts with the verdict at {rate}/s, p50", percentile(samples, 50) * 1e3, "ms"),
        Figure(f"POST artifacts with the verdict at {rate}/s, p95", percentile(samples, 95) * 1e3, "ms", 50, note=note),
    ]


async def followed(running: Http, readers: int, rate: int = 50) -> list[Figure]:
    """From the time in an event to a reader that has it, while so many follow everything and so much is declared."""
    projects = await running.open_projects(f"seen{readers}", 10)
    samples: list[float] = []
    bytes_read = 0
    clock = time.time

    def take(data: bytes) -> None:
        nonlocal bytes_read
        bytes_read += len(data)
        now = clock()
        samples.extend(now - _moment(found) for found in _TIME.findall(data))

    asked = request("GET", running.url, "/events/stream", running.token, Accept="text/event-stream")
    listeners = [await Listener.open(running.url, asked, take) for _ in range(readers)]
    lane_of = {project: await Lane.open(running.url) for project in projects}
    begun = time.perf_counter()
    samples.clear()
    async with running.processors():
        for number in range(int(rate * running.seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            project = projects[number % len(projects)]
            await lane_of[project].ask(running.declare(project, f"a{number}"))
        await asyncio.sleep(1)
    for listener in listeners:
        listener.close()
    for lane in lane_of.values():
        lane.close()
    aim = 100 if readers == 1 else 250
    many = "one reader" if readers == 1 else f"{readers} readers of everything"
    each = f"{len(samples) / running.seconds:,.0f} events and {bytes_read / 1e6 / running.seconds:.0f} MB a second"
    return [
        Figure(
            f"event to {many} at {rate} declarations/s, p99",
            percentile(samples, 99) * 1e3,
            "ms",
            aim,
            note=f"{each}; {running.told}",
        )
    ]


_moments: dict[bytes, float] = {}


def _moment(text: bytes) -> float:
    """Unix time of an event's time; each is read once, however many readers get it."""
    found = _moments.get(text)
    if found is None:
        if len(_moments) > 10_000:
            _moments.clear()
        found = _moments[text] = datetime.fromisoformat(text.decode()).timestamp()
    return found


async def _caught_up(running: Http) -> None:
    """Until every declaration that was taken is judged."""
    lane = await Lane.open(running.url)
    asked = request("GET", running.url, "/operations", running.token)
    behind = True
    while behind:
        _, said = await lane.ask(asked)
        found = {each["name"]: each for each in json.loads(said)["consumers"]}
        behind = any(found[name]["behind"] or found[name]["in_hand"] for name in ("intake", "checker", "projector"))
        await asyncio.sleep(0.2)
    lane.close()


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
