"""Events of planned tasks: what is to be done in a project, and by whom."""

from typing import ClassVar

from psmp.words.ids import Id
from psmp.words.tasks import Doing, Making
from psmp.words.values import LongText, Short, Word


class TaskCreated(Word):
    """It is to be done, by ``agent`` or by whoever takes it; it is OPEN."""

    KIND: ClassVar = "task.created"
    task: Id
    title: Short
    details: LongText
    agent: Id | None = None
    artifacts: Making


class TaskChanged(Word):
    """A task as it is from here on."""

    KIND: ClassVar = "task.changed"
    task: Id
    title: Short
    details: LongText
    agent: Id | None = None
    artifacts: Making
    status: Doing
    reason: str = ""


class TaskArchived(Word):
    """A task is off the list, done or not."""

    KIND: ClassVar = "task.archived"
    task: Id
    reason: str
