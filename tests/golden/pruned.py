"""A project that was archived and whose events were pruned, as a log. May be changed until it is released."""

from typing import Final

from psmp.words.events import CommandRefused, HoldPlaced, HoldReleased, ProjectCreated, RetentionApplied
from psmp.words.ids import OPERATOR, ProjectKey
from psmp.words.refusals import Code
from psmp.words.values import Policy, Target
from tests.golden.steps import Step, asked, identity, time

WHOLE: Final = "pruned.jsonl"
KEY: Final = ProjectKey("default", "spike")
SALT: Final = 12

STEPS: Final = (
    asked("ada", ProjectCreated(name="A spike", targets=(Target(),), policy=Policy())),
    asked(OPERATOR, HoldPlaced(reason="case 4 of the legal department")),
    asked(OPERATOR, HoldReleased(reason="case 4 is closed")),
    Step(
        "retention",
        OPERATOR,
        RetentionApplied(
            upto=3,
            run=identity(4, SALT),
            approver="records-office",
            reason="archived more than 90 days ago",
            days=90,
            created=time(1),
            since=time(2),
            creator="ada",
        ),
    ),
    asked("ada", CommandRefused(command="project.create", code=Code.PROJECT_EXISTS, reason="the project exists")),
)

GOLDEN: Final = frozenset({"retention.applied"})
"""The kinds of which the last event in this story is the golden one."""
