"""How a project is told to whoever asks: the fold as a ``Status``."""

from datetime import datetime, timedelta

from psmp.rules import conflicts
from psmp.rules.alerts import Alert
from psmp.rules.project import Artifact, Project
from psmp.rules.resolutions import Attempt, Waiver
from psmp.rules.webhooks import Webhook
from psmp.words.answers import (
    AlertStatus,
    ArtifactStatus,
    ResolutionStatus,
    SlotStatus,
    Status,
    Transitive,
    WaitingStatus,
    WaiverStatus,
    WebhookStatus,
)
from psmp.words.envelope import written
from psmp.words.events import ArtifactAmended
from psmp.words.ids import ProjectKey
from psmp.words.progress import CheckProgress


def describe(key: ProjectKey, project: Project, progress: CheckProgress | None = None) -> Status:
    """The status of a project as folded; artifacts in the order of their latest declaration.

    ``progress`` is of a check that runs now, which no fold knows of.
    """
    return Status(
        tenant=key.tenant,
        project=key.project,
        name=project.name,
        state=project.state,
        phase=project.phase,
        since=project.since,
        created=project.created,
        sequence=project.sequence,
        time=project.time,
        targets=project.targets,
        policy=project.policy,
        artifacts=tuple(_artifacts(project)),
        conflicts=tuple(project.conflicts.values()),
        slots=tuple(_slots(project)),
        silent=tuple(sorted(project.silent)),
        transitive=transitive(project).model_copy(update={"progress": progress}),
        told={name: record.told for name, record in project.resolutions.records.items()},
        waiting=tuple(
            WaitingStatus(agent=each.agent, request=each.request, since=each.time, wait_seconds=each.wait_seconds)
            for each in project.slots.queue
        ),
        resolutions=tuple(_resolution(name, each) for name, each in project.resolutions.attempts.items()),
        waivers=tuple(_waiver(name, each) for name, each in project.resolutions.waivers.items()),
        alerts=tuple(_alert(name, each) for name, each in project.alerts.items()),
        creator=project.creator,
        pruned=project.pruned,
        webhooks=tuple(_webhook(name, each) for name, each in sorted(project.webhooks.items())),
        tasks=tuple(project.tasks.values()),
    )


def recalled(status: Status) -> Project:
    """As much of a project as its status tells: what stands declared, open conflicts, policy and who made it.

    Who is judged and who is in conflict look alike there: nothing is pending here.
    """
    return Project(
        name=status.name,
        targets=status.targets,
        policy=status.policy,
        created=status.created,
        since=status.since,
        time=status.time,
        phase=status.phase,
        sequence=status.sequence,
        creator=status.creator,
        artifacts={each.artifact: _recalled(each) for each in status.artifacts},
        conflicts={each.id: each for each in status.conflicts},
    )


def _recalled(artifact: ArtifactStatus) -> Artifact:
    declaration = ArtifactAmended(
        artifact=artifact.artifact,
        version=artifact.version,
        type=artifact.type,
        summary=artifact.summary,
        dependencies=artifact.dependencies,
        paths=artifact.paths,
        metadata=artifact.metadata,
        requires_python=artifact.requires_python,
        environment=artifact.environment,
        flexible=artifact.flexible,
    )
    gone = artifact.status == "ARCHIVED"
    return Artifact(artifact.agent, declaration, artifact.sequence, artifact.time, pending=False, withdrawn=gone)


def transitive(project: Project) -> Transitive:
    """How the project stands with the resolver."""
    checked = project.checked
    if checked is None and not project.asked:
        return Transitive()
    if checked is None or checked.sequence < project.changed:
        first = conflicts.direct(project.conflicts.values())
        reasons = (f"{', '.join(first)} must be cleared first",) if first else ()
        return Transitive(verdict="pending", reasons=reasons, sequence=checked.sequence if checked else None)
    return Transitive(
        verdict=checked.verdict,
        reasons=checked.reasons,
        sequence=checked.sequence,
        exclude_newer=checked.exclude_newer,
    )


def _slots(project: Project) -> list[SlotStatus]:
    held = sorted(project.slots.held.items(), key=lambda item: (item[1].agent, item[0]))
    return [
        SlotStatus(
            agent=slot.agent,
            fence=fence,
            since=slot.time,
            lease_seconds=slot.lease_seconds,
            declared=slot.declared,
            renewed=slot.renewed,
            term_seconds=slot.term_seconds,
            limits=slot.limits,
        )
        for fence, slot in held
    ]


def _resolution(name: str, attempt: Attempt) -> ResolutionStatus:
    return ResolutionStatus(
        resolution=name,
        conflict=attempt.conflict,
        strategy=attempt.strategy,
        stage=attempt.stage,
        by=attempt.by,
        reason=attempt.reason,
        since=attempt.time,
        changes=attempt.changes,
        agents=attempt.agents,
        unanswered=tuple(agent for agent in attempt.agents if agent not in attempt.replies),
        seconds=attempt.seconds,
    )


def _waiver(conflict: str, waiver: Waiver) -> WaiverStatus:
    return WaiverStatus(
        conflict=conflict,
        resolution=waiver.resolution,
        by=waiver.by,
        reason=waiver.reason,
        since=waiver.time,
        until=written(datetime.fromisoformat(waiver.time) + timedelta(seconds=waiver.seconds)),
    )


def _alert(name: str, alert: Alert) -> AlertStatus:
    return AlertStatus(
        alert=name,
        severity=alert.severity,
        text=alert.text,
        hint=alert.hint,
        person=alert.person,
        since=alert.time,
        conflict=alert.conflict,
        taken=alert.taken,
    )


def _webhook(name: str, webhook: Webhook) -> WebhookStatus:
    return WebhookStatus(
        webhook=name,
        url=webhook.url,
        kinds=webhook.kinds,
        by=webhook.by,
        since=webhook.time,
        sequence=webhook.sequence,
        until=webhook.until or None,
        ended=webhook.ended,
        reason=webhook.reason,
    )


def _artifacts(project: Project) -> list[ArtifactStatus]:
    latest = sorted(project.artifacts.items(), key=lambda item: item[1].sequence)
    return [
        ArtifactStatus(
            artifact=name,
            agent=artifact.agent,
            type=artifact.declaration.type,
            version=artifact.declaration.version,
            status=project.status_of(name),
            summary=artifact.declaration.summary,
            dependencies=artifact.declaration.dependencies,
            paths=artifact.declaration.paths,
            sequence=artifact.sequence,
            time=artifact.time,
            requires_python=artifact.declaration.requires_python,
            environment=artifact.declaration.environment,
            metadata=artifact.declaration.metadata,
            flexible=artifact.declaration.flexible,
        )
        for name, artifact in latest
    ]
