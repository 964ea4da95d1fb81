"""What a project's status says of its conflicts: which block, who is at them, what can be done, as requests to send."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from psmp.rules.conflicts import blocking
from psmp.words.answers import Status
from psmp.words.values import Conflict
from psmp_gateway.rules.answers import AgentState, BlockedProject, Blocker, ConflictState, Step

DEFAULT_WAIVER: Final = 3600

_HINT: Final = "take one of the steps, or amend or withdraw one of the declarations that it names"


class Heard(NamedTuple):
    """An agent's last heartbeat: when it was stored, and whether it said that it goes."""

    at: str
    leaving: bool


def conflicts(status: Status) -> tuple[ConflictState, ...]:
    """Every open conflict, oldest first."""
    return tuple(_state(status, each) for each in status.conflicts)


def blockers(status: Status) -> frozenset[str]:
    """The ids of the conflicts that block."""
    waived = {each.conflict for each in status.waivers}
    return frozenset(blocking((each for each in status.conflicts if each.id not in waived), status.policy))


def blocked(status: Status) -> BlockedProject | None:
    """What blocks the project; None when nothing does."""
    found = [each for each in conflicts(status) if each.blocking]
    if not found:
        return None
    return BlockedProject(
        project=status.project,
        name=status.name,
        state=status.state,
        since=status.since,
        sequence=status.sequence,
        blockers=tuple(_blocker(status, each) for each in found),
        running=tuple(dict.fromkeys(each.agent for each in status.slots)),
        waiting=tuple(dict.fromkeys(each.agent for each in status.waiting)),
    )


def agents(status: Status, heard: Mapping[str, Heard]) -> tuple[AgentState, ...]:
    """Everybody who has a part in the project or was heard in it, by id."""
    names = {
        *heard,
        *(each.agent for each in status.artifacts),
        *(each.agent for each in status.slots),
        *(each.agent for each in status.waiting),
        *status.silent,
    }
    return tuple(_agent(status, name, heard.get(name)) for name in sorted(names))


def _agent(status: Status, name: str, heard: Heard | None) -> AgentState:
    return AgentState(
        agent=name,
        artifacts=tuple(each.artifact for each in status.artifacts if each.agent == name),
        running=tuple(each for each in status.slots if each.agent == name),
        waiting=tuple(each for each in status.waiting if each.agent == name),
        silent=name in status.silent,
        conflicts=tuple(each.id for each in status.conflicts if any(party.agent == name for party in each.parties)),
        heard=heard.at if heard else None,
        leaving=bool(heard and heard.leaving),
    )


def _state(status: Status, conflict: Conflict) -> ConflictState:
    resolution = next((each for each in status.resolutions if each.conflict == conflict.id), None)
    waiver = next((each for each in status.waivers if each.conflict == conflict.id), None)
    state: Literal["open", "resolving", "waived"] = "waived" if waiver else "resolving" if resolution else "open"
    return ConflictState(
        project=status.project,
        state=state,
        blocking=conflict.id in blockers(status),
        sequence=status.told.get(conflict.id),
        conflict=conflict,
        resolution=resolution,
        waiver=waiver,
    )


def _blocker(status: Status, state: ConflictState) -> Blocker:
    waits_for = state.resolution.unanswered if state.resolution else ()
    hint = (
        f"{state.resolution.resolution} waits for {', '.join(waits_for)}" if state.resolution and waits_for else _HINT
    )
    return Blocker(**dict(state), hint=hint, steps=_steps(status, state.conflict), waits_for=waits_for)


def _steps(status: Status, conflict: Conflict) -> tuple[Step, ...]:
    """The verified suggestions, then what can always be done."""
    href = f"/api/v1/governance/conflicts/{conflict.id}/resolve?project={quote(status.project)}"
    because, seen = {"reason": "why"}, {"seen": status.sequence}
    accept = (
        Step(text=each.text, href=href, body={"strategy": "accept", "suggestion": each.n, **seen, **because})
        for each in conflict.suggestions
    )
    waive = {"strategy": "waive", "seconds": DEFAULT_WAIVER, **because}
    return (
        *accept,
        Step(text="let the resolver find a way out", href=href, body={"strategy": "retry", **because}),
        Step(text=f"let it stand for {DEFAULT_WAIVER} s", href=href, body=waive),
        Step(text="lay it before a person", href=href, body={"strategy": "escalate", **because}),
    )
