"""What a command says that waits for its slot."""

from psmp.cli.waiting import reason
from psmp.words.values import Phase
from tests.unit.cli.examples import BLOCKED


def test_who_waits_in_a_project_that_is_blocked_is_told_by_what_and_where_to_look() -> None:
    told = reason(BLOCKED, "NotebookAgent")
    assert told.startswith(f"waiting for a slot of {BLOCKED.project}: it is BLOCKED by {BLOCKED.conflicts[0].id}")
    assert told.endswith(f"(psmp status {BLOCKED.project} says what would help)")


def test_who_waits_for_others_is_told_who_is_at_work_and_how_many_come_first() -> None:
    working = BLOCKED.model_copy(update={"state": Phase.IN_PROGRESS, "conflicts": ()})
    holders = ", ".join(each.agent for each in BLOCKED.slots)
    assert reason(working, "PlannerAgent").endswith(f"{holders} at work, 1 before PlannerAgent")
    assert reason(working, "NotebookAgent").endswith(f"{holders} at work, 0 before NotebookAgent")
    idle = working.model_copy(update={"slots": (), "waiting": ()})
    assert reason(idle, "NotebookAgent").endswith("nobody at work, 0 before NotebookAgent")


def test_a_project_in_which_nobody_may_run_yet_is_named_so() -> None:
    made = BLOCKED.model_copy(update={"state": Phase.INITIALIZED, "conflicts": ()})
    assert "it is INITIALIZED (psmp status" in reason(made, "PlannerAgent")
