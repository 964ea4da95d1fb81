"""How a service process lives: settings, connection, loops in one TaskGroup, ready, and an orderly end on SIGTERM."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog

from psmp.log.gate import Gate
from psmp.log.jetstream import JetStreamEventLog
from psmp.service import logs, settings
from psmp.service.clock import now
from psmp.service.health import Health
from psmp.service.metrics import StatisticsCollector
from psmp.service.pausing import pause
from psmp.service.settings import Settings
from psmp.service.standing import GateKeeper
from psmp.service.statistics import Loop, Statistics
from psmp.service.telemetry import Telemetry
from psmp.service.worker import Worker
from psmp.wire.connection import NatsUnreachable, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import written
from psmp.words.faults import told
from psmp.words.ids import SYSTEM

LOG: Final = structlog.get_logger()
_NEW: Final = 2000
"""So many new objects, then those are looked at."""
_MOST_STOPPED: Final = 24
"""So many projects fit into one heartbeat, which has 4 KB."""


C = TypeVar("C", bound=Settings)


@dataclass(frozen=True, slots=True)
class Context(Generic[C]):
    """What a service is given to build its loops with. Adapters that need closing are entered into ``adapters``."""

    service: str
    instance: str
    settings: C
    nats: MendedClient
    log: JetStreamEventLog
    telemetry: Telemetry
    adapters: AsyncExitStack


Build = Callable[[Context[C]], Awaitable[Sequence[Loop]]]


def run(service: str, build: Build[C], kind: type[C], *, writes: bool = True, keeps_folds: bool = True) -> None:
    """Run a service with settings of ``kind`` until SIGTERM or SIGINT; the process dies when any loop does.

    One that ``writes`` to the log does so only while log and ledger stand (``psmp.service.standing``).
    ``keeps_folds``: what it keeps is large and has no cycles, so the collector need not look at it again and again.
    """
    chosen = settings.read(kind)
    instance = f"{service}-{os.getpid():x}-{os.urandom(3).hex()}"
    logs.configure(service, instance, chosen.log_level)
    try:
        _loop_runner()(_live(service, instance, chosen, build, writes=writes, keeps_folds=keeps_folds))
    except Exception as error:  # the last handler that there is: whoever reads the logs learns why
        LOG.exception("died", error=told(error))
        raise SystemExit(1) from None


def _loop_runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    try:
        import uvloop  # noqa: PLC0415 - not to be had on every platform
    except ImportError:
        return asyncio.run
    return uvloop.run


async def _live(service: str, instance: str, chosen: C, build: Build[C], *, writes: bool, keeps_folds: bool) -> None:
    loops: list[Loop] = []

    def describe() -> list[Statistics]:
        return [loop.describe() for loop in loops]

    health = Health(describe)
    StatisticsCollector(describe)
    port = health.start(chosen.http_host, chosen.http_port)
    stopping = _on_signals()
    async with AsyncExitStack() as adapters:
        adapters.callback(health.stop)
        nats = await _connected(service, chosen, stopping)
        if nats is None:
            return
        adapters.push_async_callback(_close, nats)
        telemetry = Telemetry(service, instance)
        adapters.callback(telemetry.stop)
        gate = Gate(nats, seen=-1)
        log = JetStreamEventLog(nats, gate=gate if writes else None)
        context = Context(service, instance, chosen, nats, log, telemetry, adapters)
        loops.extend(await build(context))
        if writes:
            loops.append(await _guarded(nats, gate, loops))
        loops.append(Pulse(context, health, describe))
        if keeps_folds:
            _rest_the_collector()
        LOG.info("started", http_port=port)
        await _until_stopped(loops, stopping, health, chosen.drain_seconds)
    LOG.info("stopped")


async def _guarded(nats: MendedClient, gate: Gate, loops: Iterable[Loop]) -> GateKeeper:
    """Have every worker mind the gate, and look once before the first of them begins."""
    for each in loops:
        if isinstance(each, Worker):
            each.guard(gate)
    keeper = GateKeeper(nats, gate)
    await keeper.look()
    return keeper


def _rest_the_collector() -> None:
    """Look for cycles among what is new, while it is at hand, and never again.

    What is kept are folds, which have no cycles and are freed without the collector. To look at all of them, even once,
    stops everything for tens of ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW)
    gc.callbacks.append(_leave_alone)


def _leave_alone(phase: str, _: dict[str, int]) -> None:
    if phase == "stop":
        gc.freeze()


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


async def _connected(service: str, chosen: Settings, stopping: asyncio.Event) -> MendedClient | None:
    """A connection, however long it takes; None when the service is told to stop before."""
    while not stopping.is_set():
        try:
            return await connect(chosen.nats, f"psmp-{service}", inbox=f"_INBOX_{service}", on_error=_heard)
        except NatsUnreachable as error:
            LOG.warning("nats_unreachable", error=str(error), hint=error.hint)
        await pause(stopping, 1.0)
    return None


async def _heard(error: Exception) -> None:
    LOG.warning("nats_error", error=told(error))


async def _close(nats: MendedClient) -> None:
    try:
        await asyncio.wait_for(nats.flush(), 2)
    except (TimeoutError, OSError):
        LOG.warning("closed_without_flush")
    await nats.close()


async def _until_stopped(loops: Sequence[Loop], stopping: asyncio.Event, health: Health, patience: float) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop.run()) for loop in loops]
        health.ready = True
        await _first(stopping, tasks)
        health.ready = False
        for loop in loops:
            loop.stop()
        _, unfinished = await asyncio.wait(tasks, timeout=patience)
        for task in unfinished:
            task.cancel()


async def _first(stopping: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Until the service is told to stop; a loop that dies ends this by a cancellation from the TaskGroup."""
    waiting = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


class Pulse:
    """Beats for the health probe every second and for the watchdog every ``heartbeat_seconds``.

    The watchdog hears with it what time we have, and which projects the service goes no further with.
    """

    def __init__(self, context: Context[Any], health: Health, describe: Callable[[], Iterable[Statistics]]) -> None:
        self._context, self._health, self._describe = context, health, describe
        self._stopping = asyncio.Event()
        self._beats = 0

    async def run(self) -> None:
        """See ``Loop``."""
        due = 0.0
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            self._health.beat()
            if clock() >= due:
                due = clock() + self._context.settings.heartbeat_seconds
                await self._beat(b"alive")
            await pause(self._stopping, min(1.0, self._context.settings.heartbeat_seconds))
        await self._beat(b"leaving")

    async def _beat(self, word: bytes) -> None:
        if self._context.nats.is_connected:
            headers = {subjects.TIME: written(now())}
            stopped = sorted(key for each in self._describe() for key in each.stopped)[:_MOST_STOPPED]
            if stopped:
                headers[subjects.STOPPED] = " ".join(dict.fromkeys(map(str, stopped)))
            await self._context.nats.publish(subjects.heartbeat(SYSTEM, self._context.instance), word, headers=headers)
            self._beats += 1

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("pulse", self._beats)
