"""What an agent keeps of its outcomes: each receipt is held against what it came with, and written to a file."""

from pathlib import Path
from typing import TextIO

from psmp.client.errors import Invalid, NotKept
from psmp.client.results import Settled
from psmp.words.envelope import EventEnvelope, leaf_hash
from psmp.words.receipt import NoReceipt, Receipt, packed, unpacked
from psmp.words.strict import Fault


def received(header: str | None, envelope: EventEnvelope, raw: bytes) -> Receipt | str | None:
    """The receipt that came with the event in ``raw``; why it is none for that event; None when there came none.

    Whether its signature holds is for ``psmp receipts`` to say: this needs no cryptography.
    """
    if header is None:
        return None
    try:
        receipt = unpacked(header)
    except NoReceipt as error:
        return str(error)
    if receipt.key != envelope.key:
        return f"it is for a record of {receipt.key}, not of {envelope.key}"
    if receipt.sequence != envelope.sequence:
        return f"it is for record {receipt.sequence}, not {envelope.sequence}"
    if receipt.leaf != leaf_hash(raw):
        return f"it is for a record {envelope.sequence} of other bytes: leaf {receipt.leaf}, not {leaf_hash(raw)}"
    return receipt


class Receipts:
    """Keeps receipts in a file, one JSON string a line, behind those that are in it; in none without a ``path``."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def open(self) -> None:
        """Raises ``Invalid`` when the file cannot be written to."""
        if self._path is None:
            return
        try:
            self._file = self._path.open("a", encoding="ascii")
        except OSError as error:
            raise Invalid([Fault("/receipts", f"{self._path} cannot be written: {error.strerror}")]) from None

    def keep(self, settled: Settled) -> None:
        """Write the receipt of an outcome down, if it has one; raises ``NotKept``."""
        if self._file is None or settled.receipt is None:
            return
        try:
            self._file.write(packed(settled.receipt.note) + "\n")  # one write: other processes may append as well
            self._file.flush()
        except (OSError, ValueError) as error:
            raise NotKept(settled, f"{self._path}: {error}") from None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
