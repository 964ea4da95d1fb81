"""The client's part in graphs of agents: to submit one, to start by a token, to report, and to judge as a person."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from psmp.client import arguments, history
from psmp.client.errors import Invalid
from psmp.client.feed import subscribe
from psmp.client.graph import Graph
from psmp.client.link import Link
from psmp.client.resolving import Resolving
from psmp.client.results import Settled
from psmp.words import subjects
from psmp.words.commands import AbandonMaeg, ApproveMaeg, CorrectSubPac, ReportSubPac, ReviewSubPac, SubmitMaeg
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.checks import ReportedTests
from psmp.words.orchestration.dispatch import Dispatch
from psmp.words.orchestration.packing import MOST_PACKED, pack
from psmp.words.orchestration.seen import (
    Orchestration,
    OrchestrationLine,
    OrchestrationList,
    OrchestrationQuestion,
    OrchestrationsQuestion,
    Settlement,
    SettlementQuestion,
)
from psmp.words.strict import Fault

GraphSaid = Graph | bytes | str | Mapping[str, Any]
"""A graph as it may be passed: as it was put together, as JSON, or as the values that this spells."""


class Orchestrating(Resolving):
    """What a client may say about graphs of agents. See ``Client``."""

    async def submit_maeg(
        self, project: str, graph: GraphSaid, *, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Register a graph of agents, for whoever governs the project; its roots are dispatched at once.

        Raises ``InvalidGraph`` or ``CycleDetected`` with all ``faults``, each with its place.
        """
        try:
            command = SubmitMaeg(graph=pack(_spelled(graph)))
        except ValidationError:
            problem = f"packed it has more than {MOST_PACKED} characters: make it smaller, or two of it"
            raise Invalid([Fault("", problem)]) from None
        return await self._settle(project, command, command_id, timeout)

    def dispatches(self, *, project: str = "*") -> AsyncGenerator[Dispatch, None]:
        """What this agent may start, in one project or in all, from now on: each attempt of a node once.

        A token is said again until it is used, so nothing is missed by who listens late. Show it with ``begin`` or
        ``run``. Leave it early inside ``contextlib.aclosing``.
        """
        key = ProjectKey(self._tenant, project) if project == "*" else self._key(project)
        return _dispatches(self._link, subjects.dispatch(key, self._agent))

    async def report(
        self,
        project: str,
        *,
        fence: int,
        outputs: Mapping[str, Any] | None = None,
        tools: Iterable[str] = (),
        used: Iterable[tuple[str, str]] = (),
        cost_micros: int = 0,
        tests: ReportedTests | Mapping[str, int] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Say that a node is done, and give its outputs; its slot, of that ``fence``, ends.

        ``tools`` are those that were used, ``used`` the outputs of others, each as node and output. Costs are in
        millionths. Raises ``SlotLost`` when the node was taken back.
        """
        command = arguments.build(
            ReportSubPac,
            fence=fence,
            outputs=outputs or {},
            tools=list(tools),
            used=[list(each) for each in used],
            cost_micros=cost_micros,
            tests=tests,
        )
        return await self._settle(project, command, command_id, timeout)

    async def orchestrations(self, project: str, *, timeout: float | None = None) -> list[OrchestrationLine]:
        """The graphs of agents of a project, the oldest first; never stale."""
        question = OrchestrationsQuestion(project=self._key(project).project)
        found = await self._asker.ask("orchestrations", question, OrchestrationList, self._seconds(timeout))
        return list(found.items)

    async def orchestration(
        self,
        project: str,
        maeg: str,
        *,
        sequence: int | None = None,
        time: datetime | str | None = None,
        timeout: float | None = None,
    ) -> Orchestration:
        """How a graph stands with all its nodes: now, never stale, or as of a ``sequence`` or a ``time``.

        Raises ``UnknownGraph``.
        """
        name = self._key(project).project
        question = arguments.build(
            OrchestrationQuestion, project=name, maeg=maeg, sequence=sequence, time=arguments.moment(time)
        )
        return await self._asker.ask("orchestration", question, Orchestration, self._seconds(timeout))

    async def settlement(self, project: str, maeg: str, *, timeout: float | None = None) -> Settlement:
        """What settled a graph, with a proof for each outcome; raises ``WrapPartialExecution`` while nothing has."""
        question = arguments.build(SettlementQuestion, project=self._key(project).project, maeg=maeg)
        return await self._asker.ask("settlement", question, Settlement, self._seconds(timeout))

    async def review(
        self,
        project: str,
        maeg: str,
        node: str,
        *,
        role: str,
        agrees: bool,
        reason: str,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """A person's word on a result that waits for one of that ``role``. For whoever governs the project."""
        command = arguments.build(ReviewSubPac, maeg=maeg, node=node, role=role, agrees=agrees, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def correct(
        self,
        project: str,
        maeg: str,
        node: str,
        *,
        reason: str,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Have a node done once more that has failed too often, or is done. For whoever governs the project."""
        command = arguments.build(CorrectSubPac, maeg=maeg, node=node, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def approve_maeg(
        self, project: str, maeg: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Agree that the whole is settled; raises ``PdoOrchIncomplete`` while something of it is not final."""
        command = arguments.build(ApproveMaeg, maeg=maeg, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def abandon_maeg(
        self, project: str, maeg: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Give a graph up: nothing of it is done any more, and nothing of it is settled."""
        command = arguments.build(AbandonMaeg, maeg=maeg, reason=reason)
        return await self._settle(project, command, command_id, timeout)


def _spelled(graph: GraphSaid) -> bytes:
    match graph:
        case Graph():
            return graph.json()
        case str():
            return graph.encode()
        case bytes():
            return graph
    return to_json(graph)


async def _dispatches(link: Link, subject: str) -> AsyncGenerator[Dispatch, None]:
    """See ``Orchestrating.dispatches``."""
    feed = await subscribe(link, subject, history.PATIENCE, stored=False)
    try:
        known: set[str] = set()
        while True:
            message = await feed.take(history.IDLE)
            try:
                found = Dispatch.model_validate_json(message.data) if message is not None else None
            except ValidationError:  # no dispatch, or of a newer version
                continue
            if found is not None and found.token not in known:
                known.add(found.token)
                yield found
    finally:
        await link.unlisten(feed)
