"""Tasks: what somebody is asked to do in a project. The truth of it is in the log.

Some are planned, by people and agents, and stand there until they are archived. Others follow from conflicts, and are
gone with them.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from psmp.words.ids import Id
from psmp.words.values import Change, Conflict, ResolutionId, Word

Doing = Literal["OPEN", "IN_PROGRESS", "DONE"]
"""How far a planned task is; one that was taken off the list is ARCHIVED."""

MOST_TASKS: Final = 1000
"""How many planned tasks of a project may stand that are not archived."""

Making = Annotated[tuple[Id, ...], Field(max_length=50)]
"""The artifacts that shall come of a planned task."""


class Planned(Word):
    """One planned task: what ``agent`` is asked to do, or whoever takes it, and how far that is.

    ``by`` has made it, at ``since``; ``sequence`` and ``time`` are those of the event that made it what it is, and
    ``reason`` is what was said with that.
    """

    task: Id
    status: Doing | Literal["ARCHIVED"]
    title: str
    details: str = ""
    agent: Id | None = None
    artifacts: tuple[Id, ...] = ()
    by: Id
    since: str
    sequence: int
    time: str
    reason: str = ""


class Task(Word):
    """What one agent is asked to do, said again while it waits.

    ``answer``: agree to ``resolution``, which makes ``changes``, until then; ``resolve``: find a way out of
    ``conflict``; ``work``: do what is ``planned``. It is as of event ``sequence``, at which a ``conflict.resolve``
    command may say that it has ``seen`` the conflict.
    """

    project: Id
    sequence: int
    task: Literal["answer", "resolve", "work"]
    text: str
    conflict: Conflict | None = None
    resolution: ResolutionId | None = None
    changes: tuple[Change, ...] = ()
    until: str | None = None
    planned: Planned | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same task when it is said again."""
        return self.task, self.resolution, self.conflict, self.changes, self.planned
