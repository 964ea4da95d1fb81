"""Retried letters: a ``letter.retried`` that a worker is delivered stands for the very message that was given up."""

from dataclasses import dataclass

import structlog
from nats.aio.client import Client

from psmp.wire import letters
from psmp.wire.letters import Letter
from psmp.wire.settle import Delivery
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.events import LetterRetried

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retried:
    """The message that is to be handled, and the letter that it comes from."""

    message: Delivery
    letter: Letter


def is_retry(delivery: Delivery) -> bool:
    """Whether the delivery is an event that asks for a retry."""
    return delivery.subject.startswith(f"{subjects.LOG}.") and delivery.subject.endswith(f".{LetterRetried.KIND}")


async def retried(nats: Client, delivery: Delivery, consumer: str) -> Retried | None:
    """What is to be handled again of what was given up of ``consumer``; None where the letter is another's or gone.

    A letter about a retry, which nobody answered, stands for what was to be retried. Raises nats errors and
    ``TimeoutError``.
    """
    message, time = delivery, open_event(delivery.body).time
    while True:
        event = open_event(message.body).data
        number = event.letter if isinstance(event, LetterRetried) else 0
        letter = await letters.fetch(nats, number)
        if letter is None:
            LOG.error("no_such_letter", letter=number, correlation=delivery.correlation)
            return None
        message = letter.again(delivery, time)
        if not is_retry(message):
            return Retried(message, letter) if letter.origin.consumer == consumer else None
