"""The client for code that is not asynchronous: the same methods, run by one event loop in a thread of its own."""

import asyncio
import functools
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from psmp.client.client import Client
from psmp.client.connecting import TIMEOUT, connect
from psmp.client.results import Settled, Verdict
from psmp.client.running import Run
from psmp.client.sending import Statistics
from psmp.words.values import Limits

P = ParamSpec("P")
T = TypeVar("T")

_STOP_WITHIN: Final = 5.0


class Portal:
    """An event loop in a thread of its own, where coroutines can be run from any other thread."""

    def __init__(self) -> None:
        self._sources: set[AsyncGenerator[Any, None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="psmp-client", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def is_here(self) -> bool:
        """Whether this is called in that thread."""
        return threading.current_thread() is self._thread

    def start(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine there, and wait for nothing."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result; it is cancelled when the wait for it is interrupted, by Ctrl-C for example."""
        future = self.start(coroutine)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def items(self, source: AsyncGenerator[T, None]) -> Iterator[T]:
        """What ``source`` yields, waited for item by item. Closed with the iterator, at the latest with the portal."""
        self._sources.add(source)
        try:
            while True:
                try:
                    item = self.run(_awaited(anext(source)))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if source in self._sources:
                self._sources.remove(source)
                self.run(source.aclose())

    def close(self) -> None:
        """End what still runs there, and the thread."""
        self.run(self._end())
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_WITHIN)
        if not self._thread.is_alive():
            self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=_STOP_WITHIN / 2)
        while self._sources:
            await self._sources.pop().aclose()


def _blocking(
    method: Callable[Concatenate[Client, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["BlockingClient", P], T]:
    """``method`` for a thread that waits for what it returns."""

    @functools.wraps(method)
    def call(self: "BlockingClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.portal.run(method(self.client, *args, **kwargs))

    return call


def _iterating(
    method: Callable[Concatenate[Client, P], AsyncGenerator[T, None]],
) -> Callable[Concatenate["BlockingClient", P], Iterator[T]]:
    """``method`` as an ordinary iterator; closing it, or leaving a ``for`` loop over it for good, ends it."""

    @functools.wraps(method)
    def call(self: "BlockingClient", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self.portal.items(method(self.client, *args, **kwargs))

    return call


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _inside(
    method: Callable[Concatenate[Client, P], AbstractAsyncContextManager[T]],
) -> Callable[Concatenate["BlockingClient", P], AbstractContextManager[T]]:
    """``method`` for a ``with`` block."""

    @functools.wraps(method)
    def call(self: "BlockingClient", /, *args: P.args, **kwargs: P.kwargs) -> AbstractContextManager[T]:
        return _entered(self.portal, method(self.client, *args, **kwargs))

    return call


@contextmanager
def _entered(portal: Portal, manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    entered = portal.run(manager.__aenter__())
    try:
        yield entered
    except BaseException as error:
        if not portal.run(manager.__aexit__(type(error), error, error.__traceback__)):
            raise
    else:
        portal.run(manager.__aexit__(None, None, None))


class BlockingRun:
    """``Run`` for scripts and threads.

    A thread cannot be stopped from outside: that the slot is ``lost`` is raised by the next operation, or at the end of
    the block.
    """

    def __init__(self, portal: Portal, run: Run) -> None:
        self.portal, self.run = portal, run

    @property
    def fence(self) -> int:
        """See ``Run``."""
        return self.run.fence

    @property
    def limits(self) -> Limits | None:
        """See ``Run``."""
        return self.run.limits

    @property
    def lost(self) -> bool:
        """See ``Run``."""
        return self.run.lost

    def declare(self, artifact: str, **declaration: Any) -> Verdict:
        """See ``Run``."""
        return self.portal.run(self.run.declare(artifact, **declaration))

    def amend(self, artifact: str, **amendment: Any) -> Verdict:
        """See ``Run``."""
        return self.portal.run(self.run.amend(artifact, **amendment))

    def withdraw(self, artifact: str, *, reason: str, **options: Any) -> Settled:
        """See ``Run``."""
        return self.portal.run(self.run.withdraw(artifact, reason=reason, **options))

    def report(self, outputs: Mapping[str, Any] | None = None, **options: Any) -> Settled:
        """See ``Run``."""
        return self.portal.run(self.run.report(outputs, **options))


class BlockingClient:
    """``Client`` for scripts and threads: each method waits for its result. Made by ``connect_sync``."""

    def __init__(self, portal: Portal, client: Client) -> None:
        self.portal, self.client = portal, client

    @property
    def tenant(self) -> str:
        """See ``Client``."""
        return self.client.tenant

    @property
    def agent(self) -> str:
        """See ``Client``."""
        return self.client.agent

    @property
    def statistics(self) -> Statistics:
        """See ``Client``."""
        return self.client.statistics

    def as_agent(self, agent: str) -> "BlockingClient":
        """See ``Client``."""
        return BlockingClient(self.portal, self.client.as_agent(agent))

    def expecting(self, sequence: int) -> "BlockingClient":
        """See ``Client``."""
        return BlockingClient(self.portal, self.client.expecting(sequence))

    create_project = _blocking(Client.create_project)
    change_project = _blocking(Client.change_project)
    archive_project = _blocking(Client.archive_project)
    create_task = _blocking(Client.create_task)
    change_task = _blocking(Client.change_task)
    take_task = _blocking(Client.take_task)
    finish_task = _blocking(Client.finish_task)
    archive_task = _blocking(Client.archive_task)
    declare = _blocking(Client.declare)
    amend = _blocking(Client.amend)
    withdraw = _blocking(Client.withdraw)
    transition = _blocking(Client.transition)
    begin = _blocking(Client.begin)
    renew = _blocking(Client.renew)
    finish = _blocking(Client.finish)
    leave = _blocking(Client.leave)
    submit_maeg = _blocking(Client.submit_maeg)
    orchestrations = _blocking(Client.orchestrations)
    orchestration = _blocking(Client.orchestration)
    settlement = _blocking(Client.settlement)
    approve_maeg = _blocking(Client.approve_maeg)
    abandon_maeg = _blocking(Client.abandon_maeg)
    report = _blocking(Client.report)
    review = _blocking(Client.review)
    correct = _blocking(Client.correct)
    dispatches = _iterating(Client.dispatches)
    retry_letter = _blocking(Client.retry_letter)
    drop_letter = _blocking(Client.drop_letter)
    resolve = _blocking(Client.resolve)
    answer = _blocking(Client.answer)
    outcome = _blocking(Client.outcome)
    status = _blocking(Client.status)
    projects = _blocking(Client.projects)
    alerts = _blocking(Client.alerts)
    acknowledge = _blocking(Client.acknowledge)
    wait_for = _blocking(Client.wait_for)
    heartbeat = _blocking(Client.heartbeat)
    tasks = _iterating(Client.tasks)
    events = _iterating(Client.events)
    events_live = _iterating(Client.events_live)
    progress = _iterating(Client.progress)
    alive = _inside(Client.alive)
    add_webhook = _blocking(Client.add_webhook)
    webhooks = _blocking(Client.webhooks)
    change_webhook = _blocking(Client.change_webhook)
    remove_webhook = _blocking(Client.remove_webhook)
    rotate_webhook = _blocking(Client.rotate_webhook)
    try_webhook = _blocking(Client.try_webhook)

    @contextmanager
    def run(
        self,
        project: str,
        *,
        agent: str | None = None,
        wait: float | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        interval: float | None = None,
        token: str | None = None,
    ) -> Iterator[BlockingRun]:
        """See ``Client``, and ``BlockingRun`` for what becomes of the block when the slot is lost."""
        running = self.client.run(project, agent=agent, wait=wait, limits=limits, interval=interval, token=token)
        with _entered(self.portal, running) as run:
            yield BlockingRun(self.portal, run)


@contextmanager
def connect_sync(
    url: str | None = None,
    *,
    tenant: str | None = None,
    agent: str | None = None,
    timeout: float = TIMEOUT,
    credentials: str | Path | None = None,
    ca: str | Path | None = None,
    patient: bool = False,
    receipts: str | Path | None = None,
    person: str | None = None,
    contact: str | None = None,
    key: str | None = None,
    privileged: bool = False,
) -> Iterator[BlockingClient]:
    """``connect`` for code that is not asynchronous: ``with psmp.connect_sync(agent="coder") as client:``.

    One thread with an event loop lives as long as the block. Not for use on a thread that runs an event loop of its
    own: it would stand still while this waits.
    """
    portal = Portal()
    try:
        opening = connect(
            url,
            tenant=tenant,
            agent=agent,
            timeout=timeout,
            credentials=credentials,
            ca=ca,
            patient=patient,
            receipts=receipts,
            person=person,
            contact=contact,
            key=key,
            privileged=privileged,
        )
        with _entered(portal, opening) as client:
            yield BlockingClient(portal, client)
    finally:
        portal.close()
