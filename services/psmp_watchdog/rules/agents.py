"""Silent agents are suspected, then given up: their slots end, and they wait for none any more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from psmp.rules.project import Project
from psmp.words.envelope import written
from psmp.words.events import AgentReturned, AgentSilenced, SlotExpired, SlotRefused
from psmp_watchdog.rules.finding import Finding, over

Beats = Mapping[str, datetime]
"""When each agent of one project was heard last, by the server's clock. Who said that it is leaving is not here."""

GRACE: Final = 2.0
"""Seconds from the suspicion, when the lease is over, until the slot is given up: a beat may be on its way."""


def due(project: Project, beats: Beats, now: datetime) -> Finding | None:
    """The first thing to be said about an agent."""
    return _heard(project, beats, now) or _expired(project, beats, now) or _waited(project, beats, now)


def _heard(project: Project, beats: Beats, now: datetime) -> Finding | None:
    runs = {slot.agent for slot in project.slots.held.values()}
    for agent in sorted(beats.keys() | runs):
        last = _last(project, beats, agent)
        silent = over(last, project.policy.lease_seconds, now)
        if silent and agent not in project.silent:
            return Finding(AgentSilenced(agent=agent, last_seen=written(last)))
        if not silent and agent in project.silent:
            return Finding(AgentReturned(agent=agent, last_seen=written(last)))
    return None


def _last(project: Project, beats: Beats, agent: str) -> datetime:
    """When the agent was heard last; that it got a slot counts as a word of it."""
    granted = [datetime.fromisoformat(slot.time) for slot in project.slots.of(agent).values()]
    return max([*granted, *([beats[agent]] if agent in beats else [])])


def _expired(project: Project, beats: Beats, now: datetime) -> Finding | None:
    for fence, slot in project.slots.held.items():
        granted = datetime.fromisoformat(slot.time)
        last = max(granted, beats.get(slot.agent, granted))
        if over(last, slot.lease_seconds + GRACE, now):
            return Finding(SlotExpired(agent=slot.agent, last_seen=written(last), fence=fence, reason="silent"))
        if slot.term_seconds is not None and over(slot.renewed, slot.term_seconds, now):
            return Finding(SlotExpired(agent=slot.agent, last_seen=written(last), fence=fence, reason="term"))
    return None


def _waited(project: Project, beats: Beats, now: datetime) -> Finding | None:
    allowed = project.policy.lease_seconds
    for each in project.slots.queue:
        asked = datetime.fromisoformat(each.time)
        last = max(asked, beats.get(each.agent, asked))
        if over(asked, each.wait_seconds, now):
            reason = f"no slot was free for {each.wait_seconds} s"
        elif over(last, allowed, now):
            reason = f"{each.agent} was not heard for more than {allowed} s"
        else:
            continue
        return Finding(SlotRefused(agent=each.agent, request=each.request, reason=reason), each.request, each.agent)
    return None
