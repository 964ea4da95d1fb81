"""What people see of planned tasks, at the widths of their terminals; see ``rendering``."""

from typing import get_args

import pytest
from rich.console import Group
from rich.text import Text

from psmp.cli.commands.tasks import Far, Standing
from psmp.cli.pages import diff, resolving, status, tasks
from psmp.rules.difference import differences
from psmp.rules.tasks import tasks as asked
from psmp.words.tasks import Doing, Planned
from psmp.words.values import Phase
from tests.unit.cli.examples import BLOCKED, NOW
from tests.unit.cli.rendering import WIDTHS, looked_at, rendered

BEGUN = Planned(
    task="handbook",
    status="IN_PROGRESS",
    title="Write the handbook \x1b[31mof the chatbot, for people and for agents",
    details="In three parts; the last is what to do when nothing works.",
    agent="CoderAgent",
    artifacts=("backend", "manual"),
    by="PlannerAgent",
    since="2026-11-21T10:05:00.000000Z",
    sequence=9,
    time="2026-11-21T10:14:30.000000Z",
    reason="it is urgent",
)
FREE = BEGUN.model_copy(
    update={
        "task": "logs",
        "status": "OPEN",
        "title": "Look at the logs",
        "details": "",
        "agent": None,
        "artifacts": (),
        "sequence": 6,
        "time": BEGUN.since,
        "reason": "",
    }
)
DONE = FREE.model_copy(update={"task": "plan", "status": "DONE", "agent": "PlannerAgent"})
ARCHIVED = FREE.model_copy(update={"task": "old", "status": "ARCHIVED", "reason": "not needed"})
STATUS = BLOCKED.model_copy(update={"conflicts": (), "tasks": (FREE, DONE, BEGUN, ARCHIVED)})


@pytest.mark.parametrize("width", WIDTHS)
def test_planned_tasks_are_listed_shown_and_asked_for(width: int) -> None:
    every = Group(
        tasks.listing(STATUS.tasks, NOW),
        Text(),
        *(tasks.page(each, STATUS, NOW) for each in (BEGUN, FREE, DONE)),
        Text(),
        resolving.tasks(asked(STATUS, "CoderAgent")),
    )
    looked_at(f"tasks-{width}", rendered(every, width))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_status_tells_what_is_still_to_do(width: int) -> None:
    looked_at(f"to-do-{width}", rendered(status.page(STATUS, NOW), width))


def test_what_is_begun_is_told_first_and_what_is_done_not_at_all() -> None:
    assert tasks.undone(STATUS) == [BEGUN, FREE]


def test_at_the_end_of_a_project_nothing_is_to_do_and_nothing_to_type() -> None:
    over = STATUS.model_copy(update={"state": Phase.ARCHIVED, "phase": Phase.ARCHIVED})
    assert tasks.undone(over) == []
    assert "to do" not in rendered(status.page(over, NOW), 80)
    assert "psmp task" not in rendered(tasks.page(BEGUN, over, NOW), 80)


def test_of_many_tasks_a_status_shows_some_and_counts_the_others() -> None:
    many = [FREE.model_copy(update={"task": f"t{n}"}) for n in range(tasks.MOST + 3)]
    page = rendered(tasks.to_do(many, "rag"), 80).splitlines()
    assert len(page) == 1 + tasks.MOST + 1
    assert page[-1] == "and 3 more: psmp task list rag"


def test_that_nothing_is_found_is_said() -> None:
    assert rendered(tasks.listing([], NOW), 80) == "no tasks\n"


@pytest.mark.parametrize(("before", "after", "sign"), [((), (FREE,), "+"), ((FREE,), (), "-"), ((FREE,), (DONE,), "+")])
def test_what_became_of_tasks_is_told(before: tuple[Planned, ...], after: tuple[Planned, ...], sign: str) -> None:
    was, now = (STATUS.model_copy(update={"tasks": each}) for each in (before, after))
    page = rendered(diff.page(differences(was, now)), 80)
    assert f"{sign} task {(after or before)[0].task}\n" in page
    assert "title   Look at the logs" in page


def test_a_command_can_say_every_state_that_there_is() -> None:
    assert tuple(Far) == get_args(Doing)
    assert [*Far, "ARCHIVED"] == list(Standing)
