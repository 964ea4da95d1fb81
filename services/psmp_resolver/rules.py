"""What the resolver decides: what becomes of an attempt, and which conflicts it takes up itself. Pure.

Everything follows from the state of the project and the time, so it says the same however often it is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psmp.rules.access import governs
from psmp.rules.alerts import WAYS_OUT, of_conflict
from psmp.rules.lifecycle import OPEN, UNDER_WAY
from psmp.rules.plans import Plan, consent, is_privileged, plans
from psmp.rules.project import Project
from psmp.rules.resolutions import Attempt
from psmp.rules.trial import SOLVED, Futile, Good, tried
from psmp.words.envelope import EventEnvelope, Provenance
from psmp.words.events import (
    AlertRaised,
    Event,
    ProjectChanged,
    ProjectRecovering,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    TaskChanged,
    TaskCreated,
)
from psmp.words.values import Change, Conflict

SOURCE: Final = "/psmp/resolver"
ACTOR: Final = "psmp_resolver"
PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds after the first, second and third failure before the next attempt."""
MOST_FAILURES: Final = 1 + len(PAUSES)
"""So many attempts at one conflict may come to nothing, the first and its retries; then a person is called."""
UNTIL_JUDGED: Final = 1.0
"""Seconds after which it is looked again whether a verdict has come that a plan waits for."""

MOST_TEXT: Final = 2000
"""Characters of a sentence that is put together of others."""


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing to be written, and the attempt that it is about."""

    event: Event
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Anew:
    """The word, given at ``time``, to try from the beginning what came to nothing before: one conflict, or all."""

    time: str
    conflict: str | None = None


def next_word(project: Project, now: datetime, anew: Anew | None = None) -> Next | None:
    """The next thing that must be written as of ``now``; None when there is nothing (any more).

    Attempts come first, oldest first; then the conflicts that the resolver takes up itself.
    """
    for name, attempt in project.resolutions.attempts.items():
        event = _of_attempt(project, name, attempt)
        if event is not None:
            return Next(event, attempt)
    for conflict in mine(project):
        event = _again(project, conflict, anew) or _taken_up(project, conflict, now)
        if event is not None:
            return Next(event)
    return None


def provenance(word: Next, trigger: str, root: str, traceparent: str | None) -> Provenance:
    """Where it comes from: from the event ``trigger``, and from the attempt's command or that event's ``root``."""
    return Provenance(SOURCE, ACTOR, trigger, word.attempt.command if word.attempt else root, traceparent)


def mine(project: Project) -> Iterator[Conflict]:
    """The conflicts that policy gives into the resolver's hands, and that no attempt is under way for."""
    if project.phase not in OPEN:
        return
    blockers, waivers = project.blockers, project.resolutions.waivers
    for name, conflict in project.conflicts.items():
        given = (project.policy.auto_resolve and name in blockers) or (
            name not in waivers and is_privileged(project, conflict)
        )
        if given and project.resolutions.about(name) is None:
            yield conflict


def _of_attempt(project: Project, name: str, attempt: Attempt) -> Event | None:
    if reason := _void(project, name, attempt):
        return ResolutionFailed(resolution=name, conflict=attempt.conflict, reason=reason)
    conflict = project.conflicts[attempt.conflict]
    if attempt.stage == "proposed":
        return _proposed(project, name, attempt, conflict)
    match attempt.strategy:
        case "waive":
            return ResolutionApplied(
                resolution=name,
                conflict=conflict.id,
                strategy="waive",
                reason=attempt.reason,
                seconds=attempt.seconds or 1,
            )
        case "retry":
            plan = next(plans(project, conflict, attempt.by, project.resolutions.records[conflict.id].tried), None)
            if plan is None:
                reason = f"none of its {len(conflict.suggestions)} suggestions would do now"
                return ResolutionFailed(resolution=name, conflict=conflict.id, reason=reason)
            return _carried_out(project, name, attempt, conflict, plan.good.changes, plan.suggestion)
        case _:
            return _carried_out(project, name, attempt, conflict, attempt.changes, attempt.suggestion)


def _void(project: Project, name: str, attempt: Attempt) -> str:
    """Why nothing can come of an attempt any more; "" where something can."""
    if attempt.conflict not in project.conflicts:
        return f"{attempt.conflict} is gone meanwhile"
    if project.phase not in OPEN:
        return f"the project is {project.phase}"
    latest = project.resolutions.about(attempt.conflict)
    return f"{latest} has taken its place" if latest != name else ""


def _carried_out(
    project: Project,
    name: str,
    attempt: Attempt,
    conflict: Conflict,
    changes: tuple[Change, ...],
    suggestion: int | None,
) -> Event:
    """What becomes of changes that nobody was asked about yet."""
    found = tried(project, conflict, changes, attempt.reason)
    if isinstance(found, Futile):
        return ResolutionFailed(resolution=name, conflict=conflict.id, reason=found.reason)
    asked = must_agree(project, attempt, conflict, changes)
    if not asked:
        return _applied(name, attempt, conflict, found)
    text = next((each.text for each in conflict.suggestions if each.n == suggestion), "") or said(changes)
    return _asking(project, name, conflict, changes, suggestion, asked, text)


def must_agree(project: Project, attempt: Attempt, conflict: Conflict, changes: tuple[Change, ...]) -> tuple[str, ...]:
    """Whose consent is needed: nobody's for what who governs has decided, else that of the owners."""
    if attempt.strategy not in ("retry", "auto") and governs(project, attempt.by):
        return ()
    return consent(project, conflict, changes, attempt.by)


def _proposed(project: Project, name: str, attempt: Attempt, conflict: Conflict) -> Event | None:
    """What follows from the answers so far: one no ends it, an amendment makes it another, all must say yes."""
    for agent, reply in attempt.replies.items():
        if reply.answer == "no":
            reason = f"{agent} says no" + (f": {reply.reason}" if reply.reason else "")
            return ResolutionRefused(resolution=name, conflict=conflict.id, reason=reason, agent=agent)
    changes = _amended(project, attempt)
    found = tried(project, conflict, changes, attempt.reason)
    if isinstance(found, Futile):
        return ResolutionFailed(resolution=name, conflict=conflict.id, reason=found.reason)
    waiting = tuple(agent for agent in attempt.agents if agent not in attempt.replies)
    if not waiting:
        return _applied(name, attempt, conflict, found)
    if changes != attempt.changes:
        return _asking(project, name, conflict, changes, None, waiting, said(changes))
    return None


def _amended(project: Project, attempt: Attempt) -> tuple[Change, ...]:
    """The changes, with those of each owner that wants others on its own artifacts replaced by these."""
    changes = attempt.changes
    for agent, reply in attempt.replies.items():
        if reply.answer == "amend":
            kept = (each for each in changes if project.artifacts[each.artifact].agent != agent)
            changes = (*kept, *reply.changes)
    return changes


def _asking(  # noqa: PLR0917 - a proposal has so many parts
    project: Project,
    name: str,
    conflict: Conflict,
    changes: tuple[Change, ...],
    suggestion: int | None,
    agents: tuple[str, ...],
    text: str,
) -> ResolutionProposed:
    return ResolutionProposed(
        resolution=name,
        conflict=conflict.id,
        suggestion=suggestion,
        changes=changes,
        agents=agents,
        seconds=project.policy.time_to_answer,
        text=text,
    )


def _applied(name: str, attempt: Attempt, conflict: Conflict, good: Good) -> ResolutionApplied:
    return ResolutionApplied(
        resolution=name,
        conflict=conflict.id,
        strategy=attempt.strategy,
        reason=attempt.reason,
        changes=good.changes,
        amendments=good.amendments,
        cleared=good.cleared,
        conflicts=good.conflicts,
        warnings=good.warnings,
        unchecked=good.unchecked,
    )


def _again(project: Project, conflict: Conflict, anew: Anew | None) -> ResolutionRequested | None:
    """What came to nothing before it was said that it be tried again."""
    record = project.resolutions.records[conflict.id]
    if anew is None or anew.conflict not in (None, conflict.id) or not record.failures or record.failed >= anew.time:
        return None
    return _request(project, conflict, "it is to be tried again")


def _taken_up(project: Project, conflict: Conflict, now: datetime) -> Event | None:
    """The best plan for a conflict; where there is none, or all came to nothing, a person is called."""
    record = project.resolutions.records[conflict.id]
    if not _is_known(project, conflict):
        return None
    if record.failures >= MOST_FAILURES:
        return _alert(project, conflict, f"{record.failures} attempts to resolve {conflict.id} came to nothing")
    if pause(project, conflict, now):
        return None
    plan = next(plans(project, conflict, ACTOR, record.tried), None)
    if plan is not None:
        return _request(project, conflict, plan.text, plan)
    if _is_waiting(project, conflict):
        return None
    return _alert(project, conflict, f"{conflict.id} has no way out that can be taken without a person")


def _request(project: Project, conflict: Conflict, reason: str, plan: Plan | None = None) -> ResolutionRequested:
    return ResolutionRequested(
        resolution=f"R-{project.resolutions.last + 1}",
        conflict=conflict.id,
        strategy="auto" if plan else "retry",
        reason=reason,
        suggestion=plan.suggestion if plan else None,
        changes=plan.good.changes if plan else None,
    )


def _alert(project: Project, conflict: Conflict, text: str) -> AlertRaised | None:
    """A person is called, unless one has been."""
    name = of_conflict(conflict.id)
    if name in project.alerts:
        return None
    return AlertRaised(
        alert=name,
        severity=conflict.severity,
        text=f"{text}: {conflict.text}"[:MOST_TEXT],
        hint=WAYS_OUT,
        person=True,
        conflict=conflict.id,
    )


def _is_known(project: Project, conflict: Conflict) -> bool:
    """Whether it is known to be there still; what a solver alone finds is, once all that stands now was solved."""
    if conflict.kind not in SOLVED:
        return True
    checked = project.checked
    return checked is not None and checked.sequence >= project.changed and checked.verdict == "conflict"


def _is_waiting(project: Project, conflict: Conflict) -> bool:
    """Whether a suggestion can only be tried when a verdict has come."""
    tries = (tried(project, conflict, each.changes) for each in conflict.suggestions)
    return any(isinstance(each, Futile) and each.waits for each in tries)


def pause(project: Project, conflict: Conflict, now: datetime) -> float:
    """Seconds until the next attempt may be made after one that came to nothing; 0 when it may be made."""
    record = project.resolutions.records[conflict.id]
    if not 0 < record.failures < MOST_FAILURES:
        return 0.0
    whole = PAUSES[record.failures - 1]
    passed = now - datetime.fromisoformat(record.failed)
    return min(max((timedelta(seconds=whole) - passed).total_seconds(), 0.0), whole)


def anew(trigger: EventEnvelope, retried: str = "") -> Anew | None:
    """Whether ``trigger`` says to begin anew: the watchdog's word does, and a dead letter, ``retried`` at that time."""
    event = trigger.data
    if isinstance(event, ProjectRecovering) and event.step == "retry":
        return Anew(trigger.time)
    if retried and isinstance(event, ResolutionFailed | ResolutionRefused):
        return Anew(retried, event.conflict)
    return None


def given_up(project: Project, trigger: EventEnvelope) -> str:
    """Why nothing more is done about the conflict that ``trigger``'s attempt failed at; "" where more is."""
    event = trigger.data
    if not isinstance(event, ResolutionFailed | ResolutionRefused):
        return ""
    record = project.resolutions.records.get(event.conflict)
    ours = (
        record is not None
        and record.failed == trigger.time
        and any(each.id == event.conflict for each in mine(project))
    )
    if record is None or not ours or record.failures < MOST_FAILURES:
        return ""
    return f"{record.failures} attempts to resolve {event.conflict} came to nothing, the last: {event.reason}"


def patience(project: Project, trigger: EventEnvelope, now: datetime) -> float | None:
    """Seconds until something may follow from ``trigger`` that cannot yet; None when nothing will."""
    waits = []
    for conflict in mine(project):
        if not _is_about(project, trigger, conflict.id):
            continue
        if left := pause(project, conflict, now):
            waits.append(left)
        elif _is_known(project, conflict) and of_conflict(conflict.id) not in project.alerts:
            waits.append(UNTIL_JUDGED)
    return min(waits, default=None)


def is_asking(project: Project, trigger: EventEnvelope) -> bool:
    """Whether somebody is asked to do something because of ``trigger``, and has not done it."""
    event = trigger.data
    if isinstance(event, ResolutionProposed):
        attempt = project.resolutions.attempts.get(event.resolution)
        return attempt is not None and attempt.stage == "proposed" and attempt.time == trigger.time
    if isinstance(event, TaskCreated | TaskChanged):
        task = project.tasks.get(event.task)
        waits = task is not None and task.agent is not None and task.status == "OPEN"
        return waits and project.phase in UNDER_WAY and project.tasks[event.task].sequence == trigger.sequence
    blocking = project.phase in OPEN and bool(project.policy.resolvers)
    if isinstance(event, ProjectChanged):  # others resolve, or what did not block does, or both
        return blocking and event.policy == project.policy and bool(project.blockers)
    told_here = (each for each in project.blockers if project.resolutions.records[each].told == trigger.sequence)
    return blocking and any(told_here)


def _is_about(project: Project, trigger: EventEnvelope, conflict: str) -> bool:
    """Whether the conflict became what it is by this event, or an attempt at it came to nothing.

    A change of the project may give any of them into the resolver's hands.
    """
    event = trigger.data
    if isinstance(event, ProjectChanged):
        return True
    if isinstance(event, ResolutionFailed | ResolutionRefused):
        return event.conflict == conflict
    return project.resolutions.records[conflict].told == trigger.sequence


def said(changes: tuple[Change, ...]) -> str:
    """Changes in a sentence."""
    return "; ".join(map(str, changes))[:MOST_TEXT]
