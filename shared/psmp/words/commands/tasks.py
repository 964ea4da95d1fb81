"""Commands about what is to be done in a project, and by whom."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from psmp.words.ids import Id
from psmp.words.tasks import Doing, Making
from psmp.words.values import LongText, Reason, Short, Word

Title = Annotated[Short, StringConstraints(pattern=r"\S")]
"""A line by which people know a task: of blanks alone nobody could."""


class CreateTask(Word):
    """Say what is to be done, by ``agent`` or by whoever takes it, and which ``artifacts`` shall come of it.

    It stays in the log for ever: no personal data belongs in it.
    """

    KIND: ClassVar = "task.create"
    task: Id
    title: Title
    details: LongText = ""
    agent: Id | None = None
    artifacts: Making = ()


class ChangeTask(Word):
    """Change a task; what is left out stays as it was. An empty ``agent`` leaves it to whoever takes it.

    What is handed on is OPEN again, unless ``status`` says otherwise.
    It becomes DONE only when all that shall come of it is declared and ACTIVE.
    """

    KIND: ClassVar = "task.change"
    task: Id
    title: Title | None = None
    details: LongText | None = None
    agent: Id | Literal[""] | None = None
    artifacts: Making | None = None
    status: Doing | None = None
    reason: LongText = ""


class ArchiveTask(Word):
    """Take a task off the list, with the reason: it is ARCHIVED, done or not."""

    KIND: ClassVar = "task.archive"
    task: Id
    reason: Reason
