"""A project that is changed and given up, as a log: with a task that was taken and done, and one that nobody wants."""

from typing import Final

from psmp.words.commands import ArchiveTask, ChangeProject, ChangeTask, Command, CreateTask, PolicyChange
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactDeclared,
    ProjectChanged,
    ProjectCreated,
    ProjectTransitioned,
    TaskArchived,
    TaskChanged,
    TaskCreated,
)
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase, Policy, Target
from tests.golden.steps import Step, asked

WHOLE: Final = "planned.jsonl"
KEY: Final = ProjectKey("default", "search")
SALT: Final = 24

TARGETS: Final = (Target(), Target(python="3.13"))
POLICY: Final = Policy(auto_resolve=True, resolvers=("lead",))
DETAILS: Final = "Only what the search needs: title, text, where it came from."

STEPS: Final = (
    asked("ada", ProjectCreated(name="Search", targets=(Target(),), policy=Policy())),
    asked("ada", TaskCreated(task="index", title="Build the index", details=DETAILS, artifacts=("indexer",))),
    asked("ada", ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="Agreed")),
    asked(
        "bob",
        TaskChanged(
            task="index",
            title="Build the index",
            details=DETAILS,
            agent="bob",
            artifacts=("indexer",),
            status="IN_PROGRESS",
            reason="mine",
        ),
    ),
    asked(
        "bob",
        ArtifactDeclared(
            artifact="indexer", version=1, type="code", summary="", dependencies=(), paths=(), metadata={}
        ),
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="indexer", version=1, witness={}), 1),
    asked(
        "bob",
        TaskChanged(
            task="index",
            title="Build the index",
            details=DETAILS,
            agent="bob",
            artifacts=("indexer",),
            status="DONE",
        ),
    ),
    asked("ada", TaskCreated(task="ranking", title="Rank what is found", details="", agent="eve", artifacts=())),
    asked(
        "ada",
        ProjectChanged(name="Search, once more", targets=TARGETS, policy=POLICY, reason="It shall run on 3.13 too"),
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="indexer", version=1, witness={}), 1),
    asked("ada", TaskArchived(task="ranking", reason="Nobody needs it")),
    asked("ada", ProjectTransitioned(origin=Phase.PLANNING, to=Phase.ARCHIVED, reason="Bought instead")),
)

GOLDEN: Final = frozenset({"project.changed", "task.created", "task.changed", "task.archived"})
"""The kinds of which the last event in this story is the golden one."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    ("ada", CreateTask(task="index", title="Build the index", details=DETAILS, artifacts=("indexer",))),
    ("bob", ChangeTask(task="index", agent="bob", status="IN_PROGRESS", reason="mine")),
    ("ada", ArchiveTask(task="ranking", reason="Nobody needs it")),
    (
        "ada",
        ChangeProject(
            name="Search, once more",
            targets=TARGETS,
            policy=PolicyChange(auto_resolve=True, resolvers=("lead",)),
            reason="It shall run on 3.13 too",
        ),
    ),
)
