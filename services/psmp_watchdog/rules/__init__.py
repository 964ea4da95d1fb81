"""What the watchdog decides: who has been silent and what has been stuck for too long, and what follows. Pure."""

from datetime import datetime
from typing import Final

from psmp.rules.project import Project
from psmp_watchdog.rules import agents, proposals, recovery
from psmp_watchdog.rules.agents import Beats
from psmp_watchdog.rules.finding import Finding

LEAVING: Final = b"leaving"

__all__ = ["LEAVING", "Beats", "Finding", "sweep"]


def sweep(project: Project, beats: Beats, now: datetime) -> Finding | None:
    """The first thing that must be said about the project as of ``now``; None when there is nothing (any more)."""
    return agents.due(project, beats, now) or proposals.due(project, now) or recovery.due(project, now)
