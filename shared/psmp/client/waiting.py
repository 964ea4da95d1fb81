"""One message that was sent and what has come back of it: everything that the wait for it needs to know."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from psmp.client.errors import PsmpError
from psmp.wire.message import Message

_NOBODY: Final = "503"
_NOT_STORED: Final = (0.5, 4.0)
_STORED: Final = (2.0, 15.0)
_UNTAKEN: Final = (0.1, 1.0)
_BUSY: Final = 5.0


@dataclass(slots=True, eq=False)
class Waiting:
    """What is known of a message to ``subject``.

    ``due``: it must be sent (again) now. ``reply`` is what the receiver answered, for a command the acknowledgement
    that it is stored. ``outcome`` is the position and the bytes of the event that settled a command, and its receipt.
    ``why`` says what stood in the way last. ``hasty``: the reply is what is waited for, else it only says how long to
    wait.
    Invariant: whatever changes here stirs whoever waits, but for a reply when nobody is hasty.
    """

    subject: str
    due: bool = True
    tries: int = 0
    reply: bytes | None = None
    outcome: tuple[int | None, bytes, str | None] | None = None
    error: PsmpError | None = None
    nobody: bool = False
    why: str = "nothing came back"
    hasty: bool = True
    stirred: bool = False
    sleeper: asyncio.Future[None] | None = field(default=None, repr=False)

    def replied(self, message: Message) -> None:
        """Something came back on the way that was given for replies."""
        if not message.data and message.status == _NOBODY:
            self.nobody, self.why = True, "nobody there takes it"
        else:
            self.nobody, self.reply = False, message.data
        if self.hasty or self.nobody:
            self.stir()

    def settled(self, position: int | None, raw: bytes, receipt: str | None = None) -> None:
        """The outcome came."""
        self.outcome = position, raw, receipt
        self.stir()

    def failed(self, error: PsmpError) -> None:
        """It can never be answered."""
        self.error = error
        self.stir()

    def renewed(self) -> None:
        """There is a new connection: what was under way on the old one may be lost."""
        self.due = True
        self.stir()

    def pause(self) -> float:
        """Seconds until it is sent again: they double, and are most when the message is known to be stored."""
        first, longest = _UNTAKEN if self.nobody else _NOT_STORED if self.reply is None else _STORED
        return min(first * 2.0 ** max(self.tries - 1, 0), longest)

    async def change(self, busy: Callable[[], bool]) -> None:
        """Wait until something has changed or it is time to send again.

        While others are answered the receiver is at work and this one is in its queue: ``busy`` says so, and sending
        again waits up to five times as long.
        """
        pause, known = self.pause(), self.reply
        patience = pause * _BUSY
        while patience > 0 and not self.due:
            if await self._is_stirred(pause) or self.reply is not known:
                break
            patience -= pause
            self.due = self.nobody or patience <= 0 or not busy()
        self.stirred = False

    def stir(self) -> None:
        """Wake whoever waits for a change."""
        self.stirred = True
        self._wake()

    def _wake(self) -> None:
        if self.sleeper is not None and not self.sleeper.done():
            self.sleeper.set_result(None)

    async def _is_stirred(self, within: float) -> bool:
        """Whether something changes within so many seconds; a timeout round an event costs three times as much."""
        if not self.stirred:
            loop = asyncio.get_running_loop()
            self.sleeper = loop.create_future()
            alarm = loop.call_later(within, self._wake)
            try:
                await self.sleeper
            finally:
                alarm.cancel()
        return self.stirred
