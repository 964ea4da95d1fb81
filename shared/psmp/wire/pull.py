"""The pull loop: messages of a durable consumer, by callback, never more under way than asked for.

It outlives restarts of the server, lost pull requests and leader changes: the server sends a heartbeat while a request
is open, and when neither messages nor heartbeats come the request is made again.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Final

from nats.errors import Error as NatsError

from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.wire.settle import Delivery

EXPIRES: Final = 30.0
HEARTBEAT: Final = 1.0
PATIENCE: Final = 1.0
"""Seconds for which the others wait for what is had alone."""
SUSPECT: Final = 3
"""A message that comes so often, and for no other reason, may be what those died of who had it before.

It is best had alone.
"""
_PULL_OVER: Final = frozenset({"404", "408"})


class ConsumerLost(Exception):
    """The durable consumer is gone or was never made."""

    def __init__(self, stream: str, durable: str, why: str) -> None:
        super().__init__(f"consumer {durable} of {stream} is lost: {why}")
        self.hint = "run `psmp setup` to make the streams and consumers"


class Puller:
    """Pulls from ``durable`` and hands each delivery to ``handle``; at most ``limit`` deliveries are open at a time.

    ``handle`` is called on the event loop, in stream order, and must return at once; whoever works the delivery off
    calls ``release``. ``careful``: begins with one and asks for twice as many after each that was ``survived``, and
    after each second in which none was; what comes for the ``suspect``-th time comes alone. So what ends the process
    takes few others along.
    While ``held`` says so it asks for nothing.
    Invariant: requested + open <= window <= limit, but for what was under way when the window became narrow.
    """

    def __init__(
        self,
        nats: MendedClient,
        stream: str,
        durable: str,
        handle: Callable[[Delivery], None],
        *,
        limit: int = 256,
        careful: bool = False,
        suspect: int = SUSPECT,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._nats = nats
        self._held = held
        self._stream, self._durable = stream, durable
        self._handle = handle
        self._limit, self._careful, self._suspect = limit, careful, suspect
        self._window = 1 if careful else limit
        self._widened = 0.0
        self._open = 0
        self._requested = 0
        self._heard = 0.0
        self._wake = asyncio.Event()
        self._stopping = False
        self._lost: str | None = None

    def release(self, count: int = 1) -> None:
        """``count`` deliveries are worked off; others may come."""
        self._open -= count
        if self._open + self._requested <= self._window // 2:
            self._wake.set()

    def survived(self, delivery: Delivery) -> None:
        """It was had, and we live: unless it was suspect, more may come at the same time."""
        if delivery.tries < self._suspect:
            self._widen()

    def _widen(self) -> None:
        if self._window < self._limit:
            self._window = min(self._limit, 2 * self._window)
            self._widened = asyncio.get_running_loop().time()
            self._wake.set()

    @property
    def idle(self) -> bool:
        """Whether every delivery was released."""
        return self._open == 0

    def stop(self) -> None:
        """Ask for no more; what is open may be worked off."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Pull until ``stop``; raises ``ConsumerLost``."""
        inbox = self._nats.new_inbox()
        subscription = await self._nats.listen(inbox, self._take)
        reconnects = self._nats.stats["reconnects"]
        try:
            while not self._stopping:
                if self._is_deaf() or self._nats.stats["reconnects"] != reconnects:
                    reconnects, self._requested = self._nats.stats["reconnects"], 0
                await self._request(inbox)
                await self._sleep()
                if asyncio.get_running_loop().time() - self._widened > PATIENCE:
                    self._widen()
                if self._lost is not None:
                    raise ConsumerLost(self._stream, self._durable, self._lost)
        finally:
            if not self._nats.is_closed:
                await subscription.unsubscribe()

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), HEARTBEAT / 4)
        except TimeoutError:
            return
        self._wake.clear()

    def _is_deaf(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._requested > 0 and now - self._heard > 2.5 * HEARTBEAT

    async def _request(self, inbox: str) -> None:
        wanted = self._window - self._open - self._requested
        if self._held() or wanted <= 0 or (self._requested and wanted < self._window // 2):
            return
        body = {"batch": wanted, "expires": int(EXPIRES * 1e9), "idle_heartbeat": int(HEARTBEAT * 1e9)}
        self._requested += wanted
        self._heard = asyncio.get_running_loop().time()
        try:
            await self._nats.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}", json.dumps(body).encode(), reply=inbox
            )
        except NatsError:  # not connected; asked again when it is
            self._requested = 0

    def _take(self, message: Message) -> None:
        self._heard = asyncio.get_running_loop().time()
        if not message.data and message.status:
            self._hear(message.status, message.headers)
            return
        self._requested = max(0, self._requested - 1)
        self._open += 1
        if self._stopping:  # unanswered, it is delivered again to whoever comes next
            return
        delivery = Delivery.of(message)
        if self._careful and delivery.tries >= self._suspect:
            self._window, self._widened = 1, asyncio.get_running_loop().time()
        if self._open + self._requested <= self._window // 2:
            self._wake.set()
        self._handle(delivery)

    def _hear(self, status: str, headers: dict[str, str]) -> None:
        description = headers.get("Description", "")
        if status == "100":
            return
        if status in _PULL_OVER or "Max" in description or "Batch Completed" in description:
            pending = int(headers.get("Nats-Pending-Messages", 0))
            self._requested = max(0, self._requested - pending) if pending else 0
        elif status == "409" and "Deleted" in description:
            self._lost = description
        else:  # nobody there yet, leadership changed, server shutting down: ask again
            self._requested = 0
            return
        self._wake.set()
