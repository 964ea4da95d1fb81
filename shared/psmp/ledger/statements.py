"""In-toto statements about a project: a Simple Verification Result over the head of its log and its bill of materials.

The first subject is the text of the signed checkpoint that covers what is stated, the three lines ahead of the
signatures: its SHA-256 is what ``sha256sum`` and cosign take of them. The second is the bill of materials, byte for
byte.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from pydantic_core import to_json

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed

STATEMENT: Final = "https://in-toto.io/Statement/v1"
SVR: Final = "https://in-toto.io/attestation/svr/v0.1"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something a statement is about, by the SHA-256 of its bytes."""

    name: str
    content: bytes


def verified(
    checkpoint: Checkpoint, bill: Subject, properties: Sequence[str], *, verifier: str, time: str, position: int
) -> bytes:
    """The statement, as JSON: at ``time`` these properties were found to hold of the log that ``checkpoint`` covers.

    ``verifier`` is the URI of who looked. Raises ``Malformed`` where there is nothing to state.
    """
    if not properties:
        raise Malformed("a statement states something")
    document = {
        "_type": STATEMENT,
        "subject": [
            {
                "name": f"{checkpoint.origin}/checkpoint",
                "digest": {"sha256": sha256(checkpoint.text.encode()).hexdigest()},
                "annotations": {
                    "origin": checkpoint.origin,
                    "size": checkpoint.size,
                    "root": b64encode(checkpoint.root).decode(),
                    "position": position,
                },
            },
            {"name": bill.name, "digest": {"sha256": sha256(bill.content).hexdigest()}},
        ],
        "predicateType": SVR,
        "predicate": {"verifier": {"id": verifier}, "timeCreated": time, "properties": sorted(properties)},
    }
    return to_json(document)
