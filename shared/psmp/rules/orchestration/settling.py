"""The end of a run: each outcome's hash (PDO), all of them under one root (PDO-ORCH), the one settlement (WRAP).

A settlement is read out of a run that is settled. No function takes a node or a list of nodes to settle, and the fact
that settles names none, so that one for a part cannot be expressed; a second cannot, for after the first a run takes
nothing more.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from psmp.ledger.merkle import EMPTY, Frontier, Nodes, leaf, prove_inclusion, verify_inclusion
from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.reading import graph_digest, packed_digest
from psmp.rules.orchestration.running import Run
from psmp.words.orchestration.codes import Denied, Gs
from psmp.words.orchestration.facts import Child, PdoOrch, Wrap

OUTCOME: Final = "psmp/pdo/v1"
"""What the hash of an outcome begins with, so that it is the hash of nothing else."""


def outcome(run: Run, node: str) -> str:
    """The hash of a node's outcome: over its inputs, outputs, review and declarations, and whose they are."""
    work, agent = run.work[node], run.shape.agents[node]
    ber = work.ber.model_dump(mode="json") if work.ber else None
    return digest(
        {
            "kind": OUTCOME,
            "maeg": run.shape.graph.maeg,
            "node": node,
            "agent": agent.agent,
            "sub_pac": agent.sub_pac,
            "attempt": work.attempt,
            "inputs": work.values,
            "outputs": work.outputs,
            "ber": ber,
            "declarations": [each.model_dump(mode="json") for each in work.made],
        }
    )


def aggregation(run: Run) -> PdoOrch | Denied:
    """All outcomes in graph order under their root, or why not yet (GS_205)."""
    if not run.is_complete:
        open_ = [node for node in run.shape.agents if node in run.stale or run.of(node).state != "COMPLETE"]
        return Denied(Gs.PDO_ORCH_INCOMPLETE, f"{len(open_)} outcomes are not final: {', '.join(open_[:5])}")
    children = tuple(
        Child(node=node, sub_pac=agent.sub_pac, attempt=run.work[node].attempt, pdo=run.work[node].pdo or "")
        for node, agent in run.shape.agents.items()
    )
    return PdoOrch(maeg=run.shape.graph.maeg, root=_tree(children)[0].hex(), children=children)


def settlement(run: Run) -> Wrap | Denied:
    """The settlement of the whole, or that there is none (GS_206)."""
    orch = aggregation(run)
    if isinstance(orch, Denied) or run.checkpoint is None:
        return Denied(Gs.WRAP_PARTIAL_EXECUTION, "the whole is not settled")
    graph = graph_hash(run)
    return Wrap(maeg=run.shape.graph.maeg, graph=graph, pdo_orch=orch, checkpoint=run.checkpoint)


def graph_hash(run: Run) -> str:
    """The hash of the graph as it was registered."""
    return packed_digest(run.packed) if run.packed else graph_digest(run.shape.graph)


def inclusion(orch: PdoOrch, index: int) -> tuple[str, ...]:
    """The proof that child ``index`` stands under the root, from the leaf up, in hex."""
    return _proof(_tree(orch.children)[1], index, len(orch.children))


def proofs(orch: PdoOrch) -> tuple[tuple[str, ...], ...]:
    """The proofs of all children, in their order; the tree is made once."""
    _, nodes = _tree(orch.children)
    return tuple(_proof(nodes, index, len(orch.children)) for index in range(len(orch.children)))


def _proof(nodes: Nodes, index: int, size: int) -> tuple[str, ...]:
    return tuple(each.hex() for each in prove_inclusion(nodes, index, size))


def is_included(pdo: str, index: int, size: int, proof: Sequence[str], root: str) -> bool:
    """Whether a proof shows that outcome ``index`` of so many is ``pdo``; asks nobody."""
    hashes = [bytes.fromhex(each) for each in proof]
    return verify_inclusion(leaf(bytes.fromhex(pdo)), index, size, hashes, bytes.fromhex(root))


def _tree(children: Sequence[Child]) -> tuple[bytes, Nodes]:
    """The root over the children's hashes in their order, and the tree's nodes."""
    frontier, places = Frontier(), dict[tuple[int, int], bytes]()
    for index, child in enumerate(children):
        frontier, ended = frontier.grown(leaf(bytes.fromhex(child.pdo)))
        places |= {(level, index >> level): each for level, each in enumerate(ended)}
    return (frontier.root if children else EMPTY), _reader(places)


def _reader(places: Mapping[tuple[int, int], bytes]) -> Nodes:
    return lambda level, index: places[level, index]
