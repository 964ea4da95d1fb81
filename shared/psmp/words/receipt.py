"""A receipt: the promise that a record stands at a place of a project's log, as a note spells it. Signs nothing."""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Final, Self

from psmp.words.ids import ID_PATTERN, ProjectKey

HEADER: Final = "Psmp-Receipt"
"""The header in which the outcome of a command brings its receipt, as ``packed`` writes it."""

FIRST: Final = "psmp receipt v1"
"""The first line of a receipt's text: no checkpoint begins so, nor anything else that is signed."""

_ID: Final = ID_PATTERN.strip("^$")
_ORIGIN: Final = re.compile(rf"^[a-z0-9][a-z0-9.-]*/({_ID})/({_ID})\Z")
_SEQUENCE: Final = re.compile(r"^[1-9][0-9]{0,18}\Z", re.ASCII)
_LEAF: Final = re.compile(r"^[A-Za-z0-9+/]{43}=\Z")


class NoReceipt(ValueError):
    """This is not a receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Record ``sequence`` of the log ``origin`` has this ``leaf`` (hex).

    ``note`` is the signed note that it was read in, empty where it was in none. Whether its signatures hold is another
    question, which ``psmp.ledger.receipts`` answers.
    """

    origin: str
    sequence: int
    leaf: str
    note: str = field(default="", compare=False, repr=False)

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{FIRST}\n{self.origin}\n{self.sequence}\n{b64encode(bytes.fromhex(self.leaf)).decode()}\n"

    @property
    def key(self) -> ProjectKey:
        """The project whose log it is."""
        _, tenant, project = self.origin.split("/")
        return ProjectKey(tenant, project)

    @classmethod
    def read(cls, note: str) -> Self:
        """The receipt in a note, or in the text of one; raises ``NoReceipt``."""
        text, _, _ = note.partition("\n\n")
        match text.removesuffix("\n").split("\n"):
            case [first, origin, sequence, leaf] if (
                first == FIRST and _ORIGIN.match(origin) and _SEQUENCE.match(sequence) and _LEAF.match(leaf)
            ):
                found = cls(origin, int(sequence), b64decode(leaf).hex(), note)
                if f"{text.removesuffix(chr(10))}\n" == found.text:  # a last letter of base64 has spellings to spare
                    return found
        raise NoReceipt(f"not a receipt: {note[:200]!r}")


def packed(note: str) -> str:
    """A note on one line of ASCII, as a header carries it and a file of receipts keeps it: a JSON string."""
    return json.dumps(note)


def unpacked(line: str) -> Receipt:
    """The receipt in what ``packed`` wrote; raises ``NoReceipt``."""
    try:
        note = json.loads(line)
    except ValueError:
        note = None
    if not isinstance(note, str):
        raise NoReceipt(f"not a receipt on one line: {line[:200]!r}")
    return Receipt.read(note)
