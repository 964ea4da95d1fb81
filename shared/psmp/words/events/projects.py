"""Events of a project as a whole."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from psmp.words.faulted import MOST_FAULTS, FaultTold
from psmp.words.refusals import Code, Gs
from psmp.words.values import ConflictId, Phase, Policy, Target, Word


class ProjectCreated(Word):
    """A project exists; it is INITIALIZED."""

    KIND: ClassVar = "project.created"
    name: str
    targets: tuple[Target, ...]
    policy: Policy


class ProjectChanged(Word):
    """A project as it is called, must run in and is governed from here on.

    With other targets than before all that stands declared awaits a verdict anew.
    """

    KIND: ClassVar = "project.changed"
    name: str
    targets: tuple[Target, ...]
    policy: Policy
    reason: str


class ProjectTransitioned(Word):
    """The project moved from one phase to another; ``conflicts`` are the open ones that made it."""

    KIND: ClassVar = "project.transitioned"
    origin: Phase
    to: Phase
    reason: str
    conflicts: tuple[ConflictId, ...] = ()


class ProjectStalled(Word):
    """The project has not got on for longer than its policy allows; ``since`` is when it did last."""

    KIND: ClassVar = "project.stalled"
    phase: Phase
    since: str
    conflicts: tuple[ConflictId, ...] = ()


class ProjectRecovering(Word):
    """What is done about a project that is stuck in ``phase``; ``reason`` says why this.

    ``recheck``: every verdict that is missing is given. ``retry``: the resolver tries again. ``escalate``: an alert
    lays it before a person.
    """

    KIND: ClassVar = "project.recovering"
    phase: Phase
    step: Literal["recheck", "retry", "escalate"]
    reason: str


class CommandRefused(Word):
    """The answer no, with the reason and what to do next. ``command`` is the kind that was refused.

    ``retry_seconds``: the same command may be answered otherwise after so many. ``current``: the sequence of the event
    that stands in the place of the one that the command expected. ``faults`` are all that is wrong with a graph, each
    with its place.
    """

    KIND: ClassVar = "command.refused"
    command: str
    code: Code | Gs
    reason: str
    hint: str = ""
    conflicts: tuple[ConflictId, ...] = ()
    retry_seconds: Annotated[int, Field(ge=1)] | None = None
    current: Annotated[int, Field(ge=0)] | None = None
    faults: Annotated[tuple[FaultTold, ...], Field(max_length=MOST_FAULTS)] | None = None
