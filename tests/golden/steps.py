"""What a golden log is told with."""

import hashlib
from dataclasses import dataclass
from typing import Final

from psmp.words.envelope import NOBODY, Person
from psmp.words.events import Event
from psmp.words.ids import uuid7

_START: Final = 1_795_255_200_000
"""21 November 2026, 10:00 UTC, in ms."""
TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass(frozen=True, slots=True)
class Step:
    """One event: who wrote it, in whose name, and how many events back is what it follows from (0: a command)."""

    service: str
    actor: str
    event: Event
    back: int = 0
    traceparent: str | None = None
    person: Person = NOBODY


def asked(actor: str, event: Event, traceparent: str | None = None, person: Person = NOBODY) -> Step:
    """What intake made of ``actor``'s command."""
    return Step("intake", actor, event, 0, traceparent, person)


def identity(number: int, salt: int) -> str:
    """The id of the event or command that stands at ``number`` of the story of this ``salt``."""
    return uuid7(_START + 1000 * number, hashlib.sha256(bytes((number, salt))).digest()[:10])


def time(number: int) -> str:
    """When it happened."""
    return f"2026-11-21T10:00:{number:02}.000000Z"
