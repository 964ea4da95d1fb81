"""Graphs of agents: those that there are, one with all its nodes, what settled it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fastapi.responses import Response

from psmp.client.errors import Refusal
from psmp.rules.orchestration.drawn import mermaid
from psmp.store.statements import load
from psmp.words.answers import ProjectLine
from psmp.words.envelope import written
from psmp.words.orchestration.seen import (
    Orchestration,
    OrchestrationLine,
    OrchestrationList,
    OrchestrationQuestion,
    OrchestrationsQuestion,
    Settlement,
    SettlementQuestion,
)
from psmp_gateway import record
from psmp_gateway.calls import Call, Called, answer
from psmp_gateway.offering import JSON, chosen
from psmp_gateway.routes.asked import GraphPlace
from psmp_gateway.routes.parameters import AllGraphs, GraphFilter, GraphName, Graphs, Nothing, Project
from psmp_gateway.routes.projects import seen
from psmp_gateway.rules import cursors, headers
from psmp_gateway.rules.answers import OrchestrationPage

SQL: Final = load(record.__file__)
LOOKED_AT: Final = 100
"""Projects that are read from the list at a time."""
MOST_LOOKED_AT: Final = 1000
"""So many for one page; what is not found among them is on the next one."""
AT_ONCE: Final = 16
"""So many projects are asked about at once."""
PLAIN: Final = "text/plain; charset=utf-8"


async def everywhere(call: Called, wanted: AllGraphs) -> Response:
    """List the graphs of agents of one project or of all. A page never ends inside a project."""
    if wanted.project is not None:
        items = [each for each in (await _of(call, wanted.project)).items if _is_wanted(each, wanted)]
        return answer(OrchestrationPage(items=tuple(items)))
    place = wanted.place(cursors.NAME)
    last, more, looked, behind = place[0] if place else "", True, 0, 0
    items = list[OrchestrationLine]()
    while more and looked < MOST_LOOKED_AT and len(items) < wanted.limit:
        lines, more, behind = await seen(call, last, LOOKED_AT)
        looked += len(lines)
        found = await _with_graphs(call, lines)
        for begin in range(0, len(found), AT_ONCE):
            several = found[begin : begin + AT_ONCE]
            for each in await asyncio.gather(*(_known(call, name) for name in several)):
                items += [line for line in each if _is_wanted(line, wanted)]
            last = several[-1]
            if len(items) >= wanted.limit:
                more = more or last != lines[-1].project
                break
        else:
            last = lines[-1].project if lines else last
    following = cursors.write(last) if more else None
    return answer(OrchestrationPage(items=tuple(items), next_cursor=following, behind=behind))


async def _with_graphs(call: Call, lines: Sequence[ProjectLine]) -> list[str]:
    names = [each.project for each in lines]
    async with call.ports.record.reading() as connection:
        rows = await connection.fetch(SQL["orchestrated"], call.caller.tenant, names)
    known = {row["project"] for row in rows}
    return [name for name in names if name in known]


async def _known(call: Call, project: str) -> Sequence[OrchestrationLine]:
    try:
        return (await _of(call, project)).items
    except Refusal:  # the list is of what the keeper wrote down, its answer of the log itself
        return ()


async def _of(call: Call, project: str) -> OrchestrationList:
    call.see(project)
    question = OrchestrationsQuestion(project=project)
    return await call.ports.speaking.ask(call.caller, "orchestrations", question, OrchestrationList)


def _is_wanted(line: OrchestrationLine, wanted: GraphFilter) -> bool:
    return wanted.state in (None, line.state) and (not wanted.waiting or bool(line.for_a_person))


async def listing(call: Called, project: Project, wanted: Graphs) -> Response:
    """List the graphs of agents of a project, the oldest first."""
    place = wanted.place(cursors.NUMBER)
    begin = place[0] if place else 0
    every = (await _of(call, project)).items
    found = [(number, each) for number, each in enumerate(every, 1) if number > begin and _is_wanted(each, wanted)]
    page = found[: wanted.limit]
    following = cursors.write(page[-1][0]) if len(found) > len(page) else None
    return answer(OrchestrationPage(items=tuple(each for _, each in page), next_cursor=following))


async def reading(call: Called, project: Project, maeg: GraphName, at: GraphPlace) -> Response:
    """Say how a graph stands, now or as of an event or a time; the ETag is the sequence of the last that changed it."""
    found = await graph(call, project, maeg, at.sequence, at.time)
    tag = {"ETag": headers.tag(found.sequence)}
    if headers.is_known(call.request.headers.get("If-None-Match"), found.sequence):
        return Response(status_code=304, headers=tag)
    if at.format == "mermaid" or chosen(call.request) != JSON:
        return Response(mermaid(found), 200, tag, media_type=PLAIN)
    return answer(found, headers=tag)


async def graph(
    call: Call, project: str, maeg: str, sequence: int | None = None, time: datetime | None = None
) -> Orchestration:
    """A graph with all its nodes; raises what ``Asker.ask`` does."""
    call.see(project)
    moment = None if time is None else written(time)
    question = OrchestrationQuestion(project=project, maeg=maeg, sequence=sequence, time=moment)
    return await call.ports.speaking.ask(call.caller, "orchestration", question, Orchestration)


async def settlement(call: Called, project: Project, maeg: GraphName, _: Nothing) -> Response:
    """Say what settled a graph (WRAP): every outcome, their root, the proof of each, the checkpoint of the ledger."""
    call.see(project)
    question = SettlementQuestion(project=project, maeg=maeg)
    return answer(await call.ports.speaking.ask(call.caller, "settlement", question, Settlement))
