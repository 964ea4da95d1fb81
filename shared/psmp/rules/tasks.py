"""Who is asked to do what about a project's conflicts, as its status tells."""

from datetime import datetime, timedelta

from psmp.words.answers import ResolutionStatus, Status
from psmp.words.envelope import written
from psmp.words.tasks import Task
from psmp.words.values import Conflict


def tasks(status: Status, agent: str) -> tuple[Task, ...]:
    """What ``agent`` is asked to do: first the answers that others wait for, then conflicts, oldest first."""
    conflicts = {each.id: each for each in status.conflicts}
    answers = (
        _answer(status, each, conflicts[each.conflict])
        for each in status.resolutions
        if agent in each.unanswered and each.conflict in conflicts
    )
    return (*answers, *(_resolve(status, each) for each in _open(status) if agent in (status.policy.resolvers or ())))


def asked(status: Status) -> tuple[str, ...]:
    """Everybody who is asked to do something."""
    owners = {agent for each in status.resolutions for agent in each.unanswered}
    return tuple(sorted({*owners, *((status.policy.resolvers or ()) if _open(status) else ())}))


def _open(status: Status) -> list[Conflict]:
    """The conflicts that nobody is at, and that are not waived."""
    taken = {each.conflict for each in status.resolutions} | {each.conflict for each in status.waivers}
    return [each for each in status.conflicts if each.id not in taken]


def _answer(status: Status, proposal: ResolutionStatus, conflict: Conflict) -> Task:
    until = datetime.fromisoformat(proposal.since) + timedelta(seconds=proposal.seconds or 0)
    return Task(
        project=status.project,
        sequence=status.sequence,
        task="answer",
        conflict=conflict,
        text=f"{proposal.by} would resolve {conflict.id} so: {'; '.join(map(str, proposal.changes))}",
        resolution=proposal.resolution,
        changes=proposal.changes,
        until=written(until),
    )


def _resolve(status: Status, conflict: Conflict) -> Task:
    return Task(
        project=status.project,
        sequence=status.sequence,
        task="resolve",
        conflict=conflict,
        text=f"resolve {conflict.id}: {conflict.text}",
    )
