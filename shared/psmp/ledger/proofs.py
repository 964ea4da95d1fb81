"""Proofs to hand on, as text (C2SP tlog-proof): that a record is in a log, and that a log extends what it was."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import SIZE, verify_inclusion
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"^index (0|[1-9][0-9]{0,18})\Z", re.ASCII)
_EXTRA: Final = "extra "


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That record ``index`` (from 0) of a log is in the tree of a checkpoint, which is a signed note."""

    index: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        """As it is handed on, in a file that ends in ``.tlog-proof``."""
        return f"{HEADER}\nindex {self.index}\n{lines(self.proof)}\n{self.note}"

    @classmethod
    def read(cls, text: str) -> Self:
        """What was written down; raises ``Malformed``. Extra data is passed over, for nothing vouches for it."""
        head, _, note = text.partition("\n\n")
        header, *rest = head.split("\n")
        if rest and rest[0].startswith(_EXTRA):
            rest = rest[1:]
        index = _INDEX.match(rest[0]) if rest else None
        if header != HEADER or index is None:
            raise Malformed(f"a proof begins with {HEADER} and the index of the record")
        return cls(int(index[1]), tuple(map(_hash, rest[1:])), note)

    def verify(self, leaf_hash: bytes, trusted: Collection[Verifier]) -> Checkpoint:
        """The checkpoint that covers the record with this hash; raises ``Malformed`` and ``Untrusted``."""
        note = Note.read(self.note.encode())
        checkpoint = Checkpoint.read(note.text)
        if not note.signed_by(trusted):
            raise Untrusted("no key that is trusted has signed the checkpoint")
        if not verify_inclusion(leaf_hash, self.index, checkpoint.size, self.proof, checkpoint.root):
            raise Untrusted(f"the record is not number {self.index + 1} of {checkpoint.origin}")
        return checkpoint


def lines(proof: Collection[bytes]) -> str:
    """Hashes, one a line in base64."""
    return "".join(f"{b64encode(each).decode()}\n" for each in proof)


def consistency(older: int, proof: Collection[bytes], note: str) -> str:
    """That the checkpoint extends the log's first ``older`` records, in the form of tlog-witness."""
    return f"old {older}\n{lines(proof)}\n{note}"


def _hash(line: str) -> bytes:
    try:
        found = b64decode(line, validate=True)
    except NotBase64 as error:
        raise Malformed("a line of proof is base64") from error
    if len(found) != SIZE:
        raise Malformed(f"a line of proof is one hash of {SIZE} bytes")
    return found
