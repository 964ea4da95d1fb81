"""Requests by the hundred: each answer goes to a function, with no task and no timer for each that waits."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Final

from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from psmp.wire.mended import Headers, MendedClient
from psmp.wire.message import Message

_NOBODY: Final = "503"

Answer = Message | NatsError | TimeoutError
"""What became of a request: answered, in vain, or not known."""

Then = Callable[[Answer], None]


class Asking:
    """Asks over ``nats``; every answer comes within ``within`` seconds, or ``TimeoutError`` does.

    Invariant: ``_open`` has the requests in the order in which they were sent, so the first is given up first.
    """

    def __init__(self, nats: MendedClient, within: float) -> None:
        self._nats = nats
        self._within = within
        self._open: dict[str, tuple[float, Then]] = {}
        self._inbox = ""
        self._numbers = count()
        self._alarm: asyncio.TimerHandle | None = None

    async def ready(self) -> None:
        """Until answers can reach us."""
        if not self._inbox:
            self._inbox = self._nats.new_inbox()
            await self._nats.listen(f"{self._inbox}.*", self._answered)

    def ask(self, subject: str, body: bytes, headers: Headers, then: Then) -> None:
        """Send a request; ``then`` hears, once and not before this has returned, what became of it."""
        loop = asyncio.get_running_loop()
        number = f"{next(self._numbers):x}"
        try:
            self._nats.send(subject, body, f"{self._inbox}.{number}", headers)
        except NatsError as error:
            loop.call_soon(then, error)
            return
        self._open[number] = (loop.time() + self._within, then)
        if self._alarm is None:
            self._alarm = loop.call_later(self._within, self._give_up)

    def _answered(self, message: Message) -> None:
        waiting = self._open.pop(message.subject.rpartition(".")[2], None)
        if waiting is not None:
            nobody = not message.data and message.status == _NOBODY
            waiting[1](NoRespondersError() if nobody else message)

    def _give_up(self) -> None:
        """Give up what has waited too long, and look again when the next one will have."""
        loop = asyncio.get_running_loop()
        self._alarm = None
        while self._open:
            number, (due, then) = next(iter(self._open.items()))
            if due > loop.time():
                self._alarm = loop.call_at(due, self._give_up)
                return
            del self._open[number]
            then(TimeoutError())
