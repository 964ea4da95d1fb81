"""In-toto statements about a settled graph of agents: a Simple Verification Result over its WRAP and its checkpoint.

The first subject is the text of the checkpoint that the WRAP names, as in ``psmp.ledger.statements``; the second is the
WRAP itself as JSON: the graph's hash, the root and every outcome under it.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from pydantic_core import to_json

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed
from psmp.ledger.statements import STATEMENT, SVR, Subject

SETTLED: Final = "PSMP_MAEG_SETTLED_ONCE"
PROVED: Final = "PSMP_MAEG_OUTCOMES_PROVED"
IN_TURN: Final = "PSMP_MAEG_EVERY_FACT_IN_TURN"


def settled(checkpoint: Checkpoint, wrap: Subject, properties: Sequence[str], *, verifier: str, time: str) -> bytes:
    """The statement, as JSON: at ``time`` these properties were found to hold of the graph that ``wrap`` settles.

    ``verifier`` is the URI of who looked. Raises ``Malformed`` where there is nothing to state.
    """
    if not properties:
        raise Malformed("a statement states something")
    root = b64encode(checkpoint.root).decode()
    head = {
        "name": f"{checkpoint.origin}/checkpoint",
        "digest": {"sha256": sha256(checkpoint.text.encode()).hexdigest()},
        "annotations": {"origin": checkpoint.origin, "size": checkpoint.size, "root": root},
    }
    document = {
        "_type": STATEMENT,
        "subject": [head, {"name": wrap.name, "digest": {"sha256": sha256(wrap.content).hexdigest()}}],
        "predicateType": SVR,
        "predicate": {"verifier": {"id": verifier}, "timeCreated": time, "properties": sorted(properties)},
    }
    return to_json(document)
