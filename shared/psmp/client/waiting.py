"""One message that was sent and what has come back of it: everything that the wait for it needs to know."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from nats.aio.msg import Msg

from psmp.client.errors import PsmpError

_NOBODY: Final = "503"
_FIRST: Final = 0.5
_FIRST_STORED: Final = 2.0
_FIRST_NOBODY: Final = 0.1
_LONGEST: Final = 15.0
_LONGEST_NOBODY: Final = 1.0


@dataclass(slots=True, eq=False)
class Waiting:
    """What is known of a message to ``subject``.

    ``due``: it must be sent (again) now. ``reply`` is what the receiver answered, for a command the acknowledgement
    that it is stored. ``outcome`` is the position and the bytes of the event that settled a command. ``why`` says what
    stood in the way last.
    Invariant: whatever changes here sets ``stirred``.
    """

    subject: str
    due: bool = True
    tries: int = 0
    reply: bytes | None = None
    outcome: tuple[int | None, bytes] | None = None
    error: PsmpError | None = None
    nobody: bool = False
    why: str = "nothing came back"
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def replied(self, message: Msg) -> None:
        """Something came back on the way that was given for replies."""
        if message.headers and message.headers.get("Status") == _NOBODY and not message.data:
            self.nobody, self.why = True, "nobody there takes it"
        else:
            self.nobody, self.reply = False, message.data
        self.stirred.set()

    def settled(self, position: int | None, raw: bytes) -> None:
        """The outcome came."""
        self.outcome = position, raw
        self.stirred.set()

    def failed(self, error: PsmpError) -> None:
        """It can never be answered."""
        self.error = error
        self.stirred.set()

    def renewed(self) -> None:
        """There is a new connection: what was under way on the old one may be lost."""
        self.due = True
        self.stirred.set()

    def pause(self) -> float:
        """Seconds until it is sent again: they double, and are most when the message is known to be stored."""
        doubled = 2.0 ** max(self.tries - 1, 0)
        if self.nobody:
            return min(_FIRST_NOBODY * doubled, _LONGEST_NOBODY)
        return min((_FIRST if self.reply is None else _FIRST_STORED) * doubled, _LONGEST)

    async def change(self) -> None:
        """Wait until something has changed or it is time to send again."""
        try:
            async with asyncio.timeout(self.pause()):
                await self.stirred.wait()
        except TimeoutError:
            self.due = True
        self.stirred.clear()
