"""A run as it is seen: every node in graph order with its state, token, lane, attempt and cost. Told as JSON, too."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.view import View
from psmp.rules.orchestration.deciding import for_a_person, needs_approval
from psmp.rules.orchestration.running import Run, Work
from psmp.rules.orchestration.settling import graph_hash
from psmp.words.events import BerAgentGenerated
from psmp.words.ids import ProjectKey

Outcome = Literal["OPEN", "AGGREGATED", "SETTLED", "ABANDONED"]
Use = Literal["", "live", "spent"]


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node. ``state`` of one at which nobody works is PASSED or WAITING; ``token`` is its id, ``until`` its end.

    ``cost_micros`` are of all its attempts that were reviewed. ``after`` are the nodes that it follows, ``unmet`` those
    of them for which it still waits; ``reason`` is why it failed, or what is to be corrected.
    """

    node: str
    type: str
    state: str
    after: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    agent: str = ""
    lane: str = ""
    sub_pac: str = ""
    attempt: int = 0
    attempts: int = 0
    cost_micros: int = 0
    token: str = ""
    use: Use = ""
    until: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A graph and what has become of it. ``persons`` are the nodes of which a person has to say what becomes."""

    maeg: str
    graph: str
    outcome: Outcome
    nodes: tuple[SeenNode, ...]
    complete: int
    agents: int
    cost_micros: int
    root: str = ""
    checkpoint: str = ""
    abandoned: str = ""
    approver: str = ""
    persons: tuple[str, ...] = ()


class Watching:
    """A project's log as it is read, for its graphs; raises ``Damaged`` for what does not link."""

    def __init__(self, key: ProjectKey) -> None:
        self._view = View(key, PROJECT_FOLD)
        self._costs: dict[str, Counter[str]] = {}

    def take(self, position: int, body: bytes) -> None:
        """The next record."""
        envelope = self._view.advance(Record(position, self._view.key, "", body))
        event = envelope.data
        if isinstance(event, BerAgentGenerated) and event.ber.verdict != "PENDING":
            self._costs.setdefault(event.maeg, Counter())[event.node] += event.cost_micros

    @property
    def runs(self) -> Mapping[str, Run]:
        """By the names of their graphs, the oldest first."""
        return self._view.state.runs if self._view.state else {}

    def seen(self, maeg: str) -> Seen:
        """How a graph stands; raises ``KeyError``."""
        return seen(self.runs[maeg], self._costs.get(maeg, {}))


def seen(run: Run, costs: Mapping[str, int]) -> Seen:
    """What is seen of a run, and of what each node has cost."""
    return Seen(
        maeg=run.shape.graph.maeg,
        graph=graph_hash(run),
        outcome=_outcome(run),
        nodes=tuple(_nodes(run, costs)),
        complete=run.complete,
        agents=len(run.shape.agents),
        cost_micros=sum(costs.values()),
        root=run.root or "",
        checkpoint=run.checkpoint or "",
        abandoned=run.abandoned or "",
        approver=(run.shape.graph.pac.approver or "") if run.root and run.is_open and needs_approval(run) else "",
        persons=for_a_person(run) if run.is_open else (),
    )


def _outcome(run: Run) -> Outcome:
    if run.checkpoint is not None:
        return "SETTLED"
    return "ABANDONED" if run.abandoned is not None else "AGGREGATED" if run.root else "OPEN"


def _nodes(run: Run, costs: Mapping[str, int]) -> Iterator[SeenNode]:
    kinds = {each.node: each.type for each in run.shape.graph.nodes}
    for node in run.shape.order:
        agent, after, unmet = run.shape.agents.get(node), run.shape.before[node], run.unmet(node)
        if agent is None:
            state = _gate(run, kinds[node], node)
            yield SeenNode(node, kinds[node], state, after, unmet)
            continue
        work = run.of(node)
        yield SeenNode(
            node,
            kinds[node],
            work.state or "NOT_ISSUED",
            after,
            unmet,
            agent.agent,
            agent.lane,
            agent.sub_pac,
            work.attempt,
            run.shape.graph.pac.attempts,
            costs.get(node, 0),
            work.token.id if work.token else "",
            _use(work),
            work.token.until if work.token else "",
            _reason(work),
        )


def _gate(run: Run, kind: str, node: str) -> str:
    """Of the aggregation and the end is asked what was written, of other gates who has passed before them."""
    passed = {"AGGREGATION": run.root is not None, "TERMINAL": run.checkpoint is not None}
    return "PASSED" if passed.get(kind, run.has_passed(node)) else "WAITING"


def _use(work: Work) -> Use:
    if work.token is None:
        return ""
    return "live" if work.state == "DISPATCHED" else "spent"


def _reason(work: Work) -> str:
    if work.state == "FAILED":
        found = _texts(work.ber.findings) if work.ber else ""
        return found or ": ".join(filter(None, (work.cause, work.reason)))
    if work.state == "COMPLETE" or work.correction is None:
        return ""
    return f"to correct: {_texts(work.correction.findings) or work.correction.reason}"


def _texts(findings: Iterable[Any]) -> str:
    return "; ".join(each.text for each in findings if each.verdict != "PASS" and each.text)
