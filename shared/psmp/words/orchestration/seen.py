"""A graph of agents as it is told to whoever asks: each node with state, token, review and cost, and what waits."""

from typing import Annotated, Literal

from pydantic import Field

from psmp.words.ids import Digest, Id, Uuid
from psmp.words.orchestration.checks import Finding, PersonsWord, Verdict
from psmp.words.orchestration.facts import Micros, SubPacState, Wrap
from psmp.words.orchestration.graph import EdgeKind, MaegId, NodeKind, PacId, Port, SubPacId
from psmp.words.values import LongText, Short, Text, Word


class OrchestrationsQuestion(Word):
    """The graphs of agents of a project."""

    project: Id


class OrchestrationQuestion(Word):
    """A graph of agents with all its nodes, now, or as of ``sequence`` or ``time``, whichever is given."""

    project: Id
    maeg: MaegId
    sequence: Annotated[int, Field(ge=1)] | None = None
    time: str | None = None


class SettlementQuestion(Word):
    """The settlement of a graph of agents, with a proof for each outcome."""

    project: Id
    maeg: MaegId


Outcome = Literal["OPEN", "AGGREGATED", "SETTLED", "ABANDONED"]
"""What has become of a whole graph: AGGREGATED is all final and not settled yet."""

NodeState = SubPacState | Literal["NOT_ISSUED", "WAITING", "PASSED"]
"""The state of a node's Sub-PAC; of a node at which nobody works, WAITING or PASSED."""


class SeenToken(Word):
    """The token of a node's latest attempt, by its id: it counts still (``live``), was used, or was not in time."""

    id: Uuid
    state: Literal["live", "used", "expired"]
    expires: str


class SeenReview(Word):
    """The latest review (BER) of a node's latest attempt, what persons have said, and whose roles have yet to speak."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    words: tuple[PersonsWord, ...] = ()
    waits_for: tuple[Short, ...] = ()


class SeenNode(Word):
    """A node. What is only of agent nodes is left out of the others.

    It is in its ``state`` ``since`` then. ``waits_for`` are the nodes before it that have not passed. ``reasons`` say
    why it failed, or what this attempt is to correct. ``cost_micros`` are of all its attempts that were reviewed.
    ``stale``: its inputs have changed since it was dispatched, and it will be done again. ``pdo`` is the hash of its
    outcome.
    """

    id: Id
    kind: NodeKind
    state: NodeState
    waits_for: tuple[Id, ...] = ()
    agent: Id | None = None
    agent_name: Text = ""
    lane: Id | None = None
    sub_pac: SubPacId | None = None
    task: LongText = ""
    attempt: int = 0
    attempts: int = 0
    failures: int = 0
    cost_micros: Micros = 0
    since: str = ""
    token: SeenToken | None = None
    review: SeenReview | None = None
    reasons: tuple[str, ...] = ()
    stale: bool = False
    artifacts: tuple[Id, ...] = ()
    pdo: Digest | None = None


class SeenEdge(Word):
    """An edge; ``carries`` says which output of ``source`` becomes which input of ``target``."""

    source: Id
    target: Id
    kind: EdgeKind
    carries: dict[Port, Port] = {}


class Barrier(Word):
    """A sync point, or the aggregation: it opens when all ``of`` those before it have ``passed``."""

    node: Id
    of: int
    passed: int
    open: bool


class Awaited(Word):
    """What a person has to do: say what becomes of a ``failed`` node, ``review`` a result, or agree to the whole."""

    what: Literal["failed", "review", "approval"]
    text: str
    node: Id | None = None
    role: Short | None = None


class Settled(Word):
    """That the whole is settled: the root over all outcomes, the signed checkpoint that covers it, by which event."""

    root: Digest
    checkpoint: Short
    sequence: int
    time: str


class OrchestrationLine(Word):
    """A graph in a list. ``sequence`` and ``time`` are of the last event that changed it."""

    id: MaegId
    project: Id
    pac: PacId
    title: Text = ""
    state: Outcome
    sequence: int
    time: str
    created: str
    created_by: Id | None = None
    agents: Annotated[int, Field(description="How many agent nodes it has.")]
    complete: Annotated[int, Field(description="How many of them are COMPLETE.")]
    failed: Annotated[int, Field(description="How many of them are FAILED.")]
    cost_micros: Micros
    for_a_person: tuple[Awaited, ...] = ()


class OrchestrationList(Word):
    """The graphs of agents of a project, the oldest first, as of ``sequence`` of the project."""

    items: tuple[OrchestrationLine, ...]
    sequence: int


class Orchestration(OrchestrationLine):
    """A graph and what has become of it; its nodes stand in graph order.

    ``root`` is over all outcomes once they are aggregated, ``wrap`` is there once the whole is settled.
    """

    graph_digest: Digest
    nodes: tuple[SeenNode, ...]
    edges: tuple[SeenEdge, ...]
    barriers: tuple[Barrier, ...] = ()
    approver: Short | None = None
    approved_by: Id | None = None
    root: Digest | None = None
    wrap: Settled | None = None
    abandoned: str | None = None


class Proven(Word):
    """One outcome, its place in the tree, and the proof (RFC 6962) from the leaf up that it stands under the root."""

    node: Id
    index: int
    pdo: Digest
    proof: tuple[Digest, ...]


class Settlement(Word):
    """The one settlement of a graph (WRAP) with the event that it is, and a proof for each outcome under its root."""

    project: Id
    wrap: Wrap
    sequence: int
    time: str
    proofs: tuple[Proven, ...]
