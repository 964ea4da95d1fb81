"""Commands about graphs of agents."""

from typing import ClassVar

from psmp.words.ids import Id
from psmp.words.orchestration.checks import ReportedTests
from psmp.words.orchestration.facts import Micros, Tools, Used, Values
from psmp.words.orchestration.graph import MaegId
from psmp.words.orchestration.packing import Packed
from psmp.words.values import Fence, Reason, Short, Word


class SubmitMaeg(Word):
    """Register a graph of agents: its document as ``psmp.words.orchestration.packing`` packs it.

    It may be larger than other commands. It is validated as a whole; all its faults are told at once.
    """

    KIND: ClassVar = "maeg.submit"
    graph: Packed


class ApproveMaeg(Word):
    """Agree that the whole is settled, all of whose outcomes are aggregated; for who governs the project."""

    KIND: ClassVar = "maeg.approve"
    maeg: MaegId
    reason: Reason


class AbandonMaeg(Word):
    """Give a graph up that is not settled: nothing of it is done any more; for who governs the project."""

    KIND: ClassVar = "maeg.abandon"
    maeg: MaegId
    reason: Reason


class ReportSubPac(Word):
    """Say that a node is done, and give its outputs; the slot of that ``fence`` ends.

    ``tools`` are those that were used, ``used`` the outputs of other nodes, each as node and output. Costs are in
    millionths.
    """

    KIND: ClassVar = "subpac.report"
    fence: Fence
    outputs: Values = {}
    tools: Tools = ()
    used: Used = ()
    cost_micros: Micros = 0
    tests: ReportedTests | None = None


class ReviewSubPac(Word):
    """A person's word on the result of a node that waits for one of that ``role``; for who governs the project."""

    KIND: ClassVar = "subpac.review"
    maeg: MaegId
    node: Id
    role: Short
    agrees: bool
    reason: Reason


class CorrectSubPac(Word):
    """Have a node done once more that has failed too often, or is done; for who governs the project."""

    KIND: ClassVar = "subpac.correct"
    maeg: MaegId
    node: Id
    reason: Reason
