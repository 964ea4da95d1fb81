"""A project as its log tells it: the fold that intake, keeper, watchdog and every reader of a past state share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypedDict, assert_never

from psmp.rules import alerts, conflicts, planned, resolutions, slots, webhooks
from psmp.rules.alerts import AlertEvent, Alerts
from psmp.rules.conflicts import Open
from psmp.rules.lifecycle import WORKING
from psmp.rules.orchestration import runs
from psmp.rules.orchestration.runs import Runs
from psmp.rules.planned import TaskEvent, Tasks
from psmp.rules.progress import gets_on
from psmp.rules.resolutions import ResolutionEvent, Resolutions
from psmp.rules.slots import SlotEvent, Slots
from psmp.rules.webhooks import WebhookEvent, Webhooks
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
    Compatibility,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    HoldPlaced,
    HoldReleased,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    ProjectStalled,
    ProjectTransitioned,
    ResolutionApplied,
    RetentionApplied,
    RetentionChanged,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SubjectErased,
)
from psmp.words.orchestration.facts import RunEvent, SubPacExecuted
from psmp.words.values import Phase, Policy, Target

FORGOTTEN_AFTER: Final = timedelta(days=2)
"""Whoever has been silent for so long is remembered no more; its heartbeats are not kept for so long either."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact: whose it is and its latest declaration.

    Invariant: ``pending`` until the checker's verdict on ``declaration.version`` is in the log.
    ``sequence`` and ``time`` are those of the event that carried the declaration.
    """

    agent: str
    declaration: ArtifactDeclared | ArtifactAmended
    sequence: int
    time: str
    pending: bool = True
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """The last transitive check that ended: what it said of all that stood declared at event ``sequence``."""

    sequence: int
    verdict: Compatibility
    reasons: tuple[str, ...]
    index: str
    exclude_newer: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that rules and readers may know of a project.

    Invariant: ``sequence`` is that of the last event folded, ``time`` its time.
    Invariant: ``conflicts`` are the open ones; ``detected`` is the highest number a conflict ever had.
    Invariant: ``changed`` is the sequence of the last declaration, amendment or withdrawal, or change of the targets,
    0 before any.
    ``asked`` is the sequence that the last transitive check was begun about, 0 if there was none; ``checked`` is the
    last answer. ``runs`` are those of the graphs of agents that were submitted.
    ``creator`` is who made the project. ``since`` is when ``phase`` was entered, ``progress`` when it got on last;
    ``stalled`` is whether the watchdog has reported it since, ``recovery`` what was done about it, at ``stepped`` last.
    ``silent`` are those who fell silent, with when that was noticed; they are forgotten in time, else each process that
    was ever killed would be remembered for ever. ``held`` is whether a legal hold lies on it; of its events up to
    number ``pruned`` nothing is known any more. ``webhooks`` are those of a tenant, in the project for that;
    ``tasks`` are the planned ones.
    """

    name: str
    targets: tuple[Target, ...]
    policy: Policy
    created: str
    since: str
    time: str
    phase: Phase = Phase.INITIALIZED
    sequence: int = 1
    stalled: bool = False
    recovery: tuple[str, ...] = ()
    progress: str = ""
    stepped: str = ""
    creator: str = ""
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    conflicts: Open = field(default_factory=dict)
    detected: int = 0
    slots: Slots = field(default_factory=Slots)
    resolutions: Resolutions = field(default_factory=Resolutions)
    alerts: Alerts = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    changed: int = 0
    asked: int = 0
    checked: Checked | None = None
    held: bool = False
    pruned: int = 0
    runs: Runs = field(default_factory=dict)
    webhooks: Webhooks = field(default_factory=dict)
    tasks: Tasks = field(default_factory=dict)

    @property
    def blockers(self) -> tuple[str, ...]:
        """The ids of open conflicts that block, oldest first; one that is waived does not."""
        waived = self.resolutions.waivers
        return conflicts.blocking((each for each in self.conflicts.values() if each.id not in waived), self.policy)

    @property
    def state(self) -> Phase:
        """The phase as every rule sees it: blocked from the detection on, before the keeper has written that down."""
        return Phase.BLOCKED if self.phase in WORKING and self.blockers else self.phase

    def status_of(self, name: str) -> str:
        """An artifact's own lifecycle: DRAFT while judged or in conflict, ACTIVE, ARCHIVED when withdrawn."""
        artifact = self.artifacts[name]
        if artifact.withdrawn:
            return "ARCHIVED"
        contested = any(name == party.artifact for each in self.conflicts.values() for party in each.parties)
        return "DRAFT" if artifact.pending or contested else "ACTIVE"


_Other = (
    ArtifactWithdrawn
    | CompatibilityStarted
    | CompatibilityChecked
    | ProjectCreated
    | ProjectChanged
    | ProjectTransitioned
    | ProjectStalled
    | ProjectRecovering
    | AgentSilenced
    | AgentReturned
    | CommandRefused
    | SubjectErased
    | HoldPlaced
    | HoldReleased
    | RetentionChanged
    | RetentionApplied
)


class NotCreated(ValueError):
    """A log does not start with ``project.created``."""


class _Changes(TypedDict, total=False):
    """What an event changes of a project."""

    name: str
    targets: tuple[Target, ...]
    policy: Policy
    phase: Phase
    since: str
    stalled: bool
    artifacts: Mapping[str, Artifact]
    conflicts: Open
    detected: int
    slots: Slots
    resolutions: Resolutions
    alerts: Alerts
    recovery: tuple[str, ...]
    progress: str
    stepped: str
    silent: Mapping[str, str]
    changed: int
    asked: int
    checked: Checked
    held: bool
    runs: Runs
    webhooks: Webhooks
    tasks: Tasks


def evolve(project: Project | None, envelope: EventEnvelope) -> Project:
    """The project after one more event of its log, the very first of which creates it; raises ``NotCreated``.

    What comes of a pruning does not depend on what was pruned.
    """
    event = envelope.data
    if isinstance(event, RetentionApplied):
        return _pruned(envelope, event)
    if project is None:
        if not isinstance(event, ProjectCreated):
            raise NotCreated(f"{envelope.subject} starts with {event.KIND}, not with {ProjectCreated.KIND}")
        time = envelope.time
        return Project(
            *(event.name, event.targets, event.policy),
            created=time,
            since=time,
            time=time,
            progress=time,
            creator=envelope.actor,
        )
    changes = _changes(project, envelope)
    if gets_on(project.phase, envelope):
        changes["progress"], changes["stalled"], changes["recovery"] = envelope.time, False, ()
    if "conflicts" in changes:
        now, known = changes["conflicts"], changes.get("resolutions", project.resolutions)
        changes["resolutions"] = resolutions.compared(known, project.conflicts, now, envelope.sequence)
        changes["alerts"] = alerts.about(project.alerts, now)
    return replace(project, sequence=envelope.sequence, time=envelope.time, **changes)


def _pruned(envelope: EventEnvelope, event: RetentionApplied) -> Project:
    """What is left of an archived project when its events are pruned: that it was, until when, and whose."""
    return Project(
        *(envelope.key.project, (), Policy()),
        created=event.created,
        since=event.since,
        time=envelope.time,
        phase=Phase.ARCHIVED,
        sequence=envelope.sequence,
        progress=event.since,
        creator=event.creator,
        pruned=event.upto,
    )


def _changes(project: Project, envelope: EventEnvelope) -> _Changes:
    event = envelope.data
    if isinstance(event, ArtifactDeclared | ArtifactAmended):
        return _declared(project, envelope, event)
    if isinstance(event, ArtifactAccepted | ConflictDetected | ConflictCleared):
        return _judged(project, event)
    if isinstance(event, SlotEvent):
        return _slotted(project, envelope, event)
    if isinstance(event, RunEvent):
        return _run(project, envelope, event)
    if isinstance(event, AlertEvent):
        return {"alerts": alerts.after(project.alerts, envelope, event)}
    if isinstance(event, ResolutionEvent):
        return _resolving(project, envelope, event)
    if isinstance(event, WebhookEvent):
        return {"webhooks": webhooks.after(project.webhooks, envelope, event)}
    if isinstance(event, TaskEvent):
        return {"tasks": planned.after(project.tasks, envelope, event)}
    return _changed(project, envelope, event)


def _slotted(project: Project, envelope: EventEnvelope, event: SlotEvent) -> _Changes:
    """A grant for a node begins its attempt, and the end of that slot stops it."""
    changes: _Changes = {"slots": slots.after(project.slots, envelope, event)}
    if isinstance(event, SlotGranted) and event.assignment is not None:
        changes["runs"] = runs.started(project.runs, envelope, event.assignment)
    if isinstance(event, SlotFinished | SlotFailed | SlotExpired):
        slot = project.slots.held.get(event.fence or 0)
        if slot is not None and slot.assignment is not None:
            changes["runs"] = runs.ended(project.runs, envelope, slot.assignment, event)
    return changes


def _run(project: Project, envelope: EventEnvelope, event: RunEvent) -> _Changes:
    changes: _Changes = {"runs": runs.after(project.runs, envelope, event)}
    if isinstance(event, SubPacExecuted):
        changes["slots"] = slots.reported(project.slots, event.fence)
    return changes


def _changed(project: Project, envelope: EventEnvelope, event: _Other) -> _Changes:
    match event:
        case ArtifactWithdrawn():
            gone = replace(project.artifacts[event.artifact], withdrawn=True, pending=False)
            return {"artifacts": {**project.artifacts, event.artifact: gone}, "changed": envelope.sequence}
        case CompatibilityStarted() | CompatibilityChecked():
            return _checked(event)
        case ProjectChanged():
            return _governed(project, envelope, event)
        case ProjectTransitioned():
            return {"phase": event.to, "since": envelope.time}
        case ProjectStalled():
            return {"stalled": True, "stepped": envelope.time}
        case ProjectRecovering():
            return {"recovery": (*project.recovery, event.step), "stepped": envelope.time}
        case AgentSilenced():
            return {"silent": {**_remembered(project.silent, envelope.time), event.agent: envelope.time}}
        case AgentReturned():
            return {"silent": {name: time for name, time in project.silent.items() if name != event.agent}}
        case HoldPlaced() | HoldReleased():
            return {"held": isinstance(event, HoldPlaced)}
        case ProjectCreated() | CommandRefused() | SubjectErased() | RetentionChanged() | RetentionApplied():
            return {}
        case never:
            assert_never(never)


def _checked(event: CompatibilityStarted | CompatibilityChecked) -> _Changes:
    if isinstance(event, CompatibilityStarted):
        return {"asked": event.sequence}
    return {"checked": Checked(event.sequence, event.verdict, event.reasons, event.index, event.exclude_newer)}


def _governed(project: Project, envelope: EventEnvelope, event: ProjectChanged) -> _Changes:
    """For other targets every verdict is given anew."""
    changes: _Changes = {"name": event.name, "targets": event.targets, "policy": event.policy}
    if event.targets != project.targets:
        changes["artifacts"] = {
            name: artifact if artifact.withdrawn else replace(artifact, pending=True)
            for name, artifact in project.artifacts.items()
        }
        changes["changed"] = envelope.sequence
    return changes


def _remembered(silent: Mapping[str, str], present: str) -> Mapping[str, str]:
    """Those of whom it is not too long ago."""
    oldest = datetime.fromisoformat(present) - FORGOTTEN_AFTER
    return {name: time for name, time in silent.items() if datetime.fromisoformat(time) >= oldest}


def _declared(project: Project, envelope: EventEnvelope, event: ArtifactDeclared | ArtifactAmended) -> _Changes:
    artifact = Artifact(envelope.actor, event, envelope.sequence, envelope.time)
    artifacts = {**project.artifacts, event.artifact: artifact}
    changes: _Changes = {"artifacts": artifacts, "changed": envelope.sequence}
    changes["slots"] = slots.declared(project.slots, envelope.actor, event.fence)
    assignment = slots.assignment(project.slots, envelope.actor, event.fence)
    if assignment is not None:
        changes["runs"] = runs.made(project.runs, envelope, assignment, event.artifact)
    return changes


def _resolving(project: Project, envelope: EventEnvelope, event: ResolutionEvent) -> _Changes:
    """What was applied is judged already: nothing of it is pending."""
    changes: _Changes = {"resolutions": resolutions.after(project.resolutions, envelope, event)}
    if not isinstance(event, ResolutionApplied):
        return changes
    changes["conflicts"] = conflicts.after(project.conflicts, event)
    if event.amendments:
        amended = {
            each.artifact: Artifact(
                project.artifacts[each.artifact].agent, each, envelope.sequence, envelope.time, pending=False
            )
            for each in (amendment.declaration for amendment in event.amendments)
        }
        changes |= {"artifacts": {**project.artifacts, **amended}, "changed": envelope.sequence}
    return changes


def _judged(project: Project, verdict: ArtifactAccepted | ConflictDetected | ConflictCleared) -> _Changes:
    """A verdict on an older version than the latest leaves the artifact pending."""
    changes: _Changes = {}
    artifact = project.artifacts[verdict.artifact]
    if artifact.pending and artifact.declaration.version == verdict.version:
        changes["artifacts"] = {**project.artifacts, verdict.artifact: replace(artifact, pending=False)}
    if not isinstance(verdict, ArtifactAccepted):
        changes["conflicts"] = conflicts.after(project.conflicts, verdict)
    if isinstance(verdict, ConflictDetected):
        numbers = (int(each.id.removeprefix("C-")) for each in verdict.conflicts)
        changes["detected"] = max(project.detected, *numbers)
    return changes
