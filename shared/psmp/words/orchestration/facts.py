"""What befalls a run, in the order in which it is decided: nine facts that the ledger names, and one start."""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from psmp.words.envelope import Digest
from psmp.words.ids import Id
from psmp.words.orchestration.checks import Ber, Finding, Made
from psmp.words.orchestration.graph import Maeg, MaegId, Port, SubPacId
from psmp.words.values import LongText, Short, Word

SubPacState = Literal["ISSUED", "DISPATCHED", "EXECUTING", "BER_PENDING", "PDO_PENDING", "COMPLETE", "FAILED"]
Cause = Literal["EXECUTION_ERROR", "OUTCOME_FAILURE", "AGENT_SILENT", "TOKEN_EXPIRED"]
Attempt = Annotated[int, Field(ge=1)]
Values = dict[Port, Any]


class CorrectionPack(Word):
    """The order to do a node again: what the review found, or what else went wrong. ``by`` is the person, if one."""

    findings: tuple[Finding, ...] = ()
    cause: Cause | None = None
    reason: LongText = ""
    by: Id | None = None


class MaegCreated(Word):
    """A graph is registered; nothing runs before."""

    ENTRY: ClassVar = "MAEG_CREATED"
    graph: Maeg


class SubPacIssued(Word):
    """A node is to be done: for the first time, after a correction, or since the inputs ``changed``."""

    ENTRY: ClassVar = "SUB_PAC_ISSUED"
    node: Id
    sub_pac: SubPacId
    attempt: Attempt
    correction: CorrectionPack | None = None
    changed: tuple[Port, ...] = ()


class SubPacDispatched(Word):
    """A node may start, with inputs of that hash."""

    ENTRY: ClassVar = "SUB_PAC_DISPATCHED"
    node: Id
    attempt: Attempt
    inputs: Digest


class SubPacStarted(Word):
    """Its agent has begun. The ledger has no entry of the model for this; it is the grant of the agent's slot."""

    ENTRY: ClassVar = None
    node: Id
    attempt: Attempt


class SubPacExecuted(Word):
    """The agent says that it is done, and gives its outputs. There is no place in this for a verdict."""

    ENTRY: ClassVar = "SUB_PAC_EXECUTED"
    node: Id
    attempt: Attempt
    outputs: Values


class SubPacFailed(Word):
    """An attempt came to nothing, other than by its review."""

    ENTRY: ClassVar = "SUB_PAC_FAILED"
    node: Id
    attempt: Attempt
    cause: Cause
    reason: LongText = ""


class BerAgentGenerated(Word):
    """A result was reviewed. FAIL makes the Sub-PAC FAILED by itself; PENDING waits for a person."""

    ENTRY: ClassVar = "BER_AGENT_GENERATED"
    node: Id
    attempt: Attempt
    ber: Ber
    made: tuple[Made, ...] = ()
    cost_micros: Annotated[int, Field(ge=0)] = 0


class PdoAgentFinalized(Word):
    """A node's outcome is final."""

    ENTRY: ClassVar = "PDO_AGENT_FINALIZED"
    node: Id
    attempt: Attempt
    pdo: Digest


class PdoOrchAggregated(Word):
    """All outcomes stand under one RFC 6962 root. It names no node: there is no aggregation of some."""

    ENTRY: ClassVar = "PDO_ORCH_AGGREGATED"
    maeg: MaegId
    root: Digest


class WrapOrchAccepted(Word):
    """The whole is settled. It names no node and no list of them: a settlement of a part cannot be written down."""

    ENTRY: ClassVar = "WRAP_ORCH_ACCEPTED"
    maeg: MaegId
    root: Digest
    checkpoint: Short


NodeFact = (
    SubPacIssued
    | SubPacDispatched
    | SubPacStarted
    | SubPacExecuted
    | SubPacFailed
    | BerAgentGenerated
    | PdoAgentFinalized
)
Fact = MaegCreated | NodeFact | PdoOrchAggregated | WrapOrchAccepted

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
