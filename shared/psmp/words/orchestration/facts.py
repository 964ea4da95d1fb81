"""What befalls a run, in the order in which it is decided: nine facts that the ledger names, and what people say of it.

All but ``SubPacStarted`` are events of the project's log; that one is the grant of a slot for a token.
"""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from psmp.words.ids import Digest, Id
from psmp.words.orchestration.checks import Ber, Finding, Made, ReportedTests
from psmp.words.orchestration.graph import MaegId, PacId, Port, SubPacId
from psmp.words.orchestration.packing import Packed
from psmp.words.values import LongText, Short, Word

SubPacState = Literal["ISSUED", "DISPATCHED", "EXECUTING", "BER_PENDING", "PDO_PENDING", "COMPLETE", "FAILED"]
Cause = Literal["EXECUTION_ERROR", "OUTCOME_FAILURE", "AGENT_SILENT", "TOKEN_EXPIRED"]
Attempt = Annotated[int, Field(ge=1)]
Values = dict[Port, Any]
Tools = Annotated[tuple[Short, ...], Field(max_length=500)]
Used = Annotated[tuple[tuple[Id, Port], ...], Field(max_length=500)]
Micros = Annotated[int, Field(ge=0)]


class CorrectionPack(Word):
    """The order to do a node again: what the review found, or what else went wrong. ``by`` is the person, if one."""

    findings: tuple[Finding, ...] = ()
    cause: Cause | None = None
    reason: LongText = ""
    by: Id | None = None


class MaegCreated(Word):
    """A graph is registered, whole and without a fault; nothing runs before.

    ``packed`` is the document as it was sent (``psmp.words.orchestration.packing``), ``graph`` the hash of what it
    says (canonical JSON), ``nodes`` how many agent nodes it has.
    """

    KIND: ClassVar = "maeg.created"
    ENTRY: ClassVar = "MAEG_CREATED"
    maeg: MaegId
    pac: PacId
    graph: Digest
    nodes: Annotated[int, Field(ge=1)]
    packed: Packed


class SubPacIssued(Word):
    """A node is to be done: for the first time, after a correction, or since the inputs ``changed``."""

    KIND: ClassVar = "subpac.issued"
    ENTRY: ClassVar = "SUB_PAC_ISSUED"
    maeg: MaegId
    node: Id
    sub_pac: SubPacId
    attempt: Attempt
    correction: CorrectionPack | None = None
    changed: tuple[Port, ...] = ()


class TokenTerms(Word):
    """What can be said of a token to everybody: whose it is, for how long, and the key that verifies it.

    Its id is that of the event; the token itself is in no log, and reaches its agent alone.
    """

    agent: Id
    seconds: Annotated[int, Field(ge=1)]
    key: Short


class SubPacDispatched(Word):
    """A node may start, with inputs of that hash, whoever shows the ``token``. Without one nobody can."""

    KIND: ClassVar = "subpac.dispatched"
    ENTRY: ClassVar = "SUB_PAC_DISPATCHED"
    maeg: MaegId
    node: Id
    attempt: Attempt
    inputs: Digest
    token: TokenTerms | None = None


class SubPacStarted(Word):
    """Its agent has begun. The ledger has no entry of the model for this; it is the grant of the agent's slot."""

    ENTRY: ClassVar = None
    maeg: MaegId
    node: Id
    attempt: Attempt


class SubPacExecuted(Word):
    """The agent says that it is done, and gives its outputs; its slot ends. There is no place in this for a verdict.

    ``used`` are the outputs of others that it used, each as node and output. Costs are in millionths.
    """

    KIND: ClassVar = "subpac.executed"
    ENTRY: ClassVar = "SUB_PAC_EXECUTED"
    maeg: MaegId
    node: Id
    attempt: Attempt
    fence: Annotated[int, Field(ge=1)]
    outputs: Values
    tools: Tools = ()
    used: Used = ()
    cost_micros: Micros = 0
    tests: ReportedTests | None = None


class SubPacFailed(Word):
    """An attempt came to nothing, other than by its review."""

    KIND: ClassVar = "subpac.failed"
    ENTRY: ClassVar = "SUB_PAC_FAILED"
    maeg: MaegId
    node: Id
    attempt: Attempt
    cause: Cause
    reason: LongText = ""


class SubPacReviewed(Word):
    """A person has spoken on a result; the review (BER) follows from it. No entry of the model."""

    KIND: ClassVar = "subpac.reviewed"
    ENTRY: ClassVar = None
    maeg: MaegId
    node: Id
    attempt: Attempt
    role: Short
    agrees: bool
    reason: str = ""


class BerAgentGenerated(Word):
    """A result was reviewed. FAIL makes the Sub-PAC FAILED by itself; PENDING waits for a person."""

    KIND: ClassVar = "ber.generated"
    ENTRY: ClassVar = "BER_AGENT_GENERATED"
    maeg: MaegId
    node: Id
    attempt: Attempt
    ber: Ber
    made: tuple[Made, ...] = ()
    cost_micros: Micros = 0


class PdoAgentFinalized(Word):
    """A node's outcome is final."""

    KIND: ClassVar = "pdo.finalized"
    ENTRY: ClassVar = "PDO_AGENT_FINALIZED"
    maeg: MaegId
    node: Id
    attempt: Attempt
    pdo: Digest


class PdoOrchAggregated(Word):
    """All outcomes stand under one RFC 6962 root. It names no node: there is no aggregation of some."""

    KIND: ClassVar = "pdo.aggregated"
    ENTRY: ClassVar = "PDO_ORCH_AGGREGATED"
    maeg: MaegId
    root: Digest


class MaegApproved(Word):
    """A person agrees that the whole is settled; it names no part of it. No entry of the model."""

    KIND: ClassVar = "maeg.approved"
    ENTRY: ClassVar = None
    maeg: MaegId
    root: Digest
    reason: str


class WrapOrchAccepted(Word):
    """The whole is settled. It names no node and no list of them: a settlement of a part cannot be written down.

    ``checkpoint`` is that of the ledger which covers the aggregation, as its size and its root in hex.
    """

    KIND: ClassVar = "wrap.accepted"
    ENTRY: ClassVar = "WRAP_ORCH_ACCEPTED"
    maeg: MaegId
    root: Digest
    checkpoint: Short


class MaegAbandoned(Word):
    """A person gives the whole up: nothing of it is done any more, and nothing of it is settled. No entry."""

    KIND: ClassVar = "maeg.abandoned"
    ENTRY: ClassVar = None
    maeg: MaegId
    reason: str


NodeFact = (
    SubPacIssued
    | SubPacDispatched
    | SubPacStarted
    | SubPacExecuted
    | SubPacFailed
    | SubPacReviewed
    | BerAgentGenerated
    | PdoAgentFinalized
)
Fact = MaegCreated | NodeFact | PdoOrchAggregated | MaegApproved | WrapOrchAccepted | MaegAbandoned
RunEvent = (
    MaegCreated
    | SubPacIssued
    | SubPacDispatched
    | SubPacExecuted
    | SubPacFailed
    | SubPacReviewed
    | BerAgentGenerated
    | PdoAgentFinalized
    | PdoOrchAggregated
    | MaegApproved
    | WrapOrchAccepted
    | MaegAbandoned
)
"""The facts that are events."""

Due = SubPacIssued | SubPacDispatched | PdoAgentFinalized | PdoOrchAggregated
"""What the orchestrator has to say by itself, of what has become of a run."""

FACTS: tuple[type[Fact], ...] = get_args(Fact)


class Child(Word):
    """One outcome under the root: its place in graph order is its place in ``PdoOrch.children``."""

    node: Id
    sub_pac: SubPacId
    attempt: Attempt
    pdo: Digest


class PdoOrch(Word):
    """All outcomes of a graph, in graph order, and their root."""

    maeg: MaegId
    root: Digest
    children: tuple[Child, ...]


class Wrap(Word):
    """The settlement of the whole, read out of a settled run: never given, never received, so never of a part."""

    maeg: MaegId
    graph: Digest
    pdo_orch: PdoOrch
    checkpoint: Short
