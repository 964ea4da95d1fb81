"""The chain as the ledger sees it: what a message says of its own place, and whether it stands where it says. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic_core import from_json

from psmp.log.view import Head
from psmp.words.ids import ProjectKey


class Flaw(StrEnum):
    """What can be wrong with one record of a ledger; the numbers are the steps of ``psmp.store.verify``."""

    GAP = "gap"
    """1: its number is not the next one."""
    LEAF = "leaf"
    """2: its hash is not that of its bytes."""
    PREV = "prev"
    """3: it does not name the hash of the record before it."""
    CLAIM = "claim"
    """4: its bytes are those of another project or another number, or no event at all."""
    LOG = "log"
    """5: other bytes, or none, stand in the log in its place."""
    UNRECORDED = "unrecorded"
    """6: the log holds it and the ledger does not."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an event's bytes say of their own place."""

    subject: str
    sequence: int
    prev: str

    @classmethod
    def read(cls, body: bytes) -> Self | None:
        """The claim in an event's bytes; None when they are not an event's."""
        try:
            match from_json(body):
                case {"subject": str(subject), "sequence": int(sequence), "prev": str(prev)}:
                    return cls(subject, sequence, prev)
        except ValueError:
            pass
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """One flaw at one place: what should be there and what is."""

    key: ProjectKey
    sequence: int
    position: int
    flaw: Flaw
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"event {self.sequence} of {self.key} at position {self.position}"
        return f"{place}: {self.flaw}, expected {self.expected}, found {self.found}"


def extend(key: ProjectKey, head: Head, position: int, body: bytes, leaf: str) -> Head | Fault:
    """The chain with one more record, whose hash is ``leaf``; or what is wrong with it (``PREV`` or ``CLAIM``)."""
    claim = Claim.read(body)
    if claim is None:
        return Fault(key, head.sequence + 1, position, Flaw.CLAIM, f"event {head.sequence + 1} of {key}", "no event")
    if (claim.subject, claim.sequence) != (str(key), head.sequence + 1):
        expected, found = f"event {head.sequence + 1} of {key}", f"event {claim.sequence} of {claim.subject}"
        return Fault(key, head.sequence + 1, position, Flaw.CLAIM, expected, found)
    if claim.prev != head.leaf:
        return Fault(key, claim.sequence, position, Flaw.PREV, head.leaf, claim.prev)
    return Head(position, claim.sequence, leaf)
