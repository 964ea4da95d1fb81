"""One live reader: what the log has behind its place, then what happens; told when it falls too far behind."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from nats.errors import Error as NatsError
from prometheus_client import Counter, Gauge
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp_gateway.rules.live import SSE, Filter, Seen, Spelling
from psmp_gateway.tail import Tail

BEAT: Final = 10.0
"""Seconds without an event after which a reader gets a sign of life."""
SENT_WITHIN: Final = 30.0
"""Seconds in which a reader must have taken what it was sent."""
MOST_AT_ONCE: Final = 64 * 1024

STREAMS: Final = Gauge("psmp_live_streams", "Live readers that are connected now.")
RESYNCS: Final = Counter("psmp_live_resyncs", "Live readers that were told to read anew, for they were too slow.")

SLOW: Final = "too much has happened since what you were sent last was taken"
AHEAD: Final = "the log ends before the place that you want to resume behind"
AGAIN: Final = "the log has gone back in time"


class Reader:
    """Follows the log from behind ``after``, or from now on.

    ``over`` says why the reader may go on no longer: a key can be revoked while its stream is open. "" while it may.
    Invariant: ``_place`` is the position up to which everything that is wanted was handed out.
    """

    def __init__(
        self,
        tail: Tail,
        wanted: Filter,
        after: int | None,
        over: Callable[[], str],
        beat: float,
        spelling: Spelling = SSE,
    ) -> None:
        self._tail, self._wanted, self._over, self._beat, self._spelling = tail, wanted, over, beat, spelling
        self._from_now, self._place = after is None, after or 0
        self._epoch = tail.epoch
        self._live = False

    async def frames(self) -> AsyncIterator[bytes]:
        """What is to be sent, in chunks; it ends with the word why, unless the reader itself goes away."""
        if self._spelling.begin:
            yield self._spelling.begin
        if self._from_now:  # a gateway that has just begun does not know yet when that is
            await self._tail.begun.wait()
            self._place = self._tail.end
        if await self._is_ahead():
            yield self._spelling.resync(self._tail.end, AHEAD)
            return
        yield self._alive()
        with self._tail.watched() as stirred:
            while True:
                stirred.clear()
                if (last := self._last_word()) is not None:
                    yield last
                    return
                chunk = await self._next()
                if chunk is None:
                    chunk = await self._idle(stirred)
                if chunk:
                    yield chunk

    async def _is_ahead(self) -> bool:
        """Whether the log ends before the place; what is followed here may be behind what another gateway has."""
        while self._place > self._tail.end and not (self._tail.stopped or self._over()):
            try:
                return self._place > await self._tail.last()
            except (NatsError, TimeoutError, OSError):
                await asyncio.sleep(1)  # noqa: TID251 - there is nothing to wait for but time
        return False

    def _last_word(self) -> bytes | None:
        if self._tail.stopped:
            return self._spelling.closed("the gateway is being stopped; connect again")
        if over := self._over():
            return self._spelling.closed(over)
        if self._epoch != self._tail.epoch:
            return self._spelling.resync(self._tail.end, AGAIN)
        if self._live and self._place + 1 < self._tail.begin:
            RESYNCS.inc()
            return self._spelling.resync(self._place, SLOW)
        return None

    async def _next(self) -> bytes | None:
        """The next chunk, empty when nothing in it is wanted; None when there is nothing new."""
        if self._place + 1 < self._tail.begin:
            return await self._past()
        self._live = True
        if self._place >= self._tail.end:
            return None
        return self._taken(self._tail.since(self._place))

    async def _past(self) -> bytes:
        """What the log has and is not held: read page by page until what is held follows on it."""
        pattern = subjects.log(ProjectKey(self._wanted.tenant, self._wanted.project), ">")
        until = self._tail.begin - 1
        try:
            page = await self._tail.read(pattern, self._place)
        except (NatsError, TimeoutError, OSError) as error:
            await asyncio.sleep(1)  # noqa: TID251 - there is nothing to wait for but time
            behind = self._tail.end - self._place
            return self._spelling.beat(self._place, behind, f"the log cannot be read: {error!r}")
        chunk = self._taken([each for each in page if each.position <= until])
        if not page or page[-1].position >= until:
            self._place = until
        return chunk

    def _taken(self, events: Sequence[Seen]) -> bytes:
        chunk = bytearray()
        for event in events:
            if self._wanted.wants(event):
                chunk += self._spelling.event(event)
            self._place = event.position
            if len(chunk) > MOST_AT_ONCE:
                break
        return bytes(chunk)

    async def _idle(self, stirred: asyncio.Event) -> bytes:
        try:
            async with asyncio.timeout(self._beat):
                await stirred.wait()
        except TimeoutError:
            return self._alive()
        return b""

    def _alive(self) -> bytes:
        return self._spelling.beat(self._place, max(0, self._tail.end - self._place), self._tail.trouble)


class EventStream(StreamingResponse):
    """Server-Sent Events; whoever does not take what is sent is cut off, for it cannot even be told."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes], within: float = SENT_WITHIN) -> None:
        super().__init__(frames, headers={"Connection": "close", "X-Accel-Buffering": "no"})
        self._within = within

    async def stream_response(self, send: Send) -> None:
        """See ``StreamingResponse``."""

        async def sent(message: Message) -> None:
            async with asyncio.timeout(self._within):
                await send(message)

        with STREAMS.track_inprogress():
            try:
                await super().stream_response(sent)
            except TimeoutError:
                RESYNCS.inc()
