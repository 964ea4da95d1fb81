"""What an agent can still have sent to its peers, by naming their subjects as its reply subject, moves no client."""

import asyncio
from contextlib import aclosing

import pytest

import psmp
from psmp.stack.waiting import until
from psmp.words.envelope import open_event
from psmp.words.events import ProjectCreated
from psmp.words.ids import ProjectKey
from psmp.words.values import Policy, Target
from tests.guarded import Guarded, guarded
from tests.histories import History

__all__ = ["guarded"]

pytestmark = pytest.mark.integration

ME, PEER = "CoderAgent", "IdeaAgent"


def founded(project: str) -> bytes:
    """The first event of a project."""
    event = ProjectCreated(name="true", targets=(Target(),), policy=Policy())
    return History(ProjectKey("default", project)).add(event).body


async def test_a_forged_event_is_not_heard_and_the_feed_goes_on(guarded: Guarded) -> None:
    url = guarded.server.url_for(guarded.identities.agent(PEER))
    subject = "psmp.evt.default.forged-event.project.created"
    async with (
        guarded.as_agent(ME) as agent,
        guarded.as_service("intake") as intake,
        guarded.as_dashboard_of() as dashboard,
        psmp.connect(url, tenant="default", agent=PEER) as peer,
        aclosing(peer.events_live(project="forged-event")) as events,
    ):
        seen = await dashboard.listen(subject)
        first = asyncio.ensure_future(anext(events))
        for _ in range(20):  # the peer's subscription may come a moment after the first
            await agent.nats.publish(f"psmp.cmd.default.p.{ME}.artifact.declare", b"x", reply=subject)
            await agent.fence()

        async def forged() -> bool:
            return bool(seen)

        assert await until(forged, within=60)
        body = founded("forged-event")
        while not first.done():
            await intake.ask("psmp.log.default.forged-event.project.created", body)
            await asyncio.wait({first}, timeout=0.1)
        assert (await first).raw == body
        assert seen[0].data != body


async def test_a_forged_outcome_settles_nothing(guarded: Guarded) -> None:
    url = guarded.server.url_for(guarded.identities.agent(PEER))
    body = founded("forged-outcome")
    command_id = open_event(body).causationid
    subject = f"psmp.out.default.{PEER}.forged-outcome.{command_id}"
    async with (
        guarded.as_agent(ME) as agent,
        guarded.as_service("intake") as intake,
        guarded.as_operator_of() as operator,
        psmp.connect(url, tenant="default", agent=PEER) as peer,
    ):
        seen = await operator.listen(subject)
        outcome = asyncio.ensure_future(peer.create_project("forged-outcome", command_id=command_id))

        async def sent() -> bool:
            return f"psmp.cmd.default.forged-outcome.{PEER}.project.create" in await guarded.stored("forged-outcome")

        assert await until(sent, within=60)
        await agent.nats.publish(f"psmp.cmd.default.p.{ME}.artifact.declare", b"x", reply=subject)

        async def arrived() -> bool:
            return bool(seen)

        assert await until(arrived, within=60)
        await intake.nats.publish(subject, body, headers={"Psmp-Position": "7"})
        settled = await outcome
        assert (settled.position, settled.raw) == (7, body)
