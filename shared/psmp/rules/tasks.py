"""Who is asked to do what in a project, as its status tells: about its conflicts, and of what is planned."""

from datetime import datetime, timedelta

from psmp.rules.lifecycle import UNDER_WAY
from psmp.words.answers import ResolutionStatus, Status
from psmp.words.envelope import written
from psmp.words.tasks import Planned, Task
from psmp.words.values import Conflict


def tasks(status: Status, agent: str) -> tuple[Task, ...]:
    """What ``agent`` is asked to do, oldest first: the answers that others wait for, then conflicts, then the work."""
    conflicts = {each.id: each for each in status.conflicts}
    answers = (
        _answer(status, each, conflicts[each.conflict])
        for each in status.resolutions
        if agent in each.unanswered and each.conflict in conflicts
    )
    open_ = (_resolve(status, each) for each in _open(status) if agent in (status.policy.resolvers or ()))
    return (*answers, *open_, *(_work(status, each) for each in _planned(status) if each.agent == agent))


def asked(status: Status) -> tuple[str, ...]:
    """Everybody who is asked to do something."""
    owners = {agent for each in status.resolutions for agent in each.unanswered}
    resolvers = (status.policy.resolvers or ()) if _open(status) else ()
    return tuple(sorted({*owners, *resolvers, *(each.agent for each in _planned(status) if each.agent)}))


def _open(status: Status) -> list[Conflict]:
    """The conflicts that nobody is at, and that are not waived."""
    taken = {each.conflict for each in status.resolutions} | {each.conflict for each in status.waivers}
    return [each for each in status.conflicts if each.id not in taken]


def _planned(status: Status) -> list[Planned]:
    """What is still to be done."""
    going_on = status.phase in UNDER_WAY
    return [each for each in status.tasks if going_on and each.status in {"OPEN", "IN_PROGRESS"}]


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


def _work(status: Status, planned: Planned) -> Task:
    return Task(
        project=status.project,
        sequence=status.sequence,
        task="work",
        text=f"{planned.task}: {planned.title}",
        planned=planned,
    )
