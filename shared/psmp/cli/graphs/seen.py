"""A project's log as it is read, for its graphs of agents: how each stands after every record."""

from collections.abc import Mapping

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.view import View
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.seen import seen
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.seen import Orchestration


class Watching:
    """Reads a project's log; raises ``Damaged`` for what does not link."""

    def __init__(self, key: ProjectKey) -> None:
        self._view = View(key, PROJECT_FOLD)

    def take(self, position: int, body: bytes) -> None:
        """The next record."""
        self._view.advance(Record(position, self._view.key, "", body))

    @property
    def runs(self) -> Mapping[str, Run]:
        """By the names of their graphs, the oldest first."""
        return self._view.state.runs if self._view.state else {}

    def seen(self, maeg: str) -> Orchestration:
        """How a graph stands; raises ``KeyError``."""
        return seen(self._view.key.project, self.runs[maeg])
