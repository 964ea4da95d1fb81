"""Dead letters as an operator sees them: what lies in the stream, and what the logs say became of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.log.jetstream import STREAM as LOG
from psmp.log.jetstream import direct_get
from psmp.rules.alerts import of_letter
from psmp.wire import letters
from psmp.wire.connection import Address, connect
from psmp.wire.letters import STREAM, Letter
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import AlertRaised, LetterDropped, LetterRetried
from psmp.words.ids import SYSTEM, ProjectKey

PAGE: Final = 100
INBOX: Final = "_INBOX_operator"
"""Where the operator's connections hear answers."""
_TOLD: Final = (f"{subjects.LOG}.*.*.letter.*", f"{subjects.LOG}.*.*.{AlertRaised.KIND}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A dead letter and what the logs say of it, in order."""

    letter: Letter
    history: Sequence[EventEnvelope] = ()

    @property
    def state(self) -> str:
        """``waiting``, ``retried`` or ``dropped``; ``unseen`` when no alert was raised for it yet."""
        match self.history[-1].data if self.history else None:
            case LetterRetried():
                return "retried"
            case LetterDropped():
                return "dropped"
            case None:
                return "unseen"
        return "waiting"

    @property
    def desk(self) -> ProjectKey:
        """The project in whose log it is decided what becomes of it."""
        return self.history[-1].key if self.history else self.letter.key or SYSTEM


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The dead letters, and the address by which they are seen."""

    nats: MendedClient
    address: Address

    async def all(self) -> list[Kept]:
        """Every letter, oldest first; raises ``Complaint`` when the server does not say."""
        told: dict[int, list[EventEnvelope]] = {}
        try:
            found = [letters.stored(message) async for message in self._every(STREAM, f"{subjects.DEAD}.>")]
            events = [message for pattern in _TOLD async for message in self._every(LOG, pattern)]
        except (NatsError, TimeoutError) as error:
            why = f"NATS does not show the dead letters: {str(error) or type(error).__name__}"
            raise Complaint(Exit.UNREACHABLE, why, "psmp doctor, with an operator's credentials") from None
        for message in sorted(events, key=lambda each: int((each.headers or {})["Nats-Sequence"])):
            envelope = open_event(message.data)
            if number := _about(envelope):
                told.setdefault(number, []).append(envelope)
        return [Kept(letter, told.get(letter.number, ())) for letter in found if letter is not None]

    async def one(self, number: int) -> Kept:
        """The letter of that number; raises ``Complaint`` when there is none."""
        for kept in await self.all():
            if kept.letter.number == number:
                return kept
        raise Complaint(Exit.NOT_FOUND, f"there is no dead letter {number}", "psmp dlq list shows those that there are")

    async def _every(self, stream: str, pattern: str) -> AsyncIterator[Msg]:
        read = 0
        while True:
            page = await direct_get(self.nats, stream, {"seq": read + 1, "batch": PAGE, "next_by_subj": pattern})
            for message in page:
                yield message
            if len(page) < PAGE:
                return
            read = int((page[-1].headers or {})["Nats-Sequence"])


def _about(envelope: EventEnvelope) -> int:
    """The number of the letter that an event tells of; 0 when it tells of none."""
    match envelope.data:
        case LetterRetried(letter=number) | LetterDropped(letter=number):
            return number
        case AlertRaised(alert=name):
            _, _, number_ = name.partition("letter-")
            return int(number_) if number_.isdecimal() and name == of_letter(int(number_)) else 0
    return 0


@asynccontextmanager
async def opened(servers: Servers) -> AsyncIterator[Letterbox]:
    """The dead letters, for the length of a block; raises ``Complaint`` when nothing says where they are."""
    found = servers.found()
    if found.nats_url is None:
        raise Complaint(Exit.USAGE, "nobody said where NATS is", "start psmp dev, or set PSMP_NATS_URL (an operator's)")
    address = servers.address(found.nats_url)
    nats = await connect(address, "psmp-dlq", inbox=INBOX)
    try:
        yield Letterbox(nats, address)
    finally:
        await nats.close()
