"""Agents: who has a part in a project, who runs and who waits, and the right to run."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from psmp.service.clock import now
from psmp.words.commands import FinishSlot, LeaveQueue, RenewSlot, RequestSlot
from psmp.words.envelope import written
from psmp.words.ids import ProjectKey
from psmp_gateway.calls import Called, answer, read
from psmp_gateway.routes.parameters import Nothing, Project
from psmp_gateway.rules import report
from psmp_gateway.rules.answers import AgentList, SlotList
from psmp_gateway.standing import hearts


async def agents(call: Called, project: Project, _: Nothing) -> Response:
    """List the agents of a project: what each has made, whether it runs or waits, and when it was last heard."""
    status = await call.status(project)
    heard = await hearts(call.ports.nats, ProjectKey(call.caller.tenant, project))
    items = report.agents(status, heard)
    return answer(AgentList(items=items, sequence=status.sequence, present=written(now())))


async def slots(call: Called, project: Project, _: Nothing) -> Response:
    """List who may run, and who waits for that in the order of the queue."""
    status = await call.status(project)
    return answer(SlotList(items=status.slots, waiting=status.waiting, sequence=status.sequence))


async def begin(
    call: Called, project: Project, body: Annotated[RequestSlot, Depends(read(RequestSlot))], _: Nothing
) -> Response:
    """Ask for the right to run; `sequence` of the outcome is the fence of the slot."""
    return await call.do(project, body, status=201)


async def renew(
    call: Called, project: Project, body: Annotated[RenewSlot, Depends(read(RenewSlot))], _: Nothing
) -> Response:
    """Have the slot's term begin anew."""
    return await call.do(project, body)


async def finish(
    call: Called, project: Project, body: Annotated[FinishSlot, Depends(read(FinishSlot))], _: Nothing
) -> Response:
    """Give the right to run back."""
    return await call.do(project, body)


async def leave(
    call: Called, project: Project, body: Annotated[LeaveQueue, Depends(read(LeaveQueue))], _: Nothing
) -> Response:
    """Wait for a slot no longer."""
    return await call.do(project, body)


async def heartbeat(call: Called, project: Project, _: Nothing) -> Response:
    """Say that the agent is alive: without it a slot ends with its lease."""
    await call.status(project)
    await call.ports.speaking.beat(call.caller, project)
    return Response(status_code=204)
