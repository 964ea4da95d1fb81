"""Two checkers with an index, over the same consumers: no project is asked about by both at the same time."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

import psutil
import pytest
import pytest_asyncio

import psmp
from psmp.cli.commands.watch import Scene, _hearing
from psmp.client import Client
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.answers import Status
from psmp.words.events import ArtifactDeclared, CompatibilityChecked, CompatibilityStarted
from tests.little_index import LittleIndex, Release, serving

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

REPLICAS = ("checker", "checker-2")
PROJECTS = ("one", "two")
CHANGES, MOST_CHANGES = 8, 80
PUBLISHED = (
    *(Release(f"{project}-{number}", "1.0") for project in (*PROJECTS, "alone") for number in range(MOST_CHANGES)),
    Release("stuck-0", "1.0"),
)
Said = CompatibilityStarted | CompatibilityChecked


@dataclass
class System:
    """A system with two checkers, a client that speaks as any agent, and what was seen of resolvers."""

    stack: Stack
    client: Client
    index: LittleIndex
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    together: set[str] = field(default_factory=set)

    def look(self) -> dict[str, set[str]]:
        """Which replicas have a resolver at work, by project; the projects that have two are noted."""
        found: dict[str, set[str]] = defaultdict(set)
        for replica in REPLICAS:
            for project in projects_of(self.stack.pid(replica)):
                found[project].add(replica)
                self.seen[project].add(replica)
        self.together |= {project for project, replicas in found.items() if len(replicas) > 1}
        return found

    async def watch(self) -> None:
        """Look again and again, for ever."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(0.02)

    async def project(self, name: str) -> None:
        idea = self.client.as_agent("IdeaAgent")
        await idea.create_project(name)
        await idea.transition(name, "PLANNING", reason="go")

    async def settled(self, name: str) -> Status:
        """The status as soon as the resolver has found everything compatible."""
        async with asyncio.timeout(60):
            while (status := await self.client.status(name)).transitive.verdict != "compatible":
                await asyncio.sleep(0.05)
        return status

    async def changed(self, name: str) -> int:
        """The sequence of the project's last declaration."""
        events = self.client.events(name, after=0, follow=False)
        return max([each.sequence async for each in events if isinstance(each.event, ArtifactDeclared)])

    async def said(self, name: str) -> list[Said]:
        events = [each.event async for each in self.client.events(name, after=0, follow=False)]
        return [each for each in events if isinstance(each, CompatibilityStarted | CompatibilityChecked)]


def projects_of(pid: int | None) -> set[str]:
    """What the resolvers that a process has started are asked about."""
    found = set()
    for each in psutil.Process(pid).children() if pid else ():
        try:
            if each.name() == "uv":
                asked = "".join(path.read_text() for path in Path(each.cwd()).glob("*/pyproject.toml"))
                found |= set(re.findall(r'"(\w+)-\d+[">=]', asked))
        except (psutil.Error, OSError):  # it has ended meanwhile
            continue
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[System]:
    async with AsyncExitStack() as exits:
        index = exits.enter_context(serving(LittleIndex(PUBLISHED, delay=0.3)))
        everything = whole(durable=False, env={"PSMP_INDEX_URL": index.url})
        [checker] = [each for each in everything.plan.services if each.name == "checker"]
        services = (*everything.plan.services, replace(checker, name=REPLICAS[1]))
        stack = await exits.enter_async_context(Stack(replace(everything.plan, services=services)))
        url = stack.nats.url_for(everything.identities.tenant())
        client = await exits.enter_async_context(psmp.connect(url, tenant="default", agent="load", timeout=30))
        yield System(stack, client, index)


async def never_ceasing(running: System, name: str) -> int:
    """A project that changes faster than it can be asked about, until it was; the sequence of its last change."""
    await running.project(name)
    coder = running.client.as_agent("CoderAgent")
    for number in range(MOST_CHANGES):
        was_asked = any(isinstance(each, CompatibilityChecked) for each in await running.said(name))
        verdict = await coder.declare(name, f"part-{number}", dependencies=[f"{name}-{number}"])
        assert verdict.accepted
        if was_asked and number >= CHANGES:
            break
        await asyncio.sleep(0.4)  # what makes a run stale
    return await running.changed(name)


async def changing(running: System, *names: str) -> None:
    """These projects change without ceasing; no project is asked about twice at a time, and each has its verdict."""
    running.seen.clear()
    watching = asyncio.get_running_loop().create_task(running.watch())
    last = await asyncio.gather(*(never_ceasing(running, name) for name in names))
    settled = await asyncio.gather(*map(running.settled, names))
    watching.cancel()
    await asyncio.wait({watching})
    assert running.together == set()
    assert set().union(*running.seen.values()) == set(REPLICAS)
    assert [each.transitive.sequence for each in settled] == last
    for name in names:
        said = await running.said(name)
        begun = [each.sequence for each in said if isinstance(each, CompatibilityStarted)]
        ended = [each.sequence for each in said if isinstance(each, CompatibilityChecked)]
        assert begun == sorted(set(begun))
        assert ended == sorted(set(ended))
        assert len(ended) >= 2  # one that was not given up came before the last
        # Nothing began before what was under way had its verdict.
        assert [each.sequence for each in said] == sorted(each.sequence for each in said)


async def test_bursts_over_several_projects_are_asked_about_by_one_replica_at_a_time(running: System) -> None:
    await changing(running, *PROJECTS)


async def test_a_run_that_is_not_given_up_is_waited_for_by_the_other_replica(running: System) -> None:
    running.index.delay = 0.8
    await changing(running, "alone")
    running.index.delay = 0.0


async def test_what_a_killed_replica_was_at_is_told_and_then_done_by_the_other(running: System) -> None:
    running.index.silent = frozenset({"stuck-0"})
    await running.project("stuck")
    scene = Scene()
    async with _hearing(running.client, None, scene), aclosing(running.client.progress(project="stuck")) as progress:
        await running.client.as_agent("CoderAgent").declare("stuck", "model", dependencies=["stuck-0"])
        async with asyncio.timeout(30):
            told = (await anext(progress)).progress
            while set(scene.running(monotonic())) != {"stuck"}:
                await asyncio.sleep(0.01)
    assert (told.doing, told.at, told.of, told.ended) == ("solving", 1, 1, False)
    assert 1 <= told.seconds < 30
    shown = (await running.client.status("stuck")).transitive
    assert shown.verdict == "pending"
    assert shown.progress is not None
    assert shown.progress.sequence == told.sequence

    [killed] = running.look()["stuck"]
    pid = running.stack.pid(killed)
    assert pid
    resolvers = [each for each in psutil.Process(pid).children(recursive=True) if each.name() == "uv"]
    running.stack.kill(killed, hold=True)
    _, left = await asyncio.to_thread(psutil.wait_procs, resolvers, timeout=30)
    assert left == []
    running.index.silent = frozenset()
    async with asyncio.timeout(60):  # ten seconds after it was last said to be in hand, and what the run takes
        found = await running.settled("stuck")
    assert found.transitive.progress is None
    said = await running.said("stuck")
    assert [each.KIND for each in said] == [CompatibilityStarted.KIND, CompatibilityChecked.KIND]
    await running.stack.restart(killed)
