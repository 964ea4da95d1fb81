"""The log as services see it: linear per project, append-only, conditional."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from psmp.words.envelope import EventEnvelope
from psmp.words.ids import ProjectKey

LARGEST: Final = 1_000_000
"""Bytes of an event, at most. With its headers it must fit in a NATS message of 1 MiB."""


MOST_AT_ONCE: Final = 200
"""So many events are stored together, at most."""


class Draft(NamedTuple):
    """An event that is to be stored: its kind and its exact bytes."""

    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One stored message: where in the stream, whose, of which kind (``artifact.declared``), and its exact bytes.

    ``opened`` is what the bytes spell, where somebody has read them already.
    """

    position: int
    key: ProjectKey
    kind: str
    body: bytes
    opened: EventEnvelope | None = field(default=None, compare=False, repr=False)


class Outpaced(Exception):
    """Another writer was first: the project's last position is not the expected one. Fold what is new, decide again."""

    def __init__(self, key: ProjectKey, expected: int) -> None:
        super().__init__(f"{key} has moved on from position {expected}")
        self.key, self.expected = key, expected


class Unreachable(Exception):
    """The log did not answer in time. Whether the append was stored is unknown; deciding again finds out."""

    def __init__(self, key: ProjectKey, why: str) -> None:
        super().__init__(f"the log of {key} did not answer: {why}")
        self.key = key


class TooLarge(ValueError):
    """An event of more bytes than the log takes; trying again is vain."""

    def __init__(self, key: ProjectKey, kind: str, size: int) -> None:
        super().__init__(f"{kind} of {key} has {size} bytes, the log takes {LARGEST}")
        self.key = key


class Damaged(Exception):
    """A project's log has a gap or a wrong link. The project stops; nothing is guessed."""

    def __init__(self, key: ProjectKey, position: int, why: str) -> None:
        super().__init__(f"the log of {key} is damaged at position {position}: {why}")
        self.key, self.position = key, position
        self.hint = "stop writers, run `psmp verify` and restore the log before anything else is decided"


class EventLog(Protocol):
    """Every project's log.

    Invariant: of two appends that expect the same position at most one is ever stored.
    Invariant: what ``append`` has returned for is on disk.
    """

    async def append(self, key: ProjectKey, kind: str, body: bytes, *, expected: int) -> int:
        """Store ``body`` if ``expected`` is the project's last position (0: none); the new position.

        Raises ``Outpaced`` when it is not, ``Unreachable`` when the outcome cannot be learned in time and ``TooLarge``.
        A first try that was stored though its answer was lost is found again and counts.
        """
        ...

    async def append_all(self, key: ProjectKey, events: Sequence[Draft], *, expected: int) -> list[int]:
        """Store several events of a project one behind the other, or none of them; their positions.

        They are ``MOST_AT_ONCE`` at most, and one at least. Raises as ``append`` does.
        """
        ...

    def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        """The project's records behind position ``after``, in order, at most ``limit``, up to the end as it is now."""
        ...
