"""The states of a planned task, as intake lets them follow each other, and as the documentation draws them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from psmp.words.commands import ArchiveTask, ChangeTask, Command, CreateTask
from psmp.words.events import TaskArchived, TaskChanged, TaskCreated
from psmp.words.refusals import Refused
from psmp.words.tasks import Doing
from psmp_intake.rules import decide
from tests.unit.services.history import Said, project

PAGE: Final = Path(__file__).parents[3] / "docs" / "tasks.md"
MADE: Final = TaskCreated(task="docs", title="Write them", details="", artifacts=())
BEFORE: Final[dict[str, tuple[Said, ...]]] = {
    "[*]": (),
    **{
        each: (MADE, TaskChanged(task="docs", title="Write them", details="", artifacts=(), status=each))
        for each in get_args(Doing)
    },
    "ARCHIVED": (MADE, TaskArchived(task="docs", reason="no")),
}
WISHES: Final[tuple[Command, ...]] = (
    CreateTask(task="docs", title="Write them"),
    *(ChangeTask(task="docs", status=each) for each in get_args(Doing)),
    ArchiveTask(task="docs", reason="no"),
)


def steps() -> Iterator[str]:
    """A line for each wish that leads from one state to another."""
    for state, events in BEFORE.items():
        for wish in WISHES:
            event = decide(project(*events), "coder", wish)
            if isinstance(event, Refused):
                continue
            assert isinstance(event, MADE.__class__ | TaskChanged | TaskArchived)
            after = project(*events, event).tasks["docs"].status
            if after != state:
                yield f"    {state} --> {after}: {event.KIND}"


def test_the_diagram_of_a_task_shows_every_step_that_is_decided_and_no_other() -> None:
    drawn = "\n".join(["stateDiagram-v2", *steps(), "    ARCHIVED --> [*]"])
    assert f"```mermaid\n{drawn}\n```" in PAGE.read_text()
