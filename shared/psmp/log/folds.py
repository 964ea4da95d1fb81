"""The fold of a whole project, shared by the services that decide by its state, and how that is written down."""

from typing import Final

from pydantic import TypeAdapter

from psmp.log.view import Fold
from psmp.rules.project import Project, evolve

_STATE: Final[TypeAdapter[Project | None]] = TypeAdapter(Project | None)


def _nothing() -> Project | None:
    return None


PROJECT_FOLD: Final[Fold[Project | None]] = Fold("project", 9, _nothing, evolve, _STATE.dump_json, _STATE.validate_json)
"""Its version changes with the shape of ``Project`` and with what ``evolve`` makes of events."""
