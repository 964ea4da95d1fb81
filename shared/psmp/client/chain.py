"""A reader's place in a project's log: what it has, what comes next, and whether that links to what it has. Pure."""

from enum import Enum, auto

from psmp.client.errors import Damaged, Pruned
from psmp.client.results import Happened
from psmp.words.envelope import GENESIS, leaf_hash
from psmp.words.events import RetentionApplied
from psmp.words.ids import ProjectKey


class Next(Enum):
    """How an event relates to what was read: had already, the very next, or with others missing before it."""

    KNOWN = auto()
    NEXT = auto()
    GAP = auto()


class Cursor:
    """Where a reader is in the log of ``key``: behind the event with ``sequence``.

    Invariant: ``leaf`` is the hash of that event, None when it was never seen.
    """

    __slots__ = ("key", "leaf", "sequence")

    def __init__(self, key: ProjectKey, sequence: int) -> None:
        self.key = key
        self.sequence = sequence
        self.leaf: str | None = None if sequence else GENESIS

    def place(self, sequence: int) -> Next:
        """How an event with ``sequence`` relates to what was read."""
        if sequence <= self.sequence:
            return Next.KNOWN
        return Next.NEXT if sequence == self.sequence + 1 else Next.GAP

    def advance(self, happened: Happened) -> Happened:
        """Go behind ``happened``.

        Raises ``Damaged`` when it is not the next event or does not link to the last, ``Pruned`` where it says itself
        that all that lacks before it was pruned.
        """
        envelope = happened.envelope
        if envelope.key != self.key:
            raise Damaged(self.key, self.sequence + 1, f"an event of {envelope.key} stands there")
        event = envelope.data
        if isinstance(event, RetentionApplied) and self.sequence < event.upto == envelope.sequence - 1:
            raise Pruned(self.key, envelope, event)
        if self.place(envelope.sequence) is not Next.NEXT:
            raise Damaged(self.key, self.sequence + 1, f"event {envelope.sequence} stands there")
        if self.leaf is not None and envelope.prev != self.leaf:
            raise Damaged(self.key, envelope.sequence, "it does not link to the event before it")
        self.sequence, self.leaf = envelope.sequence, leaf_hash(happened.raw)
        return happened
