"""The story of three agents under one plan, played through the public client: one fails its review and corrects it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from psmp.client import Client, Happened, ProjectExists
from psmp.client.running import Run
from psmp.graphs.judging import judged
from psmp.words.events import BerAgentGenerated, SubPacIssued, WrapOrchAccepted
from psmp.words.orchestration.dispatch import Dispatch
from psmp.words.orchestration.facts import RunEvent
from psmp.words.values import Phase

FILE: Final = "three-agents.yaml"
NAME: Final = "three-agents"
CREATOR: Final = "Lead"
MOST_NAMES: Final = 100
WITHIN: Final = 60.0
"""Seconds that the whole may take on a slow machine."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an agent of the story makes: its artifact and what it reports at last."""

    artifact: str
    type: str
    path: str
    outputs: Mapping[str, Any]
    cost_micros: int


PARTS: Final[Mapping[str, Part]] = {
    "api": Part("login-api", "code", "src/api/login.py", {"route": "POST /login"}, 310_000),
    "page": Part("login-page", "code", "src/web/login.html", {"page": "/login"}, 240_000),
    "text": Part("login-manual", "plan", "docs/login.md", {"words": 180}, 90_000),
}


def graph() -> bytes:
    """The plan as JSON, from the file of YAML."""
    found = judged(resources.files("psmp.story").joinpath(FILE).read_bytes(), FILE)
    if found.faults:
        raise ValueError(f"{FILE}: {found.faults[0].fault}")
    return found.raw


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that befell the graph, and how many seconds after the plan was submitted."""

    happened: Happened
    event: RunEvent
    after: float


class Staging:
    """One playing of the story."""

    def __init__(self, client: Client) -> None:
        self._client = client.as_agent(CREATOR)
        self.project = NAME
        self.seen: list[Seen] = []

    async def play(self) -> AsyncGenerator[Seen, None]:
        """What befalls the graph, as it happens, until it is settled or the time is over."""
        await self._create()
        agents = [asyncio.ensure_future(self._works(node["agent"])) for node in _agents()]
        try:
            began = time.perf_counter()
            await self._client.submit_maeg(self.project, graph())
            with suppress(TimeoutError):
                async with asyncio.timeout(WITHIN), aclosing(self._client.events(self.project, after=0)) as events:
                    async for each in events:
                        if isinstance(each.event, RunEvent):
                            self.seen.append(Seen(each, each.event, time.perf_counter() - began))
                            yield self.seen[-1]
                        if isinstance(each.event, WrapOrchAccepted):
                            return
        finally:
            for task in agents:
                task.cancel()
            await asyncio.gather(*agents, return_exceptions=True)

    async def _create(self) -> None:
        for number in range(1, MOST_NAMES + 1):
            self.project = NAME if number == 1 else f"{NAME}-{number}"
            try:
                await self._client.create_project(self.project, name="Three agents under one plan")
            except ProjectExists:
                continue
            await self._client.transition(self.project, Phase.PLANNING, reason="the plan is written")
            return
        raise ProjectExists("PROJECT_EXISTS", f"there are {MOST_NAMES} projects of this name")

    async def _works(self, agent: str) -> None:
        """An agent that does what it is sent; what it was told to correct, it corrects."""
        client = self._client.as_agent(agent)
        async with aclosing(client.dispatches(project=self.project)) as dispatches:
            async for each in dispatches:
                async with client.run(self.project, token=each.token, wait=WITHIN) as run:
                    await _does(each, run)


async def _does(dispatch: Dispatch, run: Run) -> None:
    part = PARTS[dispatch.node]
    if dispatch.attempt == 1:
        await run.declare(part.artifact, type=part.type, paths=[part.path])
    tested = {"passed": 4, "failed": 0} if dispatch.attempt > 1 else None  # at first nobody has written tests
    await run.report(part.outputs, tests=tested, cost_micros=part.cost_micros)


def _agents() -> list[dict[str, Any]]:
    draft = judged(resources.files("psmp.story").joinpath(FILE).read_bytes(), FILE).draft
    return [each.model_dump() for each in draft.nodes.values() if each.type == "AGENT_NODE"]


def failed_reviews(seen: list[Seen]) -> list[str]:
    """The nodes of which a review failed."""
    return [each.event.node for each in seen if isinstance(each.event, BerAgentGenerated) and _is_failed(each.event)]


def corrected(seen: list[Seen]) -> list[str]:
    """The nodes that were ordered to be done again."""
    return [each.event.node for each in seen if isinstance(each.event, SubPacIssued) and each.event.correction]


def _is_failed(event: BerAgentGenerated) -> bool:
    return event.ber.verdict == "FAIL"
