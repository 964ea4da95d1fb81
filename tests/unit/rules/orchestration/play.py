"""A run that is played: everything is asked for before it is said."""

from pydantic_core import to_json

from psmp.rules.orchestration.deciding import denied, due
from psmp.rules.orchestration.reading import graph_digest
from psmp.rules.orchestration.review import case, review
from psmp.rules.orchestration.running import evolve
from psmp.rules.orchestration.settling import settlement
from psmp.words.orchestration.checks import Evidence
from psmp.words.orchestration.codes import Gs
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    CorrectionPack,
    Fact,
    MaegCreated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacIssued,
    SubPacStarted,
    Wrap,
    WrapOrchAccepted,
)
from psmp.words.orchestration.packing import pack
from psmp.words.refusals import Code
from tests.unit.rules.orchestration.graphs import Document, agent, document, fan, flows, shape, waits

FINE = Evidence()
AT_WORK = {"DISPATCHED", "EXECUTING", "BER_PENDING"}
BAD = Evidence(conflicts=("C-1",))


def created(of: Document) -> MaegCreated:
    raw = to_json(of)
    graph = shape(of).graph
    return MaegCreated(
        maeg=graph.maeg, pac=graph.pac.pac, graph=graph_digest(graph), nodes=len(graph.sub_pacs), packed=pack(raw)
    )


class Play:
    """A run and all that befell it. Everything is asked for before it is said."""

    def __init__(self, of: Document) -> None:
        self.facts: list[Fact] = [created(of)]
        self.run = evolve(None, self.facts[0])

    def say(self, *facts: Fact) -> None:
        for fact in facts:
            refused = denied(self.run, fact)
            assert refused is None, (fact, refused)
            self.facts.append(fact)
            self.run = evolve(self.run, fact)

    def refuses(self, fact: Fact, code: Gs | Code = Code.ILLEGAL_TRANSITION, *, blocked: bool = False) -> str:
        refused = denied(self.run, fact, blocked=blocked)
        assert refused is not None
        assert refused.code is code
        return refused.reason

    def go_on(self) -> None:
        while facts := due(self.run):
            self.say(*facts)

    def executed(self, node: str, out: object = 1) -> None:
        attempt = self.run.work[node].attempt
        self.say(SubPacStarted(maeg="MAEG-P1", node=node, attempt=attempt))
        self.say(SubPacExecuted(maeg="MAEG-P1", node=node, attempt=attempt, fence=1, outputs={"out": out}))

    def ber(self, node: str, evidence: Evidence = FINE) -> BerAgentGenerated:
        work = self.run.work[node]
        found = review(case(self.run.shape, node, work.outputs, evidence, self.run.spent_micros))
        return BerAgentGenerated(
            maeg="MAEG-P1",
            node=node,
            attempt=work.attempt,
            ber=found,
            made=evidence.made,
            cost_micros=evidence.cost_micros,
        )

    def done(self, node: str, out: object = 1, evidence: Evidence = FINE) -> None:
        self.executed(node, out)
        self.say(self.ber(node, evidence))
        self.go_on()

    def state(self, node: str) -> str | None:
        return self.run.of(node).state

    @property
    def states(self) -> str:
        return " ".join(str(self.state(node)) for node in self.run.shape.agents)

    def settle(self) -> Wrap:
        assert self.run.root is not None
        self.say(WrapOrchAccepted(maeg="MAEG-P1", root=self.run.root, checkpoint="acme/shop 7"))
        wrap = settlement(self.run)
        assert isinstance(wrap, Wrap)
        return wrap


def started(of: Document | None = None) -> Play:
    play = Play(of or fan())
    play.go_on()
    return play


def settled() -> Play:
    play = started()
    for node in ("n1", "n2", "n3"):
        play.done(node)
    return play


def chain() -> Document:
    """Each takes what the one before gave."""
    nodes = [agent(1), *(agent(number, takes=("i",)) for number in (2, 3))]
    data = [flows(f"n{number}", f"n{number + 1}", out="i") for number in (1, 2)]
    return document(nodes, [waits("root", "n1"), *data, waits("n3", "all", "BARRIER")])


def by_ann(number: int, attempt: int) -> SubPacIssued:
    return SubPacIssued(
        maeg="MAEG-P1",
        node=f"n{number}",
        sub_pac=f"Sub-PAC-P1-A{number}",
        attempt=attempt,
        correction=CorrectionPack(by="ann"),
    )


def dispatches(play: Play) -> list[Fact]:
    return [fact for fact in due(play.run) if isinstance(fact, SubPacDispatched)]
