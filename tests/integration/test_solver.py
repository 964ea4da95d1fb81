"""The transitive check in a running system: real services, the real uv, and an index made here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

import psmp
from psmp.client import Client
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.answers import Status
from psmp.words.events import Event
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

PUBLISHED = (
    Release("numpy", "1.26.4"),
    Release("numpy", "2.1.0"),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.18.0", ("numpy>=1.26",)),
)


@pytest.fixture
def index() -> Iterator[LittleIndex]:
    with serving(LittleIndex(PUBLISHED)) as running:
        yield running


@dataclass(frozen=True)
class System:
    """A system that runs with an index, and a client that speaks as any agent."""

    stack: Stack
    client: Client

    async def project(self, name: str) -> None:
        await self.client.as_agent("IdeaAgent").create_project(name)
        await self.client.as_agent("IdeaAgent").transition(name, "PLANNING", reason="go")

    async def status(self, name: str) -> Status:
        return await self.client.status(name)

    async def events(self, name: str) -> list[Event]:
        return [each.event async for each in self.client.events(name, after=0, follow=False)]

    async def until(self, name: str, holds: Callable[[Status], bool]) -> Status:
        """The status as soon as it is as it should be."""
        async with asyncio.timeout(60):
            while not holds(status := await self.status(name)):
                await asyncio.sleep(0.05)
        return status

    async def settled(self, name: str, verdict: str) -> Status:
        return await self.until(name, lambda status: status.transitive.verdict == verdict)


@asynccontextmanager
async def system(index: str, **env: str) -> AsyncIterator[System]:
    everything = whole(durable=False, env={"PSMP_INDEX_URL": index, **env})
    async with Stack(everything.plan) as stack:
        url = stack.nats.url_for(everything.identities.tenant())
        async with psmp.connect(url, tenant="default", agent="load", timeout=30) as client:
            yield System(stack, client)


async def test_packages_that_need_what_excludes_each_other_block_the_project_until_one_is_amended(
    index: LittleIndex,
) -> None:
    async with system(index.url) as running:
        await running.project("rag")
        coder, notebook = running.client.as_agent("CoderAgent"), running.client.as_agent("NotebookAgent")
        assert (await coder.declare("rag", "model", dependencies=["tensorflow==2.15.0"])).accepted
        fits = await running.settled("rag", "compatible")
        assert fits.transitive.exclude_newer is not None
        assert (await notebook.declare("rag", "notes", dependencies=["numpy>=2"])).accepted

        blocked = await running.settled("rag", "conflict")
        [conflict] = blocked.conflicts
        assert (conflict.id, conflict.kind, conflict.subject, blocked.state) == (
            "C-1",
            "transitive",
            "numpy",
            "BLOCKED",
        )
        assert {(each.agent, each.artifact) for each in conflict.parties} == {
            ("CoderAgent", "model"),
            ("NotebookAgent", "notes"),
        }
        assert conflict.chain
        assert conflict.suggestions

        await notebook.amend("rag", "notes", dependencies=["numpy>=1.26"])
        peace = await running.settled("rag", "compatible")
        assert peace.conflicts == ()
        kinds = [each.KIND for each in await running.events("rag") if each.KIND.startswith(("comp", "conf"))]
        run = ["compatibility.started", "compatibility.checked"]
        assert kinds == [*run, run[0], "conflict.detected", run[1], run[0], "conflict.cleared", run[1]]
