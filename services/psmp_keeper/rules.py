"""What the keeper decides: the transition that a project's open conflicts ask for, and who gets a slot next. Pure."""

from typing import Final

from psmp.rules import alerts
from psmp.rules.lifecycle import OPEN, WORKING
from psmp.rules.orchestration.deciding import waits
from psmp.rules.project import Project
from psmp.rules.slots import Waiting
from psmp.words.envelope import Provenance
from psmp.words.events import ProjectTransitioned, SlotGranted, SlotRefused
from psmp.words.values import Phase

SOURCE: Final = "/psmp/keeper"
ACTOR: Final = "psmp_keeper"

Due = ProjectTransitioned | SlotGranted | SlotRefused


def due(project: Project) -> Due | None:
    """The next thing that must be written; None when phase, conflicts and queue agree.

    Looks at the state alone, so it says the same however often and in whatever order it is asked.
    """
    return transition(project) or next_slot(project)


def provenance(event: Due, trigger: str, root: str, traceparent: str | None) -> Provenance:
    """Where it comes from: from the event ``trigger`` and its ``root``; of a slot, the command that waited for it."""
    waited = None if isinstance(event, ProjectTransitioned) else event.request
    return Provenance(SOURCE, ACTOR, trigger, waited or root, traceparent)


def transition(project: Project) -> ProjectTransitioned | None:
    """The transition that is due.

    A blocked project is RESOLVING while an attempt is under way or a person has a conflict that blocks in hand, and on
    its way out when its conflicts are gone.
    """
    blockers, under_way = project.blockers, _under_way(project)
    to, reason = project.phase, ""
    if project.phase in WORKING and blockers:
        to, reason = Phase.BLOCKED, " ".join(project.conflicts[name].text for name in blockers)
    elif project.phase is Phase.BLOCKED and not blockers:
        to, reason = Phase.RESOLVING, "no blocking conflict is left"
    elif project.phase is Phase.BLOCKED and under_way:
        to, reason = Phase.RESOLVING, f"under way: {under_way}"
    elif project.phase is Phase.RESOLVING and not blockers:
        to, reason = Phase.IN_PROGRESS, "all declarations stand together again"
    elif project.phase is Phase.RESOLVING and not under_way:
        to, reason = Phase.BLOCKED, f"still open: {', '.join(blockers)}"
    if to is project.phase:
        return None
    return ProjectTransitioned(origin=project.phase, to=to, reason=reason, conflicts=blockers)


def _under_way(project: Project) -> str:
    """The attempts under way, and who has which blocking conflict in hand."""
    hands = alerts.in_hand(project.alerts, project.blockers)
    return ", ".join((*project.resolutions.attempts, *(f"{name} in the hands of {who}" for name, who in hands.items())))


def next_slot(project: Project) -> SlotGranted | SlotRefused | None:
    """A slot for whoever has waited longest and may have one; nobody waits in a project that will grant none.

    Nor does anybody whose token does not count any more.
    """
    queue, policy = project.slots.queue, project.policy
    if queue and project.phase not in OPEN:
        first = queue[0]
        reason = f"the project is {project.phase}; no agent may run"
        return SlotRefused(agent=first.agent, request=first.request, reason=reason)
    waiting = project.slots.next(policy) if project.state in WORKING else None
    if waiting is None:
        return None
    if lapsed := _lapsed(project, waiting):
        return SlotRefused(agent=waiting.agent, request=waiting.request, reason=lapsed)
    return SlotGranted(
        agent=waiting.agent,
        lease_seconds=policy.lease_seconds,
        term_seconds=policy.term,
        limits=waiting.limits,
        request=waiting.request,
        assignment=waiting.assignment,
    )


def _lapsed(project: Project, waiting: Waiting) -> str:
    """Why the token that somebody has shown does not count any more, if it does not."""
    assignment = waiting.assignment
    if assignment is None:
        return ""
    run = project.runs.get(assignment.maeg)
    work = run.of(assignment.node) if run is not None and run.is_open else None
    if run is None or work is None or (work.state, work.attempt) != ("DISPATCHED", assignment.attempt):
        return f"{assignment.node} is not dispatched any more by the token that was shown"
    if assignment.node in run.stale:
        return f"what {assignment.node} takes in has changed"
    unmet = run.unmet(assignment.node)
    return waits(assignment.node, unmet) if unmet else ""
