"""A graph of agents put together in Python: it says what the same plan says in YAML, and is judged as intake judges it.

Root, aggregation and end are there by themselves: who waits for nobody waits for the root, and for whom nobody waits,
for that one the aggregation does. What kind of edge it takes follows from what it joins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import to_json

from psmp.words.orchestration.checks import Check
from psmp.words.orchestration.graph import VERSION, Scope

if TYPE_CHECKING:
    from psmp.words.orchestration.codes import GraphFault

Json = dict[str, Any]
ScopeSaid = Scope | Mapping[str, Any]
CheckSaid = Check | Mapping[str, Any] | str
"""A check, what spells it, or its name alone where that says it all: ``"ARTIFACT_ACCEPTED"``."""


@dataclass(slots=True)
class Graph:
    """The graph ``MAEG-{pac}``; each method takes one more thing in, and gives the same graph back.

    Nothing is refused while it is put together: ``faults`` tells everything at once. ``submit_maeg`` takes it as it is.
    ``root``, ``aggregation`` and ``terminal`` are what the nodes are called that are there by themselves.
    """

    pac: str
    title: str = ""
    scope: ScopeSaid | None = None
    attempts: int = 3
    approver: str | None = None
    root: str = "root"
    aggregation: str = "all"
    terminal: str = "end"
    _lanes: list[Json] = field(default_factory=list, init=False)
    _nodes: list[Json] = field(default_factory=list, init=False)
    _sub_pacs: list[Json] = field(default_factory=list, init=False)
    _edges: list[Json] = field(default_factory=list, init=False)

    @property
    def maeg(self) -> str:
        """What the graph is called."""
        return f"MAEG-{self.pac}"

    def lane(self, lane: str, *, paths: Iterable[str] | None = None, types: Iterable[str] | None = None) -> "Graph":
        """A kind of work: the paths and the types of artifacts that belong to it; left out is any."""
        self._lanes.append(_without_none(lane=lane, paths=_list(paths), types=_list(types)))
        return self

    def agent(
        self,
        node: str,
        *,
        agent: str,
        lane: str,
        task: str = "",
        after: Iterable[str] = (),
        scope: ScopeSaid | None = None,
        inputs: Mapping[str, Any] | None = None,
        outputs: Mapping[str, Any] | None = None,
        checks: Iterable[CheckSaid] = (),
        agent_name: str = "",
        number: int | None = None,
    ) -> "Graph":
        """An agent's work, behind the nodes of ``after``. ``inputs`` and ``outputs`` are JSON Schemas by name.

        ``number`` is that of its Sub-PAC; left out, its place among the agents.
        """
        name = f"Sub-PAC-{self.pac}-A{number or len(self._sub_pacs) + 1}"
        self._nodes.append(
            _without_none(
                node=node,
                type="AGENT_NODE",
                agent=agent,
                agent_name=agent_name or None,
                lane=lane,
                sub_pac=name,
                inputs=dict(inputs) if inputs else None,
                outputs=dict(outputs) if outputs else None,
                checks=[_check(each) for each in checks] or None,
            )
        )
        self._sub_pacs.append(_without_none(sub_pac=name, task=task or None, scope=_plain(scope)))
        return self.after(node, *after)

    def sync(self, node: str, *, after: Iterable[str] = ()) -> "Graph":
        """A point at which nobody works: whoever is behind it starts when all have passed that it is behind."""
        self._nodes.append({"node": node, "type": "SYNC_POINT"})
        return self.after(node, *after)

    def after(self, node: str, *others: str) -> "Graph":
        """``node`` waits for these others."""
        self._edges += [{"from": other, "to": node} for other in others]
        return self

    def data(self, source: str, target: str, **flows: str) -> "Graph":
        """Outputs of ``source`` become inputs of ``target``, which waits for it: ``output="input"``."""
        self._edges.append({"from": source, "to": target, "type": "DATA_FLOW", "flows": flows})
        return self

    def document(self) -> Json:
        """The graph as the values that JSON spells."""
        pac = _without_none(
            pac=self.pac,
            title=self.title or None,
            scope=_plain(self.scope),
            lanes=list(self._lanes),
            attempts=self.attempts,
            approver=self.approver,
        )
        return {
            "version": VERSION,
            "maeg": self.maeg,
            "pac": pac,
            "nodes": [
                {"node": self.root, "type": "ORCH_ROOT"},
                *self._nodes,
                {"node": self.aggregation, "type": "AGGREGATION"},
                {"node": self.terminal, "type": "TERMINAL"},
            ],
            "sub_pacs": list(self._sub_pacs),
            "edges": self._joined(),
        }

    def json(self) -> bytes:
        """The graph as JSON, as it is submitted."""
        return to_json(self.document())

    def faults(self) -> "tuple[GraphFault, ...]":
        """Everything that is wrong with it, as intake would say it: each with its code, its place and its problem."""
        from psmp.rules.orchestration.faults import faults  # noqa: PLC0415 - agents that submit nothing need no rules
        from psmp.rules.orchestration.reading import read  # noqa: PLC0415 - as above

        return faults(read(self.json()))

    def _joined(self) -> list[Json]:
        """Every edge with its type: those from the root first, those into the aggregation and the end last."""
        syncs = {each["node"] for each in self._nodes if each["type"] == "SYNC_POINT"}
        waiting, leading = {each["to"] for each in self._edges}, {each["from"] for each in self._edges}
        names = [each["node"] for each in self._nodes]
        return [
            *(_edge(self.root, name, "DEPENDENCY") for name in names if name not in waiting),
            *(each if "type" in each else {**each, "type": _kind(each["to"] in syncs)} for each in self._edges),
            *(_edge(name, self.aggregation, "BARRIER") for name in names if name not in leading),
            _edge(self.aggregation, self.terminal, "DEPENDENCY"),
        ]


def _edge(origin: str, to: str, kind: str) -> Json:
    return {"from": origin, "to": to, "type": kind}


def _kind(into_sync: bool) -> str:  # noqa: FBT001 - of two kinds one
    return "BARRIER" if into_sync else "DEPENDENCY"


def _check(said: CheckSaid) -> Json:
    return {"check": said} if isinstance(said, str) else _plain(said) or {}


def _plain(said: BaseModel | Mapping[str, Any] | None) -> Json | None:
    """What spells it; of a word of ours without what was left out."""
    if isinstance(said, BaseModel):
        return said.model_dump(mode="json", exclude_none=True)
    return None if said is None else dict(said)


def _list(said: Iterable[str] | None) -> list[str] | None:
    return None if said is None else list(said)


def _without_none(**said: object) -> Json:
    return {name: value for name, value in said.items() if value is not None}
