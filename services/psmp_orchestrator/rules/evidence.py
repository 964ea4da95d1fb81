"""What a result is judged on, gathered from the project's log.

Nothing of it is an agent's word on itself but costs, tools, tests and what it says to have used.
"""

from datetime import datetime

from psmp.rules.orchestration.running import Run
from psmp.rules.project import Artifact, Project
from psmp.words.orchestration.checks import Evidence, Made


def gathered(project: Project, run: Run, node: str, now: str) -> Evidence | None:
    """The evidence on the result of a node; None while a verdict is awaited, or a conflict blocks that it is party to.

    For what blocks is being resolved, and its outcome is what counts.
    """
    work = run.of(node)
    made = {name: project.artifacts[name] for name in work.declared if not project.artifacts[name].withdrawn}
    if any(each.pending for each in made.values()):
        return None
    conflicts = _conflicts_of(project, made)
    if not conflicts.isdisjoint(project.blockers):
        return None
    result = work.result
    return Evidence(
        made=tuple(_made(project, name, each) for name, each in made.items()),
        conflicts=tuple(name for name in project.conflicts if name in conflicts),
        tools=result.tools if result else (),
        used=result.used if result else (),
        seconds=_seconds(work.started, work.executed),
        cost_micros=result.cost_micros if result else 0,
        tests=result.tests if result else None,
        words=work.words,
        waited_seconds=_seconds(work.executed, now),
    )


def _conflicts_of(project: Project, made: dict[str, Artifact]) -> set[str]:
    """The open conflicts that one of the artifacts is party to, but for those that are waived."""
    waived = project.resolutions.waivers
    return {
        name
        for name, each in project.conflicts.items()
        if name not in waived and any(party.artifact in made for party in each.parties)
    }


def _made(project: Project, name: str, artifact: Artifact) -> Made:
    said = artifact.declaration
    return Made(
        artifact=name,
        version=said.version,
        type=said.type,
        accepted=project.status_of(name) == "ACTIVE",
        paths=tuple(path for claim in said.paths for path in (claim.path, claim.moved) if path),
        dependencies=said.dependencies,
    )


def _seconds(since: str, until: str) -> int:
    return max(0, int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()))
