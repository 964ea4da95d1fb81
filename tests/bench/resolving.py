"""How much is resolved without people, how fast, and how often wrongly: ``python -m tests.bench.resolving``.

Teams of the scenario corpus and made ones declare in a running stack under ``auto_resolve``. Owners who are asked
answer by themselves. After each resolution everything is checked from scratch, by the engine without any history.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from psmp import Client, Phase, Policy, Refusal, connect
from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.stack import Stack
from psmp.stack.whole import whole
from psmp.words.checks import CheckSet
from psmp.words.commands import DeclareArtifact
from psmp.words.events import AlertRaised, ConflictDetected, ResolutionApplied
from psmp.words.ids import ProjectKey
from psmp.words.values import Target
from tests.played import from_scratch
from tests.teams import Team, crowd

SCENARIOS: Final = Path(__file__).parents[1] / "scenarios" / "teams.jsonl"
PACKAGES: Final = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
MADE: Final = 60
AGENTS: Final = 5
AT_ONCE: Final = 4
OWNERS: Final = (("all flexible", 1.0, 1.0), ("owners agree", 0.0, 1.0), ("mixed", 0.5, 0.7))
"""Kinds of owners: which share of artifacts is flexible, and how often an owner who is asked says yes."""
WITHIN: Final = 120.0


@dataclass(slots=True)
class Tally:
    """What came of the teams of one kind, under one policy."""

    conflicts: int = 0
    without_people: int = 0
    asked: int = 0
    applied: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)


def corpus() -> list[tuple[tuple[Target, ...], Team]]:
    """The teams of the scenarios that clash directly."""
    found = []
    for line in SCENARIOS.read_text(encoding="utf-8").splitlines():
        asked = CheckSet.model_validate_json(line)
        if json.loads(line)["expect"]["direct"] != "conflict":
            continue
        team = [
            (
                each.agent or each.artifact,
                DeclareArtifact(
                    artifact=each.artifact,
                    type="code",
                    dependencies=each.dependencies,
                    paths=each.paths,
                    requires_python=each.requires_python,
                    environment=each.environment,
                ),
            )
            for each in asked.declarations
        ]
        found.append((asked.targets or (Target(),), team))
    return found


def made() -> list[tuple[tuple[Target, ...], Team]]:
    """Teams of five agents that each need three of six packages, by plain constraints."""
    chance = random.Random(4)
    return [((Target(),), crowd(chance, AGENTS, PACKAGES)) for _ in range(MADE)]


def flexible(team: Team, share: float, chance: random.Random) -> Team:
    """The team with so large a share of its artifacts flexible."""
    return [
        (agent, command.model_copy(update={"flexible": True if chance.random() < share else None}))
        for agent, command in team
    ]


async def played(client: Client, project: str, targets: Sequence[Target], team: Team, yes: float) -> Tally:
    """One team, until nothing is open or a person is called."""
    await client.create_project(project, targets=targets, policy=Policy(auto_resolve=True))
    await client.transition(project, Phase.PLANNING, reason="go")
    async with _answering(client, project, sorted({agent for agent, _ in team}), yes):
        for agent, command in team:
            await client.as_agent(agent).declare(project, **_arguments(command))
        async with asyncio.timeout(WITHIN):
            while True:
                status = await client.status(project)
                called = {each.conflict for each in status.alerts if each.person}
                if all(each.id in called for each in status.conflicts) and not status.resolutions:
                    break
                await asyncio.sleep(0.02)
    return await _counted(client, project)


def _arguments(command: DeclareArtifact) -> dict[str, Any]:
    return {name: value for name, value in command if name not in ("fence", "metadata") and value is not None}


@asynccontextmanager
async def _answering(client: Client, project: str, agents: Sequence[str], yes: float) -> AsyncIterator[None]:
    """Every agent answers what it is asked, by chance and at once."""
    chance = random.Random(project)

    async def answer(agent: Client) -> None:
        async with aclosing(agent.tasks(project)) as tasks:
            async for task in tasks:
                if task.resolution is not None:
                    with suppress(Refusal):  # another owner has said no meanwhile
                        await agent.answer(project, task.resolution, "yes" if chance.random() < yes else "no")

    answering = [asyncio.get_running_loop().create_task(answer(client.as_agent(each))) for each in agents]
    try:
        yield
    finally:
        for each in answering:
            each.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


async def _counted(client: Client, project: str) -> Tally:
    """What the log tells; every resolution is held against a check from scratch."""
    tally = Tally()
    view: View[Project | None] = View(ProjectKey(client.tenant, project), PROJECT_FOLD)
    since: dict[str, datetime] = {}
    called: set[str | None] = set()
    async for each in client.events(project, follow=False):
        before = view.state
        view.advance(Record(each.position, each.envelope.key, each.event.KIND, each.raw, each.envelope))
        now, time = view.state, datetime.fromisoformat(each.envelope.time)
        match each.event:
            case ConflictDetected(conflicts=conflicts):
                for conflict in conflicts:
                    since.setdefault(conflict.id, time)
            case AlertRaised(conflict=conflict, person=True):
                called.add(conflict)
            case ResolutionApplied() as applied if before is not None and now is not None:
                tally.applied += 1
                tally.wrong += _is_wrong(before, now, applied.conflict)
                tally.seconds += [(time - since[name]).total_seconds() for name in applied.cleared]
            case _:
                pass
        tally.asked += each.event.KIND == "resolution.proposed"
    tally.conflicts = len(since)
    tally.without_people = len(since.keys() - called)
    return tally


def _is_wrong(before: Project, after: Project, conflict: str) -> bool:
    """Whether the conflict is there still, or one that was not."""
    was, now = from_scratch(before), from_scratch(after)
    return before.conflicts[conflict].identity in now or not now.keys() <= was.keys()


async def bench() -> list[tuple[str, str, Tally]]:
    """Every kind of team under every kind of owners."""
    everything = whole()
    names = {"intake", "checker", "resolver", "keeper"}
    plan = replace(everything.plan, services=tuple(each for each in everything.plan.services if each.name in names))
    rows: list[tuple[str, str, Tally]] = []
    async with Stack(plan) as stack:
        url = stack.nats.url_for(everything.identities.tenant())
        async with connect(url, agent="owner", timeout=60) as client:
            for kind, teams in (("corpus", corpus()), ("made", made())):
                for owners, share, yes in OWNERS:
                    name = f"{kind}-{owners.replace(' ', '-')}"
                    rows.append((kind, owners, await _all(client, name, teams, share, yes)))
    return rows


async def _all(
    client: Client, name: str, teams: Sequence[tuple[tuple[Target, ...], Team]], share: float, yes: float
) -> Tally:
    chance, turn, whole_tally = random.Random(name), asyncio.Semaphore(AT_ONCE), Tally()

    async def one(number: int, targets: tuple[Target, ...], team: Team) -> None:
        async with turn:
            tally = await played(client, f"{name}-{number}", targets, team, yes)
        whole_tally.conflicts += tally.conflicts
        whole_tally.without_people += tally.without_people
        whole_tally.asked += tally.asked
        whole_tally.applied += tally.applied
        whole_tally.wrong += tally.wrong
        whole_tally.seconds += tally.seconds

    async with asyncio.TaskGroup() as group:
        for number, (targets, team) in enumerate(teams):
            group.create_task(one(number, targets, flexible(team, share, chance)))
    return whole_tally


def main() -> None:
    """Measure, and print the table."""
    table = Table(box=None, pad_edge=False)
    columns = (
        "teams",
        "owners",
        "conflicts",
        "without people",
        "asked",
        "applied",
        "wrong",
        "median",
        "longest",
    )
    for column in columns:
        table.add_column(column, justify="left" if column in ("teams", "owners") else "right")
    for kind, owners, tally in asyncio.run(bench()):
        share = f"{tally.without_people} ({tally.without_people / tally.conflicts:.0%})"
        times = (f"{median(tally.seconds) * 1000:.0f} ms", f"{max(tally.seconds) * 1000:.0f} ms")
        counts = map(str, (tally.asked, tally.applied, tally.wrong))
        table.add_row(kind, owners, str(tally.conflicts), share, *counts, *times)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
