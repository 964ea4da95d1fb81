"""What an agent is asked to do about a conflict. It is said again while it waits; the truth of it is in the log."""

from typing import Literal

from psmp.words.ids import Id
from psmp.words.values import Change, Conflict, ResolutionId, Word


class Task(Word):
    """``answer``: agree to ``resolution``, which makes ``changes``, until then; ``resolve``: find a way out.

    It is as of event ``sequence``, at which a ``conflict.resolve`` command may say that it has ``seen`` the conflict.
    """

    project: Id
    sequence: int
    task: Literal["answer", "resolve"]
    conflict: Conflict
    text: str
    resolution: ResolutionId | None = None
    changes: tuple[Change, ...] = ()
    until: str | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same task when it is said again."""
        return self.task, self.resolution, self.conflict, self.changes
