"""Checkpoints (C2SP tlog-checkpoint): what a log was at one size, as the text of a signed note."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Final, Self

from psmp.ledger.merkle import SIZE
from psmp.ledger.notes import Malformed

_DECIMAL: Final = re.compile(r"^(0|[1-9][0-9]{0,18})\Z", re.ASCII)
_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first ``size`` records of the log ``origin`` have this ``root`` (RFC 6962)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """The checkpoint in a note's text; raises ``Malformed``. Extension lines are refused: we make none."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) != _LINES or not all(lines) or not _DECIMAL.match(lines[1]):
            raise Malformed(f"not a checkpoint: {text!r}")
        try:
            root = b64decode(lines[2], validate=True)
        except NotBase64 as error:
            raise Malformed(f"not a checkpoint: {text!r}") from error
        if len(root) != SIZE:
            raise Malformed(f"not a checkpoint: its root has {len(root)} bytes, not {SIZE}")
        return cls(lines[0], int(lines[1]), root)
