"""Stand-ins for what is decided elsewhere: plain, and right, so that the other rules can be tried together with them.

``next_word`` stands where ``psmp_resolver.rules.next_word`` is to be plugged in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psmp.rules.access import governs, owners
from psmp.rules.alerts import of_conflict
from psmp.rules.lifecycle import OPEN
from psmp.rules.project import Project
from psmp.rules.resolutions import Attempt
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, as_opened
from psmp.words.events import (
    AlertRaised,
    Amendment,
    ArtifactAmended,
    Event,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
)
from psmp.words.ids import uuid7
from psmp.words.values import Change, Conflict
from psmp_checker.docket import DOCKET_FOLD, Docket, evolve
from psmp_checker.rules import judge
from psmp_watchdog.rules import sweep
from tests.histories import KEY

MOST_FAILURES = 3


def next_word(project: Project, docket: Docket) -> tuple[Event, str | None] | None:
    """What the resolver says next, and the command that it answers."""
    for name, attempt in project.resolutions.attempts.items():
        event = _of_attempt(project, docket, name, attempt)
        if event is not None:
            return event, attempt.command
    if project.policy.auto_resolve and project.phase in OPEN:
        for name in project.blockers:
            if project.resolutions.about(name) is None:
                event = _taken_up(project, project.conflicts[name])
                if event is not None:
                    return event, None
    return None


def _of_attempt(project: Project, docket: Docket, name: str, attempt: Attempt) -> Event | None:
    conflict = project.conflicts.get(attempt.conflict)
    latest = project.resolutions.about(attempt.conflict) == name
    if conflict is None or project.phase not in OPEN or not latest:
        return ResolutionFailed(resolution=name, conflict=attempt.conflict, reason="nothing can come of it")
    if attempt.strategy == "waive":
        return _applied(name, attempt, (), conflict, {})
    changes = attempt.changes
    if attempt.stage == "proposed":
        no = next((agent for agent, reply in attempt.replies.items() if reply.answer == "no"), None)
        if no is not None:
            return ResolutionRefused(resolution=name, conflict=conflict.id, reason=f"{no} said no", agent=no)
        if set(attempt.replies) != set(attempt.agents):
            return None
        for agent, reply in attempt.replies.items():
            if reply.answer == "amend":
                changes = (*(each for each in changes if each.agent != agent), *reply.changes)
    elif attempt.strategy == "retry":
        changes = next((each.changes for each in conflict.suggestions), ())
    found = tried(project, docket, conflict, changes)
    if isinstance(found, str):
        return ResolutionFailed(resolution=name, conflict=conflict.id, reason=found)
    asked = owners(project, changes, attempt.by)
    decided = attempt.strategy not in {"retry", "auto"} and governs(project, attempt.by)
    if attempt.stage == "proposed" or decided or not asked:
        return _applied(name, attempt, *found)
    return ResolutionProposed(
        resolution=name,
        conflict=conflict.id,
        suggestion=attempt.suggestion,
        changes=changes,
        agents=asked,
        seconds=project.policy.time_to_answer,
        text="it would clear it",
    )


def _applied(
    name: str,
    attempt: Attempt,
    amendments: tuple[Amendment, ...],
    conflict: Conflict,
    after: Mapping[str, Conflict | None],
) -> ResolutionApplied:
    return ResolutionApplied(
        resolution=name,
        conflict=conflict.id,
        strategy=attempt.strategy,
        reason=attempt.reason,
        changes=attempt.changes,
        amendments=amendments,
        cleared=tuple(each for each, left in after.items() if left is None),
        conflicts=tuple(left for left in after.values() if left is not None),
        seconds=attempt.seconds if attempt.strategy == "waive" else None,
    )


def _taken_up(project: Project, conflict: Conflict) -> Event | None:
    record = project.resolutions.records[conflict.id]
    way = next((each for each in conflict.suggestions if each.n not in record.tried), None)
    if way is not None and record.failures < MOST_FAILURES:
        return ResolutionRequested(
            resolution=f"R-{project.resolutions.last + 1}",
            conflict=conflict.id,
            strategy="auto",
            reason=way.text,
            suggestion=way.n,
            changes=way.changes,
        )
    if of_conflict(conflict.id) in project.alerts:
        return None
    return AlertRaised(
        alert=of_conflict(conflict.id),
        severity=conflict.severity,
        text="nobody but a person can",
        person=True,
        conflict=conflict.id,
    )


def tried(
    project: Project, docket: Docket, conflict: Conflict, changes: Sequence[Change]
) -> tuple[tuple[Amendment, ...], Conflict, Mapping[str, Conflict | None]] | str:
    """The amendments, and what becomes of the conflicts by the engine's word (None: gone); or why it does not do."""
    amendments = _amendments(project, changes)
    if not amendments:
        return "it changes nothing that stands and is judged"
    scratch = DOCKET_FOLD.load(DOCKET_FOLD.dump(docket))
    cases = []
    for number, each in enumerate(amendments):
        case = uuid7(number, bytes(10))
        scratch = evolve(scratch, as_opened(KEY, each.declaration, *_place(project, each.agent, case, case)))
        cases.append(case)
    for case in cases:
        verdict = judge(scratch, case)
        if verdict is not None:
            scratch = evolve(scratch, as_opened(KEY, verdict, *_place(project, "psmp_checker", case, case)))
    before, now = project.conflicts, scratch.conflicts
    if conflict.id in now:
        return f"{conflict.id} would go on"
    if now.keys() - before.keys():
        return "it would make another conflict"
    return amendments, conflict, {name: now.get(name) for name, old in before.items() if now.get(name) != old}


def _place(project: Project, agent: str, identity: str, cause: str) -> tuple[Link, Provenance, Stamp]:
    provenance = Provenance("/psmp/trial", agent, cause, cause)
    return Link(project.sequence + 1, GENESIS), provenance, Stamp(identity, project.time)


def _amendments(project: Project, changes: Sequence[Change]) -> tuple[Amendment, ...]:
    """Only packages that are required otherwise; of what else there is this stand-in knows nothing."""
    found = []
    for name in dict.fromkeys(change.artifact for change in changes):
        artifact = project.artifacts[name]
        own = {change.name: change for change in changes if change.artifact == name}
        if artifact.withdrawn or artifact.pending or any(each.action not in {None, "require"} for each in own.values()):
            return ()
        old = artifact.declaration
        dependencies = tuple(
            need.model_copy(update={"constraint": own[need.name].constraint}) if need.name in own else need
            for need in old.dependencies
        )
        if dependencies != old.dependencies:
            new = ArtifactAmended(
                artifact=name, version=old.version + 1, type=old.type, dependencies=dependencies, flexible=old.flexible
            )
            found.append(Amendment(agent=artifact.agent, declaration=new))
    return tuple(found)


def watched(project: Project, beats: Mapping[str, datetime], now: datetime) -> tuple[Event, str | None] | None:
    """What the watchdog says next, and the command that it answers."""
    finding = sweep(project, beats, now)
    return (finding.event, finding.command) if finding else None
