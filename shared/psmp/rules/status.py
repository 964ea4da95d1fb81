"""How a project is told to whoever asks: the fold as a ``Status``."""

from psmp.rules import conflicts
from psmp.rules.project import Project
from psmp.words.answers import ArtifactStatus, SlotStatus, Status, Transitive
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
        slots=tuple(
            SlotStatus(agent=agent, fence=s.fence, since=s.time, lease_seconds=s.lease_seconds, declared=s.declared)
            for agent, s in sorted(project.slots.items())
        ),
        silent=tuple(sorted(project.silent)),
        transitive=transitive(project).model_copy(update={"progress": progress}),
    )


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
        )
        for name, artifact in latest
    ]
