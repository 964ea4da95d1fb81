"""Live events as NATS brings them: at most once, in a bounded buffer that says aloud when something may be missing."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from pydantic import ValidationError

from psmp.client.errors import NoAnswer, PsmpError, Unreadable
from psmp.client.link import Link
from psmp.client.results import Checking, Happened
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.progress import CheckProgress
from psmp.words.sealed import revealed
from psmp.words.strict import Malformed

HELD: Final = 4096
HELD_BYTES: Final = 32 * 1024 * 1024
LOG_STREAM: Final = "PSMP_LOG"
_STREAM: Final = "Nats-Stream"
_SEQUENCE: Final = "Nats-Sequence"


class Feed:
    """A ``Listener`` that keeps what came until it is taken.

    Invariant: whenever messages may have been lost (a full buffer, a new connection), ``take`` says so when it has
    handed out what it has. Unless ``stored`` is false it takes only what the log republished.
    """

    def __init__(self, held: int = HELD, held_bytes: int = HELD_BYTES, *, stored: bool = True) -> None:
        self._held, self._held_bytes, self._stored = held, held_bytes, stored
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._missed = False
        self._error: PsmpError | None = None
        self._stirred = asyncio.Event()

    async def take(self, idle: float | None = None) -> Message | None:
        """The next message; None when some may be missing, or after ``idle`` seconds without any."""
        while True:
            self._stirred.clear()
            if self._messages:
                message = self._messages.popleft()
                self._bytes -= len(message.data)
                return message
            if self._error is not None:
                raise self._error.with_traceback(None)
            if self._missed:
                self._missed = False
                return None
            try:
                async with asyncio.timeout(idle):
                    await self._stirred.wait()
            except TimeoutError:
                return None

    def heard(self, message: Message) -> None:
        """See ``Listener``. What the log did not republish is no event: a peer can have answers to itself sent here."""
        if self._stored and message.headers.get(_STREAM) != LOG_STREAM:
            return
        if len(self._messages) >= self._held or self._bytes + len(message.data) > self._held_bytes:
            self._missed = True
        else:
            self._messages.append(message)
            self._bytes += len(message.data)
        self._stirred.set()

    def failed(self, error: PsmpError) -> None:
        """See ``Listener``."""
        self._error = error
        self._stirred.set()

    def renewed(self) -> None:
        """See ``Listener``."""
        self._missed = True
        self._stirred.set()


async def subscribe(link: Link, subject: str, within: float | None = None, *, stored: bool = True) -> Feed:
    """A feed of what is said on ``subject`` from now on, until ``link.unlisten``.

    Raises ``NotAllowed``, and ``NoAnswer`` after ``within`` seconds.
    """
    feed = Feed(stored=stored)
    try:
        async with asyncio.timeout(within):
            await link.listen(subject, feed)
    except TimeoutError:
        raise NoAnswer(f"the subscription to {subject}", link.trouble or "not connected to NATS") from None
    return feed


@asynccontextmanager
async def listening(link: Link, subject: str) -> AsyncIterator[Feed]:
    """A feed for as long as the block runs."""
    feed = await subscribe(link, subject)
    try:
        yield feed
    finally:
        await link.unlisten(feed)


def happened(message: Message) -> Happened:
    """The event in a message that the log republished; raises ``Unreadable``."""
    position = message.headers.get(_SEQUENCE, "0")
    return opened(int(position), message.data)


def checking(message: Message) -> Checking | None:
    """The progress in a message; None where there is none, for a peer can have an answer to itself sent there."""
    try:
        progress = CheckProgress.model_validate_json(message.data)
    except ValidationError:
        return None
    return Checking(subjects.read_progress(message.subject).project, progress)


def opened(position: int, raw: bytes, said: Mapping[str, str] | None = None) -> Happened:
    """The event in stored bytes, its sealed texts opened where it is ``said`` what they say; raises ``Unreadable``."""
    try:
        return Happened(position, open_event(revealed(raw.decode(), said).encode() if said else raw), raw)
    except Malformed as fault:
        raise Unreadable(f"the event at position {position}", str(fault)) from None
