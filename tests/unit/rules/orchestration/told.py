"""What may follow what in a run, said a second time: by looking through all that was told, with nothing counted.

It shares no line with the rules that it is held against.
"""

from collections.abc import Iterator
from typing import Any

from psmp.ledger.merkle import leaf
from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.shape import Shape
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    Fact,
    MaegAbandoned,
    MaegApproved,
    MaegCreated,
    NodeFact,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    SubPacStarted,
    WrapOrchAccepted,
)
from tests.unit.ledger.test_merkle import defined

Values = dict[str, Any]


class Told:
    """All facts of a run, those of the whole and those of each node.

    ``taken`` are the inputs of each dispatch, ``known`` the last that were known of a node.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.facts = list[Fact]()
        self.whole = list[Fact]()
        self.nodes: dict[str, list[NodeFact]] = {node: [] for node in shape.agents}
        self.taken = dict[tuple[str, int], Values]()
        self.known = dict[str, Values]()

    def say(self, fact: Fact) -> None:
        if isinstance(fact, SubPacDispatched):
            self.taken[fact.node, fact.attempt] = self.given(fact.node) or {}
        self.facts.append(fact)
        if isinstance(fact, NodeFact):
            self.nodes[fact.node].append(fact)
        else:
            self.whole.append(fact)
        for node in self.shape.agents:
            if (given := self.given(node)) is not None:
                self.known[node] = given

    def all(self, kind: type[Fact]) -> list[Fact]:
        """What was told of the whole."""
        return [each for each in self.whole if isinstance(each, kind)]

    def of(self, node: str) -> list[NodeFact]:
        """What was told of the latest attempt of a node."""
        said = self.nodes[node]
        issued = [place for place, each in enumerate(said) if isinstance(each, SubPacIssued)]
        return said[issued[-1] :] if issued else []

    def last(self, node: str) -> NodeFact | None:
        """The last of it, but for words of persons and reviews that wait for them."""
        told = [each for each in self.of(node) if not isinstance(each, SubPacReviewed) and not is_pending(each)]
        return told[-1] if told else None

    def attempt(self, node: str) -> int:
        return sum(isinstance(each, SubPacIssued) for each in self.nodes[node])

    def failures(self, node: str) -> int:
        return sum(map(has_failed, self.nodes[node]))

    def passed(self, node: str) -> bool:
        if node not in self.shape.agents:
            return self.free(node)
        last = self.last(node)
        return isinstance(last, PdoAgentFinalized) or has_passed(last)

    def free(self, node: str) -> bool:
        """Whether all that it waits for have passed."""
        return all(self.passed(each) for each in self.shape.before[node])

    def given(self, node: str) -> Values | None:
        found = Values()
        for name, feed in self.shape.feeds.get(node, {}).items():
            outputs = [each.outputs for each in self.of(feed.node) if isinstance(each, SubPacExecuted)]
            if not self.passed(feed.node):
                return None
            found[name] = outputs[-1][feed.output]
        return found

    def changed(self, node: str) -> tuple[str, ...]:
        """The inputs that are, as far as is known, not any more what the latest attempt was dispatched with."""
        taken = self.taken.get((node, self.attempt(node)))
        return () if taken is None else tuple(name for name in taken if self.known[node][name] != taken[name])

    def is_final(self, node: str) -> bool:
        return isinstance(self.last(node), PdoAgentFinalized) and not self.changed(node)

    def root(self) -> str:
        last = [self.last(node) for node in self.shape.agents]
        leaves = [leaf(bytes.fromhex(each.pdo)) for each in last if isinstance(each, PdoAgentFinalized)]
        return defined(leaves).hex()

    def may(self, fact: Fact, *, blocked: bool) -> bool:
        """Whether a fact may be."""
        settled, whole = bool(self.all(WrapOrchAccepted)), self.all(PdoOrchAggregated)
        if isinstance(fact, MaegCreated) or self.all(MaegAbandoned):
            return False
        if isinstance(fact, MaegAbandoned):
            return not settled
        if isinstance(fact, PdoOrchAggregated):
            return not whole and all(map(self.is_final, self.shape.agents)) and fact.root == self.root()
        if isinstance(fact, MaegApproved):
            return bool(whole) and not settled and not self.all(MaegApproved) and fact.root == self.root()
        if isinstance(fact, WrapOrchAccepted):
            agreed = self.shape.graph.pac.approver is None or bool(self.all(MaegApproved))
            return bool(whole) and not settled and agreed and fact.root == self.root()
        return not whole and self._may_be_of_node(fact, blocked=blocked)

    def _may_be_of_node(self, fact: NodeFact, *, blocked: bool) -> bool:
        node, last = fact.node, self.last(fact.node)
        if isinstance(fact, SubPacIssued):
            return fact.attempt == self.attempt(node) + 1 and self._may_be_issued(fact, last)
        if fact.attempt != self.attempt(node):
            return False
        match fact:
            case SubPacDispatched():
                right = fact.inputs == digest(self.given(node) or {})
                return isinstance(last, SubPacIssued) and self.free(node) and right and not blocked
            case SubPacStarted():
                return isinstance(last, SubPacDispatched) and self.free(node)
            case SubPacExecuted():
                return isinstance(last, SubPacStarted)
            case SubPacFailed():
                return isinstance(last, SubPacDispatched | SubPacStarted) or has_passed(last)
            case SubPacReviewed():
                spoken = any(isinstance(each, SubPacReviewed) for each in self.of(node))
                asked = any(check.check == "HUMAN_REVIEW" for check in self.shape.agents[node].checks)
                return isinstance(last, SubPacExecuted) and self.free(node) and asked and not spoken
            case BerAgentGenerated():
                return isinstance(last, SubPacExecuted) and self.free(node) and follows(fact, last)
            case PdoAgentFinalized():
                return has_passed(last) and not self.changed(node) and fact.pdo != WRONG

    def _may_be_issued(self, fact: SubPacIssued, last: NodeFact | None) -> bool:
        if last is None or fact.correction is None:
            changed = self.changed(fact.node) if self.given(fact.node) is not None else ()
            return (last is None) == (not changed) and fact.changed == changed and fact.correction is None
        if fact.correction.by is not None:
            return has_failed(last) or has_passed(last) or isinstance(last, PdoAgentFinalized)
        return has_failed(last) and self.failures(fact.node) < self.shape.graph.pac.attempts


WRONG = "0" * 64
"""The hash of nothing."""


def is_pending(fact: NodeFact) -> bool:
    return isinstance(fact, BerAgentGenerated) and fact.ber.verdict == "PENDING"


def has_passed(fact: NodeFact | None) -> bool:
    return isinstance(fact, BerAgentGenerated) and fact.ber.verdict == "PASS"


def has_failed(fact: NodeFact | None) -> bool:
    return isinstance(fact, SubPacFailed) or (isinstance(fact, BerAgentGenerated) and fact.ber.verdict == "FAIL")


def follows(fact: BerAgentGenerated, result: SubPacExecuted) -> bool:
    """Whether a review is what its findings say, and passes no output that does not fit."""
    found = set(verdicts(fact))
    verdict = "FAIL" if "FAIL" in found else "PENDING" if "PENDING" in found else "PASS"
    return fact.ber.verdict == verdict and (verdict == "FAIL" or isinstance(result.outputs["out"], int))


def verdicts(fact: BerAgentGenerated) -> Iterator[str]:
    return (each.verdict for each in fact.ber.findings)
