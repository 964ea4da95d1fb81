"""What becomes of a message is data: a handler answers done, later or never, and ``settle`` tells JetStream."""

import json
from dataclasses import dataclass
from typing import Final, NamedTuple

from nats.js.errors import APIError
from pydantic_core import from_json

from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey

SCHEDULE: Final = (1.0, 2.0, 4.0)
"""Seconds to wait after the first, second and third failure; then a message is a dead letter."""

_WRONG_LAST_SEQUENCE: Final = 10071
_TOKENS: Final = 9
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Done:
    """Handled, its effect is durable."""


@dataclass(frozen=True, slots=True)
class Later:
    """Cannot be handled now; deliver it again after ``delay`` seconds.

    The broker counts deliveries, whatever the reason: where there are many the consumer's ``max_deliver`` must be high.
    """

    delay: float


@dataclass(frozen=True, slots=True)
class Never:
    """Can never be handled: it goes to the dead letters, with the reason."""

    reason: str


Outcome = Done | Later | Never


class Origin(NamedTuple):
    """Where messages come from: the service whose they are to handle, its stream and its durable consumer."""

    service: str
    stream: str
    consumer: str


class Delivery(NamedTuple):
    """One message as a consumer delivered it; ``tries`` counts from 1, ``position`` is its stream sequence.

    ``behind`` is how many more the consumer had to deliver then. ``stored`` is when the server stored it, in ns.
    ``retried`` is when somebody said to handle it again, after it was given up; "" for nobody did.
    """

    message: Message
    position: int
    tries: int = 1
    behind: int = 0
    stored: int = 0
    retried: str = ""

    @property
    def subject(self) -> str:
        """What it was published to."""
        return self.message.subject

    @property
    def body(self) -> bytes:
        """What was published."""
        return self.message.data

    @property
    def correlation(self) -> str:
        """The id of the command at the root, as far as the bytes tell: for logs."""
        try:
            said = from_json(self.body)
        except ValueError:
            return ""
        return str(said.get("correlationid") or said.get("id") or "") if isinstance(said, dict) else ""

    @classmethod
    def of(cls, message: Message) -> "Delivery":
        """The delivery that ``message`` is.

        Its reply subject is ``$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<tries>.<position>.<sequence of the
        consumer>.<time>.<behind>``, and in the longer form there may be more.
        """
        tokens = message.reply.split(".")
        first = _TRIES if len(tokens) == _TOKENS else _TRIES + 2
        tries, position, _, stored, behind = map(int, tokens[first : first + 5])
        return cls(message, position, tries or 1, behind, stored)


async def settle(
    nats: MendedClient, origin: Origin, delivery: Delivery, outcome: Outcome, key: ProjectKey | None = None
) -> None:
    """Tell JetStream what became of ``delivery``; a dead letter is stored before the message is given up."""
    reply = delivery.message.reply
    match outcome:
        case Done():
            await nats.publish(reply, b"+ACK")
        case Later(delay):
            await nats.publish(reply, b"-NAK " + json.dumps({"delay": int(delay * 1e9)}).encode())
        case Never(reason):
            await bury(nats, origin, delivery, reason, key)
            await nats.publish(reply, b"+TERM " + reason.encode("ascii", "replace")[:200])


async def bury(
    nats: MendedClient, origin: Origin, delivery: Delivery, reason: str, key: ProjectKey | None, *, after: int = 0
) -> bool:
    """Store a dead letter: the bytes as they were, the sender's headers, where it came from and why it is here.

    However many try, a message is buried once: its letter has a subject of its own. ``after`` is the letter that was
    retried in vain; the new one comes behind it. False: it was buried already.
    """
    kept = {name: value for name, value in delivery.message.headers.items() if not name.startswith(("Nats-", "Psmp-"))}
    about = {
        "Psmp-Stream": origin.stream,
        "Psmp-Subject": _plain(delivery.subject),
        "Psmp-Position": str(delivery.position),
        "Psmp-Tries": str(delivery.tries),
        "Psmp-Reason": _plain(reason).replace("\n", " ")[:1000],
        "Nats-Expected-Last-Subject-Sequence": str(after),
    }
    subject = subjects.dead_letter(origin.service, origin.consumer, delivery.position, key)
    try:
        await nats.jetstream().publish(subject, delivery.body, headers=kept | about)
    except APIError as error:
        if error.err_code != _WRONG_LAST_SEQUENCE:
            raise
        return False
    return True


def _plain(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()
