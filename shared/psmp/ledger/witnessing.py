"""What a witness makes of a checkpoint that is submitted to it (C2SP tlog-witness, ``add-checkpoint``). Pure.

1. The submission can be read, and starts from no more records than it has: else 400.
2. Its log is known: else 404.
3. A trusted key of the log has signed it, and none of theirs is wrong: else 403.
4. It starts from what was cosigned last of that log: else 409, with the size of that.
5. With as many records, it has the same root: else 409.
6. It is proved to begin with what was cosigned last (RFC 6962, 2.1.2): else 422.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import EMPTY, SIZE, verify_consistency
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier

SIZE_TYPE: Final = "text/x.tlog.size"
"""The type of an answer that is the size of what was cosigned last."""

LARGEST: Final = 65_536
"""Bytes of a submission."""

_MOST_PROOF: Final = 63
_OLD: Final = re.compile(rb"^old (0|[1-9][0-9]{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Rejected:
    """No, as HTTP says it."""

    status: int
    text: str
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that it extends that of ``older`` records."""

    older: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The body of a request; raises ``Malformed``."""
        head, empty, raw = body.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        old = _OLD.match(first)
        if not empty or old is None or len(lines) > _MOST_PROOF:
            raise Malformed("a submission is an old size line, at most 63 lines of proof, an empty line, a checkpoint")
        note = Note.read(raw)
        return cls(int(old[1]), tuple(map(_hash, lines)), note, Checkpoint.read(note.text))


def keys_for(origin: str, trusted: Iterable[Verifier]) -> list[Verifier]:
    """The keys of a log: those named as it is, or as a deployment that it is below of."""
    return [key for key in trusted if origin == key.name or origin.startswith(f"{key.name}/")]


def judge(submission: Submission, keys: Sequence[Verifier], seen: Checkpoint | None) -> Checkpoint | Rejected:
    """The checkpoint to cosign, given the log's keys and what was cosigned last of it. The numbers are the module's."""
    checkpoint = submission.checkpoint
    before = seen or Checkpoint(checkpoint.origin, 0, EMPTY)
    if submission.older > checkpoint.size:  # 1
        return Rejected(400, "it starts from more records than it has\n")
    if not keys:  # 2
        return Rejected(404, "this log is not known here\n")
    try:
        if not submission.note.signed_by(keys):  # 3
            return Rejected(403, "no key of this log that is trusted here has signed it\n")
    except Untrusted as error:
        return Rejected(403, f"{error}\n")
    if submission.older != before.size:  # 4
        return Rejected(409, f"{before.size}\n", SIZE_TYPE)
    if checkpoint.size == before.size and checkpoint.root != before.root:  # 5
        return Rejected(409, "another root was cosigned for this size\n")
    proof = submission.proof
    if not verify_consistency(before.size, checkpoint.size, before.root, checkpoint.root, proof):  # 6
        return Rejected(422, "the proof does not show that it begins with what was cosigned last\n")
    return checkpoint


def _hash(line: bytes) -> bytes:
    try:
        found = b64decode(line, validate=True)
    except NotBase64 as error:
        raise Malformed("a line of proof is base64") from error
    if len(found) != SIZE or b64encode(found) != line:
        raise Malformed(f"a line of proof is one hash of {SIZE} bytes")
    return found
