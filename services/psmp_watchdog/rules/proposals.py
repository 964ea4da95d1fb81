"""What was allowed a time only: proposals that owners do not answer, and waivers."""

from datetime import datetime

from psmp.rules.project import Project
from psmp.rules.resolutions import Attempt
from psmp.words.events import ResolutionRefused, WaiverExpired
from psmp_watchdog.rules.finding import Finding, over


def due(project: Project, now: datetime) -> Finding | None:
    """The first thing whose time is over."""
    return _unanswered(project, now) or _waived(project, now)


def _unanswered(project: Project, now: datetime) -> Finding | None:
    for name, attempt in project.resolutions.attempts.items():
        missing = [agent for agent in attempt.agents if agent not in attempt.replies]
        if attempt.stage == "proposed" and missing and over(attempt.time, attempt.seconds or 0, now):
            return _refused(name, attempt, missing)
    return None


def _refused(name: str, attempt: Attempt, missing: list[str]) -> Finding:
    reason = f"{', '.join(missing)} did not answer within {attempt.seconds} s"
    agent = missing[0] if len(missing) == 1 else None
    event = ResolutionRefused(resolution=name, conflict=attempt.conflict, reason=reason, agent=agent)
    return Finding(event, attempt.command, attempt.by)


def _waived(project: Project, now: datetime) -> Finding | None:
    for conflict, waiver in project.resolutions.waivers.items():
        if over(waiver.time, waiver.seconds, now):
            return Finding(WaiverExpired(conflict=conflict, resolution=waiver.resolution))
    return None
