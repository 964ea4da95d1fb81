"""The client's one connection to NATS: replies, subscriptions, what the server forbids, and what is lost."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from math import inf
from typing import Final, Protocol

from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError

from psmp.client.errors import Closed, Invalid, NoAnswer, NotAllowed, PsmpError, Unreachable
from psmp.client.waiting import Waiting
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words.strict import Fault

_CLOSE_WITHIN: Final = 2.0
_FLUSH_WITHIN: Final = 2
_RECENT: Final = 1.0
_FORBIDDEN: Final = re.compile(r'permissions violation for (publish|subscription)[^"]*"([^"]+)"', re.IGNORECASE)


class Listener(Protocol):
    """Whoever takes the messages of a subscription; every method returns at once."""

    def heard(self, message: Message) -> None:
        """A message came."""
        ...

    def failed(self, error: PsmpError) -> None:
        """None will come any more."""
        ...

    def renewed(self) -> None:
        """There is a new connection: messages may have been missed."""
        ...


class Link:
    """A connection that is made again whenever it is lost, until ``close``.

    Invariant: whoever waits for a reply or a message is told when none can come: refused by NATS, or closed.
    """

    def __init__(self, address: Address) -> None:
        self.reconnects = 0
        self.trouble = ""
        self._address = address
        self._nats: MendedClient | None = None
        self._over: PsmpError | None = None
        self._closing = False
        self._turn = asyncio.Event()
        self._inbox = ""
        self._tokens = count()
        self._heard_at = -inf
        self._waiting: dict[str, Waiting] = {}
        self._listeners: dict[Listener, tuple[str, Subscription]] = {}
        self._forbidden: set[str] = set()

    async def open(self, name: str, inbox: str, within: float) -> None:
        """Connect; raises ``Unreachable`` or ``NotAllowed`` when there is no connection within so many seconds."""
        try:
            self._nats = await connect(
                self._address,
                name,
                inbox=inbox,
                within=within,
                on_error=self._on_error,
                on_reconnect=self._on_reconnect,
                on_close=self._on_close,
            )
        except NatsUnreachable as error:
            if error.refused and "authorization" in str(error).lower():
                raise NotAllowed(str(error)) from None
            raise unreachable(str(error)) from None
        self._inbox = self._nats.new_inbox()

    async def hear(self) -> None:
        """Until replies can reach us; raises ``NotAllowed``."""
        nats, subject = await self.up(), f"{self._inbox}.*"
        await nats.listen(subject, self._on_reply)
        await self._in_place(subject)

    async def close(self) -> None:
        """End everything that waits, and the connection; takes at most two seconds."""
        self._closing = True
        self._end(Closed())
        if self._nats is None:
            return
        # Waited for in a task of its own: nats-py swallows cancellations, a time limit alone would not bound it.
        closing = asyncio.get_running_loop().create_task(self._nats.close())
        await asyncio.wait({closing}, timeout=_CLOSE_WITHIN)
        if not closing.cancel():
            closing.exception()

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._nats is not None and self._nats.is_connected

    def note(self) -> None:
        """Something came back just now."""
        self._heard_at = asyncio.get_running_loop().time()

    def is_busy(self) -> bool:
        """Whether something came back within the last second."""
        return asyncio.get_running_loop().time() - self._heard_at < _RECENT

    async def up(self) -> MendedClient:
        """The connection, when there is one; raises what ended the link."""
        while True:
            self._turn.clear()
            if self._over is not None:
                raise self._over.with_traceback(None)
            if self._nats is not None and self._nats.is_connected:
                return self._nats
            await self._turn.wait()

    @contextmanager
    def awaiting(self, subject: str, *, hasty: bool = True) -> Iterator[tuple[Waiting, str]]:
        """A wait for what comes back of a message to ``subject``, and the address for replies to send along."""
        if self._over is not None:
            raise self._over.with_traceback(None)
        token, waiting = f"{next(self._tokens):x}", Waiting(subject, hasty=hasty)
        self._waiting[token] = waiting
        try:
            yield waiting, f"{self._inbox}.{token}"
        finally:
            del self._waiting[token]

    async def request(self, subject: str, body: bytes, timeout: float, what: str) -> bytes:
        """What the receiver of ``subject`` answers; it is sent again until then. Raises ``NoAnswer`` to ``what``."""
        with self.awaiting(subject) as (waiting, reply):
            try:
                async with asyncio.timeout(timeout):
                    while waiting.reply is None:
                        if waiting.error is not None:
                            raise waiting.error.with_traceback(None)
                        if waiting.due:
                            await self.publish(waiting, body, reply)
                        await waiting.change(self.is_busy)
            except TimeoutError:
                raise NoAnswer(what, waiting.why) from None
            return waiting.reply

    async def publish(self, waiting: Waiting, body: bytes, reply: str) -> None:
        """Send once, if there is a connection; what becomes of it is ``waiting``'s to know."""
        waiting.due = False
        if self._nats is None or not self._nats.is_connected:
            waiting.why = f"not connected to {self._address.shown}{f', {self.trouble}' if self.trouble else ''}"
            return
        waiting.tries += 1
        try:
            await self._nats.publish(waiting.subject, body, reply=reply)
        except MaxPayloadError:
            problem = f"{len(body)} bytes, this NATS server takes at most {self._nats.max_payload}"
            raise Invalid([Fault("", problem)]) from None
        except (NatsError, OSError) as error:
            waiting.why = str(error)

    async def listen(self, subject: str, listener: Listener) -> None:
        """Subscribe; every message from now on goes to ``listener``. Raises ``NotAllowed``.

        The subscription is in place at the server when this returns.
        """
        nats = await self.up()
        self._forbidden.discard(subject.lower())

        try:
            subscription = await nats.listen(subject, listener.heard)
        except NatsError as error:
            raise self._over or Unreachable(str(error), "connect again") from None
        self._listeners[listener] = subject, subscription
        try:
            await self._in_place(subject)
        except BaseException:
            await self.unlisten(listener)
            raise

    async def unlisten(self, listener: Listener) -> None:
        """Take no more messages for ``listener``."""
        entry = self._listeners.pop(listener, None)
        if entry is None or self._over is not None:
            return
        try:
            await entry[1].unsubscribe()
        except (NatsError, OSError) as error:  # the server forgets it with the connection
            self.trouble = str(error)

    async def _in_place(self, subject: str) -> None:
        """Until the server has confirmed what was sent to it; raises ``NotAllowed`` when it forbade ``subject``."""
        while True:
            nats, before = await self.up(), self.reconnects
            try:
                await nats.flush(timeout=_FLUSH_WITHIN)
            except (NatsError, OSError) as error:
                self.trouble = str(error)
                continue
            if subject.lower() in self._forbidden:
                raise NotAllowed(f"NATS does not let this identity listen to {subject}", subject)
            if nats.is_connected and self.reconnects == before:
                return

    def _on_reply(self, message: Message) -> None:
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is not None:
            self.note()
            waiting.replied(message)

    async def _on_error(self, error: Exception) -> None:
        self.trouble = str(error).removeprefix("nats: ")
        if "authorization violation" in self.trouble.lower():
            for waiting in self._waiting.values():
                waiting.failed(NotAllowed(f"{self._address.shown} takes this identity no more"))
        forbidden = _FORBIDDEN.search(str(error))
        if forbidden is None:
            return
        act, subject = forbidden[1].lower(), forbidden[2]
        # nats-py hands errors on in lower case, so subjects are compared that way.
        if act == "publish":
            for waiting in self._waiting.values():
                if waiting.subject.lower() == subject.lower():
                    why = f"NATS does not let this identity publish to {waiting.subject}"
                    waiting.failed(NotAllowed(why, waiting.subject))
        else:
            self._forbidden.add(subject.lower())
            for listener, (listened, _) in tuple(self._listeners.items()):
                if listened.lower() == subject.lower():
                    listener.failed(NotAllowed(f"NATS does not let this identity listen to {listened}", listened))
                    await self.unlisten(listener)

    async def _on_reconnect(self) -> None:
        self.reconnects += 1
        self.trouble = ""
        self._turn.set()
        for waiting in self._waiting.values():
            waiting.renewed()
        for listener in tuple(self._listeners):
            listener.renewed()

    async def _on_close(self) -> None:
        if not self._closing:
            why = self.trouble or "the server ended the connection"
            self._end(Unreachable(f"the connection to {self._address.shown} is over: {why}", "connect again"))

    def _end(self, error: PsmpError) -> None:
        self._over = self._over or error
        self._turn.set()
        for waiting in self._waiting.values():
            waiting.failed(self._over)
        for listener in tuple(self._listeners):
            listener.failed(self._over)


def unreachable(why: str) -> Unreachable:
    """The error for a connection that could not be made."""
    return Unreachable(why, "see whether it runs (`psmp dev`), and whether PSMP_URL and the credentials are right")
