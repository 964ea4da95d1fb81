"""What the watchdog decides: who has been silent and what has been stuck for too long. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from psmp.rules.lifecycle import OPEN
from psmp.rules.project import Project
from psmp.words.envelope import written
from psmp.words.events import AgentReturned, AgentSilenced, Event, ProjectStalled, SlotExpired

Beats = Mapping[str, datetime]
"""When each agent of one project was heard last, by the server's clock. Who said that it is leaving is here no more."""

LEAVING: Final = b"leaving"


def sweep(project: Project, beats: Beats, now: datetime) -> Event | None:
    """The first thing that must be said about the project as of ``now``; None when there is nothing (any more)."""
    return _expired(project, beats, now) or _heard(project, beats, now) or _stalled(project, now)


def _expired(project: Project, beats: Beats, now: datetime) -> Event | None:
    for fence, slot in project.slots.held.items():
        granted = datetime.fromisoformat(slot.time)
        last = max(granted, beats[slot.agent]) if slot.agent in beats else granted
        if now - last > timedelta(seconds=slot.lease_seconds):
            return SlotExpired(agent=slot.agent, last_seen=written(last), fence=fence, reason="silent")
        renewed = datetime.fromisoformat(slot.renewed)
        if slot.term_seconds is not None and now - renewed > timedelta(seconds=slot.term_seconds):
            return SlotExpired(agent=slot.agent, last_seen=written(last), fence=fence, reason="term")
    return None


def _heard(project: Project, beats: Beats, now: datetime) -> Event | None:
    allowed = timedelta(seconds=project.policy.lease_seconds)
    for agent, heard in sorted(beats.items()):
        silent = now - heard > allowed
        if silent and agent not in project.silent:
            return AgentSilenced(agent=agent, last_seen=written(heard))
        if not silent and agent in project.silent:
            return AgentReturned(agent=agent, last_seen=written(heard))
    return None


def _stalled(project: Project, now: datetime) -> Event | None:
    if project.stalled or project.phase not in OPEN:
        return None
    if now - datetime.fromisoformat(project.since) <= timedelta(seconds=project.policy.stall_seconds):
        return None
    return ProjectStalled(phase=project.phase, since=project.since, conflicts=tuple(project.conflicts))
