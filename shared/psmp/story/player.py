"""Plays a scenario through the public client, as its agents would, and says what it observed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any, Final, assert_never

from psmp.client import Client, NotReached, ProjectExists, Refusal, Settled, Unsettled
from psmp.story.observed import Observation
from psmp.story.scenario import Action, Resolve, Scenario, Step
from psmp.words.answers import Status
from psmp.words.commands import (
    AmendArtifact,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected
from psmp.words.values import Dependency, Phase, Suggestion

MOST_NAMES: Final = 100
"""How many ids are tried when a project of the story's name exists already."""


class NothingToResolve(Refusal):
    """A step wants a way out where there is no such one."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one action."""

    settled: Settled | None
    refusal: Refusal | None
    unsettled: Unsettled | None
    seconds: float


class Player:
    """One playing of one scenario. ``patience`` is how many seconds a state may take to follow."""

    def __init__(self, client: Client, scenario: Scenario, *, patience: float = 10.0) -> None:
        self._client = client
        self._scenario = scenario
        self._patience = patience
        self.project = scenario.project.id

    async def create(self) -> float:
        """Start the project, under its own id or the first free one beside it; the seconds that took.

        Raises what the client raises.
        """
        stage = self._scenario.project
        agent = self._client.as_agent(self._scenario.creator)
        for number in range(1, MOST_NAMES + 1):
            self.project = stage.id if number == 1 else f"{stage.id}-{number}"
            began = time.perf_counter()
            try:
                await agent.create_project(self.project, name=stage.name, targets=stage.targets, policy=stage.policy)
            except ProjectExists:
                if number == MOST_NAMES:
                    raise
                continue
            return time.perf_counter() - began
        raise AssertionError  # the loop returns or raises

    async def play(self, pace: float = 0.0) -> AsyncIterator[Observation]:
        """Every step in turn, with a pause of ``pace`` seconds before each for people to read in."""
        for number, step in enumerate(self._scenario.steps, 1):
            if pace:
                await asyncio.sleep(pace)  # noqa: TID251 - the pause is what was asked for
            yield await self._step(number, step)

    async def status(self) -> Status:
        """How the project stands."""
        return await self._client.as_agent(self._scenario.creator).status(self.project)

    async def at_rest(self) -> Status:
        """How the project stands once what follows by itself has been written: its phase is what every rule sees."""
        deadline = time.monotonic() + self._patience
        status = await self.status()
        while status.phase is not status.state and time.monotonic() < deadline:
            await asyncio.sleep(0.01)  # noqa: TID251 - bounded by the deadline above
            status = await self.status()
        return status

    async def _step(self, number: int, step: Step) -> Observation:
        before = (await self.status()).state
        if step.needs == "transitive":
            why = "no index is asked yet, so nothing is known of what packages need themselves"
            return Observation(
                number=number,
                step=step,
                outcome="unknown",
                before=before,
                state=before,
                answered=0,
                settled=0,
                skipped=why,
            )
        began = time.perf_counter()
        played = await self._act(step)
        state = await self._state_after(step)
        settled = time.perf_counter() - began if step.expect.state else played.seconds
        return Observation(
            number=number,
            step=step,
            before=before,
            state=state,
            answered=played.seconds,
            settled=settled,
            **_told(played),
        )

    async def _state_after(self, step: Step) -> Phase:
        """The state that the step says must follow, if it does in time; else the one there is."""
        if step.expect.state is None:
            return (await self.status()).state
        agent = self._client.as_agent(step.agent)
        try:
            return (await agent.wait_for(self.project, step.expect.state, timeout=self._patience)).state
        except NotReached:
            return (await self.status()).state

    async def _act(self, step: Step) -> Played:
        began = time.perf_counter()
        try:
            settled = await self._send(self._client.as_agent(step.agent), step.action)
        except Refusal as refusal:
            return Played(None, refusal, None, time.perf_counter() - began)
        except Unsettled as unsettled:
            return Played(None, None, unsettled, time.perf_counter() - began)
        return Played(settled, None, None, time.perf_counter() - began)

    def _send(self, agent: Client, action: Action) -> Awaitable[Settled]:
        project = self.project
        match action:
            case TransitionProject():
                return agent.transition(project, action.to, reason=action.reason)
            case DeclareArtifact():
                return agent.declare(project, action.artifact, **_fields(action))
            case AmendArtifact():
                return agent.amend(project, action.artifact, **_fields(action))
            case WithdrawArtifact():
                return agent.withdraw(project, action.artifact, reason=action.reason)
            case RequestSlot():
                return agent.begin(project)
            case FinishSlot():
                return agent.finish(project, failure=action.failure)
            case Resolve():
                return self._resolve(action)
            case never:
                assert_never(never)

    async def _resolve(self, action: Resolve) -> Settled:
        """Carry out a way out of the oldest conflict: each of its changes is amended in the name of whose it is."""
        status = await self.status()
        ways = status.conflicts[0].suggestions if status.conflicts else ()
        way = next((each for each in ways if each.n == action.accept_suggestion), None)
        if way is None:
            reason = f"there is no suggestion {action.accept_suggestion}"
            raise NothingToResolve("NOTHING_TO_RESOLVE", reason, "see the status for what is open")
        return await self._carry_out(way, status, action.reason)

    async def _carry_out(self, way: Suggestion, status: Status, reason: str) -> Settled:
        needs = {each.artifact: each.dependencies for each in status.artifacts}
        verdict: Settled | None = None
        for change in way.changes:
            agent = self._client.as_agent(change.agent)
            changed = tuple(_changed(each, change.name, change.constraint) for each in needs[change.artifact])
            verdict = await agent.amend(self.project, change.artifact, dependencies=changed, reason=reason or way.text)
        if verdict is None:
            raise NothingToResolve("NOTHING_TO_RESOLVE", "the suggestion changes nothing")
        return verdict


def _fields(action: DeclareArtifact | AmendArtifact) -> dict[str, Any]:
    return {name: getattr(action, name) for name in action.model_fields_set - {"artifact"}}


def _changed(need: Dependency, name: str, constraint: str) -> Dependency:
    return need.model_copy(update={"constraint": constraint}) if need.name == name else need


def _told(played: Played) -> dict[str, Any]:
    """What an observation says of an outcome."""
    if played.refusal is not None:
        refusal = played.refusal
        return {"outcome": "refused", "code": refusal.code, "reason": refusal.reason, "hint": refusal.hint}
    if played.settled is None:
        return {"outcome": "unknown", "reason": str(played.unsettled)}
    event = played.settled.event
    if not isinstance(event, ArtifactAccepted | ConflictDetected | ConflictCleared):
        return {"outcome": "accepted"}
    said: dict[str, Any] = {"outcome": "accepted", "warnings": event.warnings, "unchecked": event.unchecked}
    if isinstance(event, ConflictDetected):
        return said | {"outcome": "conflict", "conflicts": event.conflicts, "cleared": event.cleared}
    cleared = event.cleared if isinstance(event, ConflictCleared) else ()
    return said | {"witness": tuple(event.witness.items()), "cleared": cleared}
