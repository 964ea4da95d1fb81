"""Fifty agents on twenty projects, while agents and services are killed at random: nothing leaks and nothing waits."""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.lifecycle import WORKING
from psmp.rules.project import Project
from psmp.words.answers import Status
from psmp.words.envelope import EventEnvelope
from psmp.words.events import SlotGranted, SlotRequested
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.values import Phase
from tests.fidelity import faithful, replayed
from tests.system.conftest import Running

AGENTS, PROJECTS, RUNS, SLOTS = 50, 20, 6, 3
PER_PROCESS = 5
LEASE = 3
VICTIMS = ("intake", "checker", "keeper", "watchdog", "resolver")
KILLS = int(os.environ.get("PSMP_GOVERNED_KILLS", "12"))
SEED = int(os.environ.get("PSMP_GOVERNED_SEED", "7"))
POLICY = {
    "auto_resolve": True,
    "max_concurrent_agents": SLOTS,
    "lease_seconds": LEASE,
    "stall_seconds": 4,
    "answer_seconds": 3,
}

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="session")]


class Crew:
    """Five agents in one process; killed, it is started again and goes on from the beginning."""

    def __init__(self, url: str, names: Sequence[str], projects: Sequence[str]) -> None:
        self._arguments = ("-m", "tests.system.agents", url, str(RUNS), ",".join(projects), *names)
        self.names = frozenset(names)
        self._names = set(names)
        self._process: asyncio.subprocess.Process | None = None

    async def work(self) -> None:
        """Until each of its agents has said that it is done."""
        for _ in range(3 * KILLS + 2):
            if not self._names:
                return
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(sys.executable, *self._arguments, stdout=pipe)
            assert self._process.stdout is not None
            try:
                while line := await self._process.stdout.readline():
                    self._names.discard(line.decode().split()[0])
            finally:
                self.kill()
                await self._process.wait()
        raise AssertionError(f"{sorted(self._names)} never got done")

    def kill(self) -> bool:
        """Kill -9; False when it is not running."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.kill()
        return True


async def test_fifty_agents_on_twenty_projects_with_random_kills(running: Running) -> None:
    projects = [f"governed-{number}" for number in range(PROJECTS)]
    for project in projects:
        await running.client.create_project(project, policy=POLICY)
        await running.client.transition(project, Phase.PLANNING, reason="plan")
        await running.client.transition(project, Phase.IN_PROGRESS, reason="go")
    url = running.stack.nats.url_for(running.identities.tenant())
    names = [f"agent-{number}" for number in range(AGENTS)]
    crews = [Crew(url, names[at : at + PER_PROCESS], projects) for at in range(0, AGENTS, PER_PROCESS)]
    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        for crew in crews:
            group.create_task(crew.work())
        await kill_at_random(running, crews, projects)
    ends = Counter([await ended(running, project) for project in projects])
    assert ends["COMPLETED"] + ends["inbox"] == PROJECTS
    assert ends["COMPLETED"] > 0
    kinds: Counter[str] = Counter()
    for project in projects:
        kinds += await assert_governed(running, ProjectKey("default", project))
    assert kinds["slot.granted"] >= AGENTS
    assert kinds["resolution.applied"] > 0
    assert kinds["slot.expired"] > 0, "agents were killed while they held a slot"
    count = faithful(await replayed(running.nats, [*(ProjectKey("default", project) for project in projects), SYSTEM]))
    assert count.same >= kinds.total()


async def kill_at_random(running: Running, crews: Sequence[Crew], projects: Sequence[str]) -> None:
    """Kill crews and services, one every second, whichever chance names; of crews one that has a slot just now.

    Goes on until it has found such a one twice, for on a busy machine slots may be rare.
    """
    chance, found = random.Random(SEED), 0
    for turn in range(3 * KILLS):
        if turn >= KILLS and found >= 2:
            return
        await asyncio.sleep(1)
        if chance.random() < 0.5:
            victim = await at_work(running, crews, projects)
            found += victim is not None
            (victim or chance.choice(crews)).kill()
        else:
            running.stack.kill(chance.choice(VICTIMS))


async def at_work(running: Running, crews: Sequence[Crew], projects: Sequence[str]) -> Crew | None:
    """A crew one of whose agents holds a slot just now."""
    for project in projects:
        for slot in (await running.client.status(project)).slots:
            return next(crew for crew in crews if slot.agent in crew.names)
    return None


async def ended(running: Running, project: str) -> str:
    """COMPLETED, or that it waits in a person's inbox; within a time in which every lease and every time limit ends."""
    async with asyncio.timeout(60):
        while True:
            status = await running.client.status(project)
            if status.phase is Phase.IN_PROGRESS and not status.slots and not status.waiting and not pending(status):
                await running.client.transition(project, Phase.COMPLETED, reason="done")
                return "COMPLETED"
            if any(alert.person and alert.taken is None for alert in status.alerts) and not status.slots:
                return "inbox"
            await asyncio.sleep(0.5)


def pending(status: Status) -> bool:
    """Whether a verdict is still to come."""
    contested = {party.artifact for conflict in status.conflicts for party in conflict.parties}
    return any(each.status == "DRAFT" and each.artifact not in contested for each in status.artifacts)


async def assert_governed(running: Running, key: ProjectKey) -> Counter[str]:
    """Read the whole log: every grant was lawful, none was given twice, and nobody holds or awaits a slot any more.

    Returns how many events of each kind there were.
    """
    kinds: Counter[str] = Counter()
    view: View[Project | None] = View(key, PROJECT_FOLD)
    grants: Counter[str] = Counter()
    async for record in running.log.read(key):
        before = view.state
        envelope: EventEnvelope = view.advance(record)
        kinds[record.kind] += 1
        if isinstance(envelope.data, SlotGranted):
            assert before is not None
            assert view.state is not None
            assert before.phase in WORKING
            assert before.blockers == ()
            assert len(view.state.slots.held) <= SLOTS
            assert len(view.state.slots.of(envelope.data.agent)) == 1
            grants[envelope.correlationid] += 1
        if isinstance(envelope.data, SlotRequested):
            grants[envelope.correlationid] += 0
    assert max(grants.values(), default=0) <= 1
    assert view.state is not None
    assert view.state.slots.held == {}
    assert view.state.slots.queue == ()
    return kinds
