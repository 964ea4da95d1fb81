"""Projects for the tests of rules: who said what, folded."""

from psmp.rules.project import Project, evolve
from psmp.words.envelope import open_event
from psmp.words.events import Event
from tests.histories import History


def told(*said: tuple[str, Event]) -> Project:
    """The project after these events, each with who said it; the first creates it and has sequence 1."""
    history = History()
    project: Project | None = None
    for actor, event in said:
        project = evolve(project, open_event(history.add(event, actor).body))
    assert project is not None
    return project
