"""What can be wrong with a graph, and what a run refuses: stable codes, and the values that carry them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from psmp.words.refusals import Code, Gs

__all__ = ["EXPLAINED", "Denied", "Flaw", "GraphFault", "Gs"]


EXPLAINED: Final[Mapping[Gs, str]] = MappingProxyType(
    {
        Gs.SUB_PAC_LANE_VIOLATION: "a node works outside its lane; give the work to a node of the lane it belongs to",
        Gs.SUB_PAC_SCOPE_EXPANSION: "a node takes more than its assignment allows; narrow it, or widen the parent's",
        Gs.MAEG_CYCLE_DETECTED: "nodes wait for each other in a circle; take one of the edges shown out",
        Gs.DISPATCH_DEPENDENCY_UNMET: "a node cannot start before the reviews of all its predecessors have passed",
        Gs.BER_DEPENDENCY_UNMET: "a node is not reviewed while the review of a predecessor has not passed",
        Gs.PDO_ORCH_INCOMPLETE: "there is no aggregation before every node's outcome is final",
        Gs.WRAP_PARTIAL_EXECUTION: "the whole is settled once or not at all; there is no settlement of a part",
        Gs.AGENT_SIDE_CHANNEL: "a node uses data that no edge gave it; add a DATA_FLOW edge, or do without",
    }
)
"""What each of them means and what to do about it."""


class Flaw(StrEnum):
    """What else can be wrong with a graph."""

    MALFORMED = "MALFORMED"
    MAEG_NAME = "MAEG_NAME"
    DOUBLE_NODE = "DOUBLE_NODE"
    UNKNOWN_NODE = "UNKNOWN_NODE"
    DOUBLE_EDGE = "DOUBLE_EDGE"
    EDGE_NOT_ALLOWED = "EDGE_NOT_ALLOWED"
    NO_SUCH_KIND = "NO_SUCH_KIND"
    SEVERAL_OF_KIND = "SEVERAL_OF_KIND"
    ORPHAN = "ORPHAN"
    SEVERAL_SINKS = "SEVERAL_SINKS"
    SUB_PAC_NAME = "SUB_PAC_NAME"
    SUB_PAC_MISSING = "SUB_PAC_MISSING"
    SUB_PAC_DOUBLE = "SUB_PAC_DOUBLE"
    SUB_PAC_UNUSED = "SUB_PAC_UNUSED"
    UNKNOWN_LANE = "UNKNOWN_LANE"
    DOUBLE_LANE = "DOUBLE_LANE"
    INVALID_PATH = "INVALID_PATH"
    INVALID_CONSTRAINT = "INVALID_CONSTRAINT"
    SCHEMA_INVALID = "SCHEMA_INVALID"
    UNKNOWN_OUTPUT = "UNKNOWN_OUTPUT"
    UNKNOWN_INPUT = "UNKNOWN_INPUT"
    INPUT_UNFED = "INPUT_UNFED"
    INPUT_FED_TWICE = "INPUT_FED_TWICE"
    SCHEMA_MISMATCH = "SCHEMA_MISMATCH"


@dataclass(frozen=True, slots=True)
class GraphFault:
    """One thing wrong with a graph: what, where (a JSON pointer), and for a cycle its nodes, the first again last."""

    code: Gs | Flaw
    pointer: str
    problem: str
    cycle: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code} at {self.pointer or 'document'}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Denied:
    """What a run answers to a fact that may not be: a stable code and the reason. ``hint`` says what to do."""

    code: Gs | Code
    reason: str

    @property
    def hint(self) -> str:
        """What the code means for whoever reads it; "" for those that are not the model's."""
        return EXPLAINED[self.code] if isinstance(self.code, Gs) else ""
