"""Dead letters and what became of them: what lies in the stream, and what the logs say of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.jetstream import STREAM as LOG
from psmp.log.jetstream import direct_get
from psmp.rules.alerts import of_letter
from psmp.wire import letters
from psmp.wire.letters import STREAM, Letter
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import AlertRaised, LetterDropped, LetterRetried
from psmp.words.ids import SYSTEM, ProjectKey

PAGE: Final = 100


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


async def every(nats: Client, tenant: str = "*") -> list[Kept]:
    """Every letter, of one tenant's projects or all that there are, oldest first. Raises nats errors, TimeoutError."""
    told: dict[int, list[EventEnvelope]] = {}
    dead = f"{subjects.DEAD}.*.{tenant}.>" if tenant != "*" else f"{subjects.DEAD}.>"
    found = [letters.stored(message) async for message in _stored(nats, STREAM, dead)]
    patterns = [f"{subjects.LOG}.{tenant}.*.{kind}" for kind in ("letter.*", AlertRaised.KIND)]
    events = [message for pattern in patterns async for message in _stored(nats, LOG, pattern)]
    for message in sorted(events, key=lambda each: int((each.headers or {})["Nats-Sequence"])):
        envelope = open_event(message.data)
        if number := _about(envelope):
            told.setdefault(number, []).append(envelope)
    return [Kept(letter, told.get(letter.number, ())) for letter in found if letter is not None]


async def _stored(nats: Client, stream: str, pattern: str) -> AsyncIterator[Msg]:
    read = 0
    while True:
        page = await direct_get(nats, stream, {"seq": read + 1, "batch": PAGE, "next_by_subj": pattern})
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
