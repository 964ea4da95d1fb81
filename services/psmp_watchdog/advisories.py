"""What the broker gives up becomes a dead letter: it reports a message that nobody answered however often it came."""

import json
from typing import Final

import structlog

from psmp.log.jetstream import direct_get
from psmp.wire.assets import CONSUMERS, service_of
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done, Origin, Outcome, bury
from psmp.words import subjects
from psmp.words.ids import ProjectKey

LOG: Final = structlog.get_logger()


def lane(_: Delivery) -> ProjectKey | None:
    """No report waits for another."""
    return None


class Advisories:
    """Buries what the reports name, in the name of whoever was to handle it; what is buried already stays so.

    A report is made once and may be lost, so whoever handles messages also gives up by itself what is delivered for the
    last time. A report then tells only of what was never delivered so often to anybody who lived.
    """

    def __init__(self, nats: MendedClient) -> None:
        self._nats = nats
        self._known = {(stream, str(config["name"])) for stream, config in CONSUMERS}

    async def handle(self, delivery: Delivery) -> Outcome:
        """One report to a dead letter."""
        said = json.loads(delivery.body)
        stream, consumer, position = str(said["stream"]), str(said["consumer"]), int(said["stream_seq"])
        about = {"stream": stream, "consumer": consumer, "position": position}
        if (stream, consumer) not in self._known:
            LOG.warning("not_ours", **about)
            return Done()
        message = await self._original(stream, position)
        if message is None:
            LOG.error("lost_before_it_was_buried", **about)
            return Done()
        tries = int(said["deliveries"])
        given_up = Delivery(message, position, tries)
        origin = Origin(service_of(consumer), stream, consumer)
        reason = f"the broker delivered it {tries} times, and nobody answered"
        if await bury(self._nats, origin, given_up, reason, _project(message.subject)):
            LOG.error("dead_letter", reason=reason, subject=message.subject, **about)
        return Done()

    async def _original(self, stream: str, position: int) -> Message | None:
        """The message itself; None when its stream has it no more."""
        found = await direct_get(self._nats, stream, {"seq": position, "batch": 1, "next_by_subj": ">"})
        for message in found:
            headers = message.headers or {}
            if int(headers["Nats-Sequence"]) == position:
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                return Message(headers["Nats-Subject"], "", message.data, f"NATS/1.0\r\n{lines}\r\n".encode())
        return None


def _project(subject: str) -> ProjectKey | None:
    """The project that a message of any of our streams is about."""
    if command := subjects.read_command(subject):
        return command.key
    if subject.startswith(f"{subjects.LOG}."):
        return subjects.read_log(subject)[0]
    letter = subjects.read_dead_letter(subject)
    return letter.key if letter else None
