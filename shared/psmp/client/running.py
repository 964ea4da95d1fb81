"""A run: a slot held for as long as a block runs, with heartbeats, a term that is renewed, and an orderly end."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from psmp.client import queueing
from psmp.client.errors import Closed, Invalid, PsmpError, Unreadable
from psmp.client.feed import Feed, happened, subscribe
from psmp.client.link import Link
from psmp.client.refusals import NotDeclared, SlotLost
from psmp.client.results import Settled, Verdict
from psmp.words import subjects
from psmp.words.events import SlotExpired, SlotFailed, SlotFinished, SlotGranted, SubPacExecuted
from psmp.words.ids import ProjectKey
from psmp.words.strict import Fault
from psmp.words.values import Limits

if TYPE_CHECKING:
    from psmp.client.client import Client

P = ParamSpec("P")
T = TypeVar("T")

_HINT: Final = "stop this work; ask for a new slot and look at the project again before going on"
_LONGEST: Final = 2000
_QUARTER: Final = 4


class Run:
    """A slot that is held. What is declared here carries its fence, and comes too late when the slot is lost.

    ``fence`` names the slot; ``limits`` are what may be used of the machine, as it was granted. ``reported`` is whether
    the node of a graph is, that it was granted for: then it has ended.
    """

    def __init__(self, client: "Client", project: str, granted: Settled, slot: SlotGranted) -> None:
        self.client, self.project = client, project
        self.fence, self.limits = granted.sequence, slot.limits
        self.slot = slot
        self._block = asyncio.current_task()
        self._cancelled_before = self._block.cancelling() if self._block else 0
        self._cancelled = False
        self._loss: SlotLost | None = None
        self.reported = False

    @property
    def lost(self) -> bool:
        """Whether the slot has ended though the block has not."""
        return self._loss is not None

    async def declare(self, artifact: str, **declaration: Any) -> Verdict:
        """``Client.declare`` under this slot; raises ``SlotLost``."""
        return await self._under(self.client.declare, artifact, **declaration)

    async def amend(self, artifact: str, **amendment: Any) -> Verdict:
        """``Client.amend`` under this slot; raises ``SlotLost``."""
        return await self._under(self.client.amend, artifact, **amendment)

    async def withdraw(self, artifact: str, *, reason: str, **options: Any) -> Settled:
        """``Client.withdraw`` under this slot; raises ``SlotLost``."""
        return await self._under(self.client.withdraw, artifact, reason=reason, **options)

    async def report(self, outputs: Mapping[str, Any] | None = None, **options: Any) -> Settled:
        """``Client.report`` of the node that this slot is for: it ends the slot. Raises ``SlotLost``."""
        self.check()
        settled = await self.client.report(self.project, fence=self.fence, outputs=outputs, **options)
        self.reported = True
        return settled

    async def _under(self, say: Callable[..., Coroutine[Any, Any, T]], artifact: str, **options: Any) -> T:
        self.check()
        try:
            return await say(self.project, artifact, fence=self.fence, **options)
        except SlotLost as loss:
            self._loss = self._loss or loss
            raise

    def check(self) -> None:
        """Raises ``SlotLost`` when the slot is lost."""
        if self._loss is not None:
            raise self._loss.with_traceback(None)

    def lose(self, loss: SlotLost) -> None:
        """The slot has ended: the block is cancelled where it waits for something."""
        if self._loss is not None:
            return
        self._loss = loss
        if self._block is not None and not self._block.done():
            self._cancelled = self._block.cancel()

    async def came_through(self, error: BaseException | None) -> bool:
        """Whether the block ended by itself, with ``error`` or without, and not because it was cancelled here."""
        if not self._cancelled or self._block is None:
            return True
        if not isinstance(error, asyncio.CancelledError):  # then the cancellation is still to come
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)  # noqa: TID251 - here
        others = self._block.uncancel() > self._cancelled_before
        return others or not isinstance(error, asyncio.CancelledError)


@asynccontextmanager
async def running(
    client: "Client",
    link: Link,
    project: str,
    *,
    wait: float | None,
    limits: Limits | Mapping[str, Any] | None,
    interval: float | None,
    token: str | None = None,
) -> AsyncIterator[Run]:
    """See ``Client.run``."""
    if interval is not None and not interval > 0:
        raise Invalid([Fault("/interval", "more than 0 seconds are needed")])
    run = _begun(client, project, await client.begin(project, wait=wait, limits=limits, token=token))
    # Not in a TaskGroup: what the block raises must reach the caller as it is, not in an ExceptionGroup.
    keeping = asyncio.get_running_loop().create_task(_keep(run, link, interval))
    try:
        yield run
    except BaseException as error:
        by_itself = await run.came_through(error)
        await _stopped(keeping)
        if not by_itself:
            run.check()
        await _report(run, error)
        await _farewell(run)
        raise
    await run.came_through(None)
    await _stopped(keeping)
    await _finish(run)
    await _farewell(run)


def governed(
    client: "Client",
    project: str,
    *,
    agent: str | None = None,
    wait: float | None = None,
    limits: Limits | Mapping[str, Any] | None = None,
    interval: float | None = None,
) -> Callable[[Callable[Concatenate[Run, P], Awaitable[T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """``Client.run`` round every call of an async function, which is given the ``Run`` as its first argument."""

    def wrap(work: Callable[Concatenate[Run, P], Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        @functools.wraps(work)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            async with client.run(project, agent=agent, wait=wait, limits=limits, interval=interval) as run:
                return await work(run, *args, **kwargs)

        return call

    return wrap


def _begun(client: "Client", project: str, granted: Settled) -> Run:
    if not isinstance(granted.event, SlotGranted):
        raise Unreadable("the outcome of slot.request", f"it is {granted.event.KIND}")
    return Run(client, project, granted, granted.event)


async def _stopped(keeping: asyncio.Task[None]) -> None:
    while not keeping.done():
        keeping.cancel()
        await asyncio.wait({keeping}, timeout=1)
    if not keeping.cancelled():
        keeping.result()


async def _report(run: Run, error: BaseException) -> None:
    """Give the slot back with what went wrong; that it could not be told is a note to the error."""
    if run.lost or run.reported:
        return
    text = "cancelled" if isinstance(error, asyncio.CancelledError) else f"{type(error).__name__}: {error}"
    failure = text.encode("utf-8", "replace").decode()[:_LONGEST]
    try:
        await run.client.finish(run.project, failure=failure, fence=run.fence)
    except PsmpError as untold:
        error.add_note(f"The slot could not be given back: {untold}")


async def _farewell(run: Run) -> None:
    """The agent leaves: nobody is to miss it. If that cannot be said it is told silent after a while."""
    with suppress(PsmpError):
        await run.client.heartbeat(run.project, leaving=True, timeout=queueing.FAREWELL)


async def _finish(run: Run) -> None:
    """Give the slot back; one under which nothing was declared ends as failed."""
    run.check()
    if run.reported:
        return
    try:
        await run.client.finish(run.project, fence=run.fence)
    except SlotLost:
        if not await _was_reported(run):
            raise
    except NotDeclared as refusal:
        await _report(run, refusal)
        raise


async def _was_reported(run: Run) -> bool:
    """Whether the node that the slot was for is reported, by a program that was run for it perhaps."""
    if run.slot.assignment is not None and not run.reported:
        async with aclosing(run.client.events(run.project, after=run.fence, follow=False)) as events:
            async for each in events:
                run.reported |= isinstance(each.event, SubPacExecuted) and each.event.fence == run.fence
    return run.reported


async def _keep(run: Run, link: Link, interval: float | None) -> None:
    """Heartbeats and renewals until the slot is lost, or cancelled."""
    slot, clock = run.slot, asyncio.get_running_loop().time
    pause = min(interval or queueing.HEARTBEAT, queueing.interval(slot.lease_seconds))
    pause = min(pause, slot.term_seconds / _QUARTER) if slot.term_seconds else pause
    key = ProjectKey(run.client.tenant, run.project)
    feed: Feed | None = None
    renewed = due = clock()
    try:
        while not (run.lost or run.reported):
            try:
                feed = feed or await subscribe(link, subjects.live(key, "slot.*"), pause)
                if clock() >= due:
                    due = clock() + pause
                    renewed = await _beat(run, renewed, pause)
                await _heed(run, feed, max(due - clock(), 0))
            except Closed:
                return
            except SlotLost as loss:
                if not await _was_reported(run):
                    run.lose(loss)
            except PsmpError:  # the next beat may come through
                await _left(link, feed)
                feed = None
                await asyncio.sleep(pause / 2)  # noqa: TID251 - nobody tells when it is better
    finally:
        await _left(link, feed)


async def _left(link: Link, feed: Feed | None) -> None:
    if feed is not None:
        await link.unlisten(feed)


async def _beat(run: Run, renewed: float, pause: float) -> float:
    """Say that the agent is alive; renew when half of the term is over, else look whether the slot is there.

    Gives when the term began. Raises ``SlotLost``.
    """
    clock, term = asyncio.get_running_loop().time, run.slot.term_seconds
    await run.client.heartbeat(run.project, timeout=pause)
    if term and clock() >= renewed + term / 2:
        now = clock()
        await run.client.renew(run.project, fence=run.fence, timeout=pause)
        return now
    status = await run.client.status(run.project, timeout=pause)
    if status.sequence >= run.fence and all(each.fence != run.fence for each in status.slots):
        raise SlotLost("SLOT_LOST", f"{run.client.agent} no longer holds the slot of fence {run.fence}", _HINT)
    return renewed


async def _heed(run: Run, feed: Feed, idle: float) -> None:
    """Take what the feed brings for so long; raises ``SlotLost`` when it is the end of the slot."""
    message = await feed.take(idle)
    event = happened(message).event if message is not None else None
    if isinstance(event, SlotExpired | SlotFinished | SlotFailed) and event.fence == run.fence:
        why = "expired" if isinstance(event, SlotExpired) else "was given back"
        raise SlotLost("SLOT_LOST", f"the slot of fence {run.fence} {why} while {event.agent} was at work", _HINT)
