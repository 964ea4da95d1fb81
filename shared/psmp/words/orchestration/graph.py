"""The execution graph (MAEG) of an assignment (PAC), version 1.0.0: nodes, edges, lanes and the Sub-PACs of its nodes.

Field names are the document's. What a single value cannot tell is judged by ``psmp.rules.orchestration.faults``.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints

from psmp.words.ids import Id, Uuid
from psmp.words.orchestration.checks import Check
from psmp.words.values import ArtifactType, Ecosystem, LongText, Short, Text, Word

VERSION: Final = "1.0.0"
MAX_NODES: Final = 5000
MAX_EDGES: Final = 50_000
MAX_PORTS: Final = 50
MAX_ALLOWED: Final = 500

_PAC: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"

PacId = Annotated[str, StringConstraints(pattern=rf"^{_PAC}$")]
MaegId = Annotated[str, StringConstraints(pattern=rf"^MAEG-{_PAC}$")]
SubPacId = Annotated[str, StringConstraints(pattern=rf"^Sub-PAC-{_PAC}-A[1-9][0-9]{{0,4}}$")]
Port = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
"""What an input or an output of a node is called."""

Schema = bool | dict[str, Any]
"""A JSON Schema, of the part of 2020-12 that ``psmp.rules.orchestration.schemas`` takes."""

Ports = Annotated[dict[Port, Schema], Field(max_length=MAX_PORTS)]
PathNames = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=1024)], ...], Field(max_length=MAX_ALLOWED)
]

GateKind = Literal["ORCH_ROOT", "SYNC_POINT", "AGGREGATION", "TERMINAL"]
NodeKind = GateKind | Literal["AGENT_NODE"]
EdgeKind = Literal["DEPENDENCY", "DATA_FLOW", "BARRIER"]


class Allowance(Word):
    """A package that may be needed, in the versions of ``constraint``; "" is any."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=214)]
    constraint: Annotated[str, StringConstraints(max_length=1000)] = ""
    ecosystem: Ecosystem = "pypi"


class Scope(Word):
    """What an assignment may touch, need, use, spend and take. What is left out is the parent's; a parent's is any.

    ``paths`` are files, or folders with ``/`` at their end. An empty list allows nothing. ``budget_micros`` are
    millionths of whatever money the project reckons in; it and ``seconds`` are for one attempt of one node, and of the
    PAC the budget is for all attempts together too.
    """

    paths: PathNames | None = None
    dependencies: Annotated[tuple[Allowance, ...], Field(max_length=MAX_ALLOWED)] | None = None
    tools: Annotated[tuple[Short, ...], Field(max_length=MAX_ALLOWED)] | None = None
    budget_micros: Annotated[int, Field(ge=0)] | None = None
    seconds: Annotated[int, Field(ge=1)] | None = None


class Lane(Word):
    """A kind of work: the paths and the types of artifacts that belong to it; left out is any."""

    lane: Id
    paths: PathNames | None = None
    types: tuple[ArtifactType, ...] | None = None


class Pac(Word):
    """The parent assignment. A node may fail ``attempts`` times; then a person has to say what becomes of it.

    ``approver`` is the role of the person who must agree before the whole is settled, where one must.
    """

    pac: PacId
    title: Text = ""
    scope: Scope = Scope()
    lanes: Annotated[tuple[Lane, ...], Field(min_length=1, max_length=100)]
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    approver: Short | None = None


class SubPac(Word):
    """One node's assignment, ``Sub-PAC-{PAC}-A{n}``: what is to be done, within which narrower scope."""

    sub_pac: SubPacId
    task: LongText = ""
    scope: Scope = Scope()


class AgentNode(Word):
    """One agent's work in its lane: what it takes in and gives out, and by which checks its result is reviewed."""

    node: Id
    type: Literal["AGENT_NODE"]
    agent: Id
    agent_name: Text = ""
    lane: Id
    sub_pac: SubPacId
    inputs: Ports = {}
    outputs: Ports = {}
    checks: Annotated[tuple[Check, ...], Field(max_length=20)] = ()


class Gate(Word):
    """A node at which nobody works: the root, a sync point, the aggregation or the end."""

    node: Id
    type: GateKind


Node = Annotated[AgentNode | Gate, Discriminator("type")]


class _Edge(Word):
    """From one node to another; whatever its type, the one must have passed its review."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    origin: Annotated[Id, Field(alias="from")]
    to: Id
    constraint: Literal["BER_PASS_REQUIRED"] = "BER_PASS_REQUIRED"


class DependencyEdge(_Edge):
    """One node waits for another."""

    type: Literal["DEPENDENCY"]


class BarrierEdge(_Edge):
    """A sync point, or the aggregation, waits for a node: it opens when all for which it waits have passed."""

    type: Literal["BARRIER"]


class DataFlowEdge(_Edge):
    """Outputs of one node become inputs of another: ``flows`` says which output feeds which input."""

    type: Literal["DATA_FLOW"]
    flows: Annotated[dict[Port, Port], Field(min_length=1, max_length=MAX_PORTS)]


Edge = Annotated[DependencyEdge | DataFlowEdge | BarrierEdge, Discriminator("type")]


class Maeg(Word):
    """The whole graph, ``MAEG-{pac}``. That it is read says nothing yet about whether it can be run."""

    version: Literal["1.0.0"]
    maeg: MaegId
    pac: Pac
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MAX_NODES)]
    sub_pacs: Annotated[tuple[SubPac, ...], Field(max_length=MAX_NODES)]
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)]


class Assignment(Word):
    """What a slot was granted for: one attempt of one node, by the token of that id."""

    maeg: MaegId
    node: Id
    attempt: Annotated[int, Field(ge=1)]
    token: Uuid
