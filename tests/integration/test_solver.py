"""The transitive check in a running system: real services, the real uv, and an index made here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

import psmp
from psmp.client import Client
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.answers import Status
from psmp.words.commands import ChangeProject
from psmp.words.events import CompatibilityChecked, CompatibilityStarted, Event
from psmp.words.values import Target
from tests.little_index import LittleIndex, Release, serving

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

STARTED, CHECKED = "compatibility.started", "compatibility.checked"
PUBLISHED = (
    *(Release(name, "1.0") for name in ("base", "busy", "flaky", "lost", "slow")),
    Release("late", "1.0", ("base==2.0",)),
    Release("numpy", "1.26.4"),
    Release("numpy", "2.1.0"),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.18.0", ("numpy>=1.26",)),
)


@dataclass(frozen=True)
class System:
    """A system that runs with an index, and a client that speaks as any agent."""

    stack: Stack
    client: Client
    index: LittleIndex

    async def project(self, name: str) -> None:
        idea = self.client.as_agent("IdeaAgent")
        await idea.create_project(name)
        await idea.transition(name, "PLANNING", reason="go")

    async def events(self, name: str, *starts: str) -> list[Event]:
        said = [each.event async for each in self.client.events(name, after=0, follow=False)]
        return [each for each in said if each.KIND.startswith(starts)]

    async def until(self, name: str, holds: Callable[[Status], bool]) -> Status:
        """The status as soon as it is as it should be."""
        async with asyncio.timeout(60):
            while not holds(status := await self.client.status(name)):
                await asyncio.sleep(0.05)
        return status

    async def settled(self, name: str, verdict: str) -> Status:
        return await self.until(name, lambda status: status.transitive.verdict == verdict)

    async def asked_for(self, package: str) -> None:
        """Until a resolver waits for what the index has of a package."""
        async with asyncio.timeout(60):
            while not any(path.strip("/").endswith(f"simple/{package}") for path in self.index.asked):
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[System]:
    async with AsyncExitStack() as exits:
        index = exits.enter_context(serving(LittleIndex(PUBLISHED)))
        env = {"PSMP_INDEX_URL": index.url, "PSMP_SOLVER_RETRY_SECONDS": "0.2"}
        everything = whole(durable=False, env=env)
        stack = await exits.enter_async_context(Stack(everything.plan))
        url = stack.nats.url_for(everything.identities.tenant())
        client = await exits.enter_async_context(psmp.connect(url, tenant="default", agent="load", timeout=30))
        yield System(stack, client, index)


async def test_packages_that_need_what_excludes_each_other_block_the_project_until_one_is_amended(
    running: System,
) -> None:
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
    kinds = [each.KIND for each in await running.events("rag", "comp", "conf")]
    run = [STARTED, CHECKED]
    assert kinds == [*run, STARTED, "conflict.detected", CHECKED, STARTED, "conflict.cleared", CHECKED]


async def test_the_check_begins_anew_for_other_targets(running: System) -> None:
    await running.project("moved")
    idea = running.client.as_agent("IdeaAgent")
    await idea.declare("moved", "model", dependencies=["tensorflow==2.15.0; python_version >= '3.12'"])
    await idea.declare("moved", "notes", dependencies=["numpy>=2"])
    await running.settled("moved", "compatible")
    for python, verdict, subjects in (("3.12", "conflict", ["numpy"]), ("3.11", "compatible", [])):
        await idea._settle("moved", ChangeProject(targets=(Target(python=python),), reason="so"), None, 30)
        status = await running.settled("moved", verdict)
        assert [each.subject for each in status.conflicts] == subjects
        assert [each.python for each in status.targets] == [python]
    kinds = [each.KIND for each in await running.events("moved", "comp", "conf", "project.ch")]
    anew = ["project.changed", STARTED]
    assert kinds[-8:] == [*anew, "conflict.detected", CHECKED, *anew, "conflict.cleared", CHECKED]


async def test_what_a_solver_found_is_resolved_and_cleared_when_it_has_looked_again(running: System) -> None:
    name, load = "resolved", running.client
    await load.create_project(name, policy={"auto_resolve": True})
    await load.transition(name, "PLANNING", reason="go")
    await load.as_agent("ml").declare(name, "model", dependencies=["tensorflow==2.15.0"])
    await load.as_agent("ds").declare(name, "frames", dependencies=["numpy>=2"], flexible=True)
    status = await running.until(
        name, lambda status: status.sequence > 8 and not status.conflicts and status.transitive.verdict == "compatible"
    )
    await running.until(name, lambda status: status.state in {"PLANNING", "IN_PROGRESS"})
    versions = {each.artifact: each.version for each in status.artifacts}
    assert versions["frames"] == 2
    kinds = [each.KIND for each in await running.events(name, "conflict", "resolution", "compatibility")]
    after = kinds[kinds.index("resolution.applied") :]
    assert after == ["resolution.applied", "compatibility.started", "conflict.cleared", "compatibility.checked"]


async def test_what_the_index_lacks_of_answers_is_unknown_and_asked_again_until_it_is_there(running: System) -> None:
    running.index.faults = {"flaky": 503}
    await running.project("flaky")
    coder = running.client.as_agent("CoderAgent")
    verdict = await coder.declare("flaky", "model", dependencies=["flaky"])
    assert verdict.accepted
    unknown = await running.settled("flaky", "unknown")
    assert (unknown.state, unknown.conflicts) == ("PLANNING", ())
    assert "the index answered with an error (503)" in unknown.transitive.reasons[0]
    tried = len(running.index.asked)
    async with asyncio.timeout(30):
        while len(running.index.asked) < tried + 2:  # asked again, and said no more
            await asyncio.sleep(0.05)
    assert [each.KIND for each in await running.events("flaky", "comp")] == [STARTED, CHECKED]
    running.index.faults = {}
    await running.settled("flaky", "compatible")
    assert [each.KIND for each in await running.events("flaky", "comp")] == [STARTED, CHECKED, CHECKED]


async def test_a_proof_is_void_when_it_cannot_be_tried_again_and_what_it_rests_on_has_gone(running: System) -> None:
    await running.project("void")
    coder, notebook = running.client.as_agent("CoderAgent"), running.client.as_agent("NotebookAgent")
    await coder.declare("void", "model", dependencies=["tensorflow==2.15.0"])
    await notebook.declare("void", "notes", dependencies=["numpy>=2"])
    await running.settled("void", "conflict")
    running.index.faults = {"lost": 503}
    await notebook.amend("void", "notes", dependencies=["lost"])
    free = await running.settled("void", "unknown")
    assert free.conflicts == ()
    running.index.faults = {}
    await running.settled("void", "compatible")


async def test_a_burst_is_asked_about_once_or_twice(running: System) -> None:
    await running.project("burst")
    agents = [running.client.as_agent(f"Agent{number}") for number in range(10)]
    verdicts = await asyncio.gather(
        *(agent.declare("burst", f"part-{number}", dependencies=["base"]) for number, agent in enumerate(agents))
    )
    assert all(verdict.accepted for verdict in verdicts)
    last = await running.settled("burst", "compatible")
    assert last.transitive.sequence == max(each.sequence for each in last.artifacts)
    assert len(await running.events("burst", STARTED)) <= 2


async def test_a_declaration_waits_for_no_run_and_what_becomes_stale_is_given_up(running: System) -> None:
    running.index.silent = frozenset({"slow"})
    await running.project("stale")
    coder = running.client.as_agent("CoderAgent")
    await coder.declare("stale", "model", dependencies=["slow"])
    await running.asked_for("slow")
    assert (await running.client.status("stale")).transitive.verdict == "pending"
    amended = await coder.amend("stale", "model", dependencies=["base"])
    assert amended.accepted
    await running.settled("stale", "compatible")
    [_, _, checked] = await running.events("stale", "comp")
    assert isinstance(checked, CompatibilityChecked)
    assert checked.sequence == amended.sequence - 1


async def test_a_direct_conflict_comes_first(running: System) -> None:
    await running.project("first")
    coder, notebook = running.client.as_agent("CoderAgent"), running.client.as_agent("NotebookAgent")
    await coder.declare("first", "model", dependencies=["numpy>=2"])
    await running.settled("first", "compatible")
    assert not (await notebook.declare("first", "notes", dependencies=["numpy<2"])).accepted
    waiting = await running.settled("first", "pending")
    assert waiting.transitive.reasons == ("C-1 must be cleared first",)
    await notebook.amend("first", "notes", dependencies=["late", "numpy"])
    blocked = await running.settled("first", "conflict")
    assert [(each.id, each.kind, each.subject) for each in blocked.conflicts] == [("C-2", "no-version", "base")]
    assert len(await running.events("first", STARTED)) == 2


async def test_changes_that_never_cease_do_not_keep_a_project_from_its_verdict(running: System) -> None:
    running.index.silent = frozenset({"busy"})
    await running.project("busy")
    coder = running.client.as_agent("CoderAgent")
    verdict = await coder.declare("busy", "model", dependencies=["busy"])
    for count in range(1, 5):
        async with asyncio.timeout(30):
            while len(await running.events("busy", STARTED)) < count:
                await asyncio.sleep(0.05)
        verdict = await coder.amend("busy", "model", dependencies=["busy"], summary=f"{count}")
        assert verdict.accepted
    running.index.closed.set()  # and the fourth run, which was not given up, has its answer
    await running.settled("busy", "compatible")
    said = await running.events("busy", "comp")
    begun = [each.sequence for each in said if isinstance(each, CompatibilityStarted)]
    assert [each.sequence for each in said if isinstance(each, CompatibilityChecked)] == begun[3:]
    assert len(begun) == 5
