"""The planned tasks of a project, as the log tells; and what is to be there before one is done."""

from collections.abc import Mapping

from psmp.words.envelope import EventEnvelope
from psmp.words.events import TaskArchived, TaskChanged, TaskCreated
from psmp.words.tasks import Planned

TaskEvent = TaskCreated | TaskChanged | TaskArchived

Tasks = Mapping[str, Planned]
"""Planned tasks by id, with those that are archived."""


def after(tasks: Tasks, envelope: EventEnvelope, event: TaskEvent) -> Tasks:
    """The tasks after ``event``; one that names no task of these changes nothing. Created again, it begins anew."""
    sequence, time = envelope.sequence, envelope.time
    if isinstance(event, TaskCreated):
        begun = Planned(status="OPEN", by=envelope.actor, since=time, sequence=sequence, time=time, **dict(event))
        return {**tasks, event.task: begun}
    known = tasks.get(event.task)
    if known is None:
        return tasks
    said = {"status": "ARCHIVED", "reason": event.reason} if isinstance(event, TaskArchived) else dict(event)
    return {**tasks, event.task: known.model_copy(update={**said, "sequence": sequence, "time": time})}


def live(tasks: Tasks) -> list[Planned]:
    """Those that are not archived, the oldest first."""
    return [each for each in tasks.values() if each.status != "ARCHIVED"]


def undone(tasks: Tasks) -> list[Planned]:
    """Those that are still to be done, the oldest first."""
    return [each for each in live(tasks) if each.status != "DONE"]
