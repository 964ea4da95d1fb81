"""What is done about a project that does not get on: it is checked again, then tried again, then a person is asked.

It is stuck when it has not got on (``psmp.rules.progress``) for ``stall_seconds``. The recheck follows at once, for it
costs little and cannot do harm; each further step a quarter of ``stall_seconds`` after the one before. Any progress
ends the recovery, and the alert with it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal, assert_never

from psmp.rules.lifecycle import OPEN
from psmp.rules.project import Project
from psmp.words.events import AlertCleared, AlertRaised, ProjectRecovering, ProjectStalled
from psmp.words.values import Phase, Severity
from psmp_watchdog.rules.finding import Finding, over

ALERT: Final = "project-stalled"
BETWEEN: Final = 0.25
"""The time between two steps, as a part of ``stall_seconds``."""

Step = Literal["recheck", "retry", "escalate"]

_MOST_NAMED: Final = 10


def due(project: Project, now: datetime) -> Finding | None:
    """The next thing to be said about a project that is stuck, or is no more."""
    if ALERT in project.alerts and "escalate" not in project.recovery:
        return Finding(AlertCleared(alert=ALERT, reason=f"it got on at {project.progress}"))
    if project.phase not in OPEN or not over(project.progress, project.policy.stall_seconds, now):
        return None
    if not project.stalled:
        conflicts = tuple(project.conflicts)
        return Finding(ProjectStalled(phase=project.phase, since=project.progress, conflicts=conflicts))
    if _with_people(project):
        return None
    if "escalate" in project.recovery:
        return None if ALERT in project.alerts else Finding(_alert(project))
    step = _next(project)
    if step != "recheck" and not over(project.stepped, BETWEEN * project.policy.stall_seconds, now):
        return None
    return Finding(ProjectRecovering(phase=project.phase, step=step, reason=_reason(project, step)))


def _with_people(project: Project) -> bool:
    """Whether every conflict that blocks lies before a person already: to call again would not help."""
    asked = {alert.conflict for alert in project.alerts.values() if alert.person}
    return bool(project.blockers) and asked.issuperset(project.blockers)


def _next(project: Project) -> Step:
    """The first step that was not taken; there is nothing to be tried again without a conflict."""
    if "recheck" not in project.recovery:
        return "recheck"
    if "retry" not in project.recovery and (project.conflicts or project.resolutions.attempts):
        return "retry"
    return "escalate"


def _reason(project: Project, step: Step) -> str:
    since = f"nothing has come of it since {project.progress}"
    match step:
        case "recheck":
            pending = [name for name, artifact in project.artifacts.items() if artifact.pending]
            return f"{since}; without a verdict: {_named(pending)}"
        case "retry":
            return f"{since}; still open: {_named((*project.conflicts, *project.resolutions.attempts))}"
        case "escalate":
            return f"{since}, though it was tried: {', '.join(project.recovery)}"
        case never:
            assert_never(never)


def _alert(project: Project) -> AlertRaised:
    text = f"stuck in {project.phase} since {project.progress}"
    if project.blockers:
        text = f"{text}, blocked by {_named(project.blockers)}"
    elif project.slots.held:
        text = f"{text}, while {_named(sorted({slot.agent for slot in project.slots.held.values()}))} may run"
    return AlertRaised(alert=ALERT, severity=Severity.HIGH, text=text, hint=_hint(project), person=True)


def _hint(project: Project) -> str:
    if project.blockers:
        return "psmp status shows the ways out; resolve the conflict, or have a declaration amended or withdrawn"
    if project.slots.held:
        return "see what these agents do: psmp events; who is done must say so, with psmp finish"
    if project.phase is Phase.PLANNING:
        return "nobody is at work: start the agents, or move it on with psmp transition --to IN_PROGRESS"
    return "nobody is at work: start the agents, or end it with psmp transition --to COMPLETED"


def _named(names: Collection[str]) -> str:
    shown = list(names)[:_MOST_NAMED]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return (", ".join(shown) or "none") + more
