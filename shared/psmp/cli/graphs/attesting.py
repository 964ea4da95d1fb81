"""The statement of a settlement that was proved from a bundle."""

from dataclasses import dataclass

from psmp.cli.graphs.proving import Proved
from psmp.ledger import settlements
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.statements import Subject
from psmp.rules.attested import LOG_VERIFIED, SIGNED


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement, and what it is about: the WRAP as JSON and the text of its checkpoint."""

    statement: bytes
    wrap: str
    checkpoint: str


def stated(graph: Proved, deployment: str, time: str) -> Stated:
    """The statement of a graph that holds; raises ``ValueError`` for another."""
    if not graph.holds or graph.wrapped is None:
        raise ValueError(f"{graph.maeg} is not settled")
    size, _, root = graph.checkpoint.partition(" ")
    checkpoint = Checkpoint(f"{deployment}/{graph.project}", int(size), bytes.fromhex(root))
    wrap = graph.wrapped.model_dump_json() + "\n"
    statement = settlements.settled(
        checkpoint,
        Subject(f"{graph.project}/{graph.maeg}.wrap.json", wrap.encode()),
        (settlements.SETTLED, settlements.PROVED, settlements.IN_TURN, LOG_VERIFIED, SIGNED),
        verifier=f"urn:psmp:{deployment}:maeg-attest:v1",
        time=time,
    )
    return Stated(statement, wrap, checkpoint.text)
