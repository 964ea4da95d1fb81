"""The end of the log, followed once for all live readers.

What is republished tells that there is something new; a position that does not follow on the last one is a gap, and
what lies in it is read from the log. Positions of a stream have no gaps, so nothing can be left out unseen.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import Counter
from pydantic_core import to_json

from psmp.client.errors import PsmpError
from psmp.client.feed import Feed, listening
from psmp.client.link import Link
from psmp.log.jetstream import STREAM, direct_get
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp_gateway.rules.live import Seen, seen

LOG: Final = structlog.get_logger()
HELD: Final = 8192
HELD_BYTES: Final = 32 * 1024 * 1024
PAGE: Final = 256
IDLE: Final = 10.0
"""Seconds without a message after which it is looked whether there is really nothing new."""
AGAIN: Final = 0.5
PAUSE_EACH: Final = 0.0001
LONGEST_PAUSE: Final = 0.05
"""Seconds for which readers are let rest so that they take several events at a time: so much for each, and at most.

It takes about as long to wake one. Without it 500 readers would keep the gateway busy with nothing but being woken.
"""
EVERYTHING: Final = f"{subjects.LIVE}.>"

CAUGHT_UP: Final = Counter("psmp_live_gaps", "Times that the end of the log was read again, for messages were missing.")


class Tail:
    """Holds the newest events, at most ``held`` and ``held_bytes`` of them; readers look at it and are woken by it.

    Invariant: what is held are consecutive positions of the log, from ``begin`` to ``end``; ``begin`` is ``end`` + 1
    when nothing is held. ``begun`` is set once the end of the log is known.
    """

    def __init__(self, nats: MendedClient, link: Link, *, held: int = HELD, held_bytes: int = HELD_BYTES) -> None:
        self._nats, self._link = nats, link
        self._held, self._held_bytes = held, held_bytes
        self._ring: deque[Seen] = deque()
        self._bytes = 0
        self._readers: set[asyncio.Event] = set()
        self._waking: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()
        self._taken = 0
        self.begin, self.end = 1, 0
        self.epoch = 0
        self.begun = asyncio.Event()
        self.trouble = "it was not looked yet"

    async def run(self) -> None:
        """See ``Loop``."""
        following = asyncio.ensure_future(self._follow())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                following.result()
        finally:
            for task in (following, stopping):
                task.cancel()
            await asyncio.wait((following, stopping))
            self._wake_now()

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()
        self.begun.set()
        self._wake_now()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("live", self._taken, waiting=len(self._readers), trouble=self.trouble)

    @property
    def stopped(self) -> bool:
        """Whether nothing will come any more."""
        return self._stopping.is_set()

    def since(self, position: int) -> Sequence[Seen]:
        """What is held behind ``position``, which must not lie before what is held."""
        return [self._ring[place] for place in range(position + 1 - self.begin, len(self._ring))]

    async def read(self, pattern: str, after: int) -> list[Seen]:
        """A page of what the log has behind ``after`` on subjects like ``pattern``. Raises NatsError, TimeoutError."""
        request = {"seq": after + 1, "batch": PAGE, "next_by_subj": pattern}
        return [_stored(each) for each in await direct_get(self._nats, STREAM, request)]

    async def last(self) -> int:
        """The position of the newest event that the log has, 0 for none. Raises NatsError, TimeoutError."""
        request = to_json({"last_by_subj": f"{subjects.LOG}.>"})
        answer = await self._nats.request(f"$JS.API.DIRECT.GET.{STREAM}", request, timeout=2)
        return int((answer.headers or {}).get("Nats-Sequence", 0))

    @contextlib.contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something came, or nothing more will, while the block runs."""
        stirred = asyncio.Event()
        self._readers.add(stirred)
        try:
            yield stirred
        finally:
            self._readers.discard(stirred)

    async def _follow(self) -> None:
        async with listening(self._link, EVERYTHING) as feed:
            await self._from_the_end(feed)

    async def _from_the_end(self, feed: Feed) -> None:
        await self._until_read(self._begin)
        while True:
            message = await feed.take(IDLE)
            if message is None:
                await self._until_read(self._catch_up)
                continue
            position = int(message.headers["Nats-Sequence"])
            if position == self.end + 1:
                self._take(seen(position, *subjects.read_log(message.subject), message.data))
                self._wake()
            elif position > self.end:
                CAUGHT_UP.inc()
                await self._until_read(self._catch_up)

    async def _until_read(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except (NatsError, PsmpError, TimeoutError, OSError) as error:
                self.trouble = f"the log cannot be read: {str(error) or type(error).__name__}"
                LOG.warning("log_not_read", error=self.trouble)
                await asyncio.sleep(AGAIN)  # noqa: TID251 - there is nothing to wait for but time
            else:
                self.trouble = ""
                return

    async def _begin(self) -> None:
        self.end = await self.last()
        self.begin = self.end + 1
        self.begun.set()

    async def _catch_up(self) -> None:
        last = await self.last()
        if last < self.end:  # the log has gone back in time: what readers were shown is not what it says
            self._ring.clear()
            self._bytes, self.end, self.begin = 0, last, last + 1
            self.epoch += 1
        while self.end < last:
            page = await self.read(f"{subjects.LOG}.>", self.end)
            for event in page:
                self._take(event)
            if not page:
                break
            self._wake()

    def _take(self, event: Seen) -> None:
        if event.position != self.end + 1:  # a block of the stream is damaged: what is held begins behind it
            self._ring.clear()
            self._bytes, self.begin = 0, event.position
        self._ring.append(event)
        self._bytes += len(event.frame)
        self.end = event.position
        self._taken += 1
        while len(self._ring) > self._held or self._bytes > self._held_bytes:
            self._bytes -= len(self._ring.popleft().frame)
            self.begin += 1

    def _wake(self) -> None:
        """Have the readers look, soon: the more there are, the more each is told at a time."""
        if self._waking is None:
            pause = min(len(self._readers) * PAUSE_EACH, LONGEST_PAUSE)
            self._waking = asyncio.get_running_loop().call_later(pause, self._wake_now)

    def _wake_now(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        for each in self._readers:
            each.set()


def _stored(message: Msg) -> Seen:
    headers = message.headers or {}
    return seen(int(headers["Nats-Sequence"]), *subjects.read_log(headers["Nats-Subject"]), message.data)
