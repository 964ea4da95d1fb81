"""Graphs of agents: those that there are, one with all its nodes, a new one, and what people say of one."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError

from psmp.client.errors import Refusal
from psmp.graphs.judging import Judged, judged
from psmp.rules.orchestration.drawn import mermaid
from psmp.store.statements import load
from psmp.words.answers import ProjectLine
from psmp.words.commands import AbandonMaeg, ApproveMaeg, Command, CorrectSubPac, ReviewSubPac, SubmitMaeg
from psmp.words.envelope import written
from psmp.words.orchestration.packing import MOST_BYTES, MOST_PACKED, pack
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
from psmp_gateway.calls import MOST, Call, Called, answer, content, read, said_type
from psmp_gateway.offering import JSON, chosen
from psmp_gateway.routes.asked import GraphPlace
from psmp_gateway.routes.parameters import AllGraphs, GraphFilter, GraphName, Graphs, NodeName, Nothing, Project
from psmp_gateway.routes.projects import seen
from psmp_gateway.rules import cursors, headers, problems
from psmp_gateway.rules.answers import Because, OrchestrationPage
from psmp_gateway.rules.graphs import GraphReview, faulty, told
from psmp_gateway.trouble import Trouble, trouble

SQL: Final = load(record.__file__)
LOOKED_AT: Final = 100
"""Projects that are read from the list at a time."""
MOST_LOOKED_AT: Final = 1000
"""So many for one page; what is not found among them is on the next one."""
AT_ONCE: Final = 16
"""So many projects are asked about at once."""
YAML: Final = ("application/yaml", "application/x-yaml", "text/yaml")
"""The registered media type, and what it was called before it was."""
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


async def _judged(request: Request, call: Called) -> Judged:
    """The graph in the body, judged as intake does; raises ``Trouble`` that says everything that is wrong with it."""
    said = said_type(request, JSON, *YAML)
    raw = await content(request, MOST_BYTES)
    async with call.ports.record.taking_long() if len(raw) > MOST else nullcontext():
        found = await asyncio.to_thread(judged, raw, "graph.json" if said == JSON else "")
    if found.faults:
        raise Trouble(faulty(found))
    return found


Sent = Annotated[Judged, Depends(_judged)]


async def check(found: Sent, _: Nothing) -> Response:
    """Judge a graph as it is when it is submitted: every fault at once; nothing is registered."""
    assert found.draft.graph is not None  # noqa: S101 - it has no faults
    return answer(told(found.draft.graph, found))


async def submit(call: Called, project: Project, found: Sent, _: Nothing) -> Response:
    """Register a graph of agents, as JSON or YAML; its first nodes are dispatched at once."""
    try:
        command = SubmitMaeg(graph=pack(found.raw))
    except ValidationError:
        detail = f"packed the graph has more than {MOST_PACKED} characters"
        raise trouble(problems.TOO_LARGE, detail, "make it smaller, or two of it") from None
    where = f"/api/v1/projects/{project}/orchestrations/{found.draft.maeg}"
    return await call.do(project, command, status=201, location=where)


async def approve(
    call: Called, project: Project, maeg: GraphName, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Agree that the whole is settled, where a person must."""
    return await _say(call, project, maeg, ApproveMaeg(maeg=maeg, reason=body.reason))


async def abandon(
    call: Called, project: Project, maeg: GraphName, body: Annotated[Because, Depends(read(Because))], _: Nothing
) -> Response:
    """Give a graph up: nothing of it is done any more, and nothing of it is settled."""
    return await _say(call, project, maeg, AbandonMaeg(maeg=maeg, reason=body.reason))


async def review(
    call: Called,
    project: Project,
    maeg: GraphName,
    node: NodeName,
    body: Annotated[GraphReview, Depends(read(GraphReview))],
    _: Nothing,
) -> Response:
    """Say as a person of a role whether the result of a node is good, where it waits for one."""
    return await _say(call, project, maeg, ReviewSubPac(maeg=maeg, node=node, **dict(body)))


async def correct(
    call: Called,
    project: Project,
    maeg: GraphName,
    node: NodeName,
    body: Annotated[Because, Depends(read(Because))],
    _: Nothing,
) -> Response:
    """Have a node done once more that has failed too often, or is done."""
    return await _say(call, project, maeg, CorrectSubPac(maeg=maeg, node=node, reason=body.reason))


async def _say(call: Call, project: str, maeg: str, command: Command) -> Response:
    """Say a command about a graph; ``If-Match`` names the last event that changed that graph."""

    async def current() -> int:
        return (await graph(call, project, maeg)).sequence

    return await call.do(project, command, expected=await call.locked(current))
