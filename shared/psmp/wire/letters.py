"""Dead letters as they lie in ``PSMP_DLQ``: read back, and made into the message that they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.jetstream import direct_get
from psmp.wire.mended import written
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Origin
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM: Final = "PSMP_DLQ"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was given up: ``number`` is its sequence in ``PSMP_DLQ``, ``time`` when it came there.

    ``subject``, ``position`` and ``body`` are the message's own, ``headers`` those of its sender; ``origin`` is who was
    to handle it, without a consumer where an older version wrote the letter.
    """

    number: int
    origin: Origin
    key: ProjectKey | None
    subject: str
    position: int
    tries: int
    reason: str
    body: bytes
    headers: Mapping[str, str]
    time: str = ""

    def again(self, asked: Delivery, time: str) -> Delivery:
        """The message, delivered once more: ``asked`` asks for it since ``time``, and hears what becomes of it."""
        message = Message(self.subject, asked.message.reply, self.body, written(self.headers) if self.headers else b"")
        return Delivery(message, self.position, self.tries + asked.tries, asked.behind, retried=time)


def opened(number: int, subject: str, headers: Mapping[str, str], body: bytes) -> Letter | None:
    """A letter as a message of ``PSMP_DLQ`` spells it; None when it is not by the grammar."""
    found = subjects.read_dead_letter(subject)
    if found is None:
        return None
    return Letter(
        number=number,
        origin=Origin(found.service, headers.get("Psmp-Stream", ""), found.consumer),
        key=found.key,
        subject=headers.get("Psmp-Subject", ""),
        position=int(headers.get("Psmp-Position", 0)),
        tries=int(headers.get("Psmp-Tries", 0)),
        reason=headers.get("Psmp-Reason", ""),
        body=body,
        headers={name: value for name, value in headers.items() if not name.startswith(("Nats-", "Psmp-"))},
        time=headers.get("Nats-Time-Stamp", ""),
    )


async def fetch(nats: Client, number: int) -> Letter | None:
    """The letter of that number; None when there is none. Raises nats errors and ``TimeoutError``."""
    found = await direct_get(nats, STREAM, {"seq": number, "batch": 1, "next_by_subj": f"{subjects.DEAD}.>"})
    return next((letter for letter in map(stored, found) if letter is not None and letter.number == number), None)


def stored(message: Msg) -> Letter | None:
    """A letter as a direct get finds it."""
    headers = message.headers or {}
    return opened(int(headers["Nats-Sequence"]), headers["Nats-Subject"], headers, message.data)
