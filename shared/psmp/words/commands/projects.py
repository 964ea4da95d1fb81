"""Commands about a project as a whole, and about what is kept of it."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.ids import Id
from psmp.words.values import Phase, Policy, Reason, Short, Target, Text, Word

Targets = Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)]


class CreateProject(Word):
    """Start a project, INITIALIZED, in the subject's tenant and under the subject's id."""

    KIND: ClassVar = "project.create"
    name: Text
    targets: Targets = (Target(),)
    policy: Policy = Policy()


class PolicyChange(Word):
    """The parts of a policy that are to be otherwise, as ``Policy`` has them; what is left out stays as it was."""

    strict_mode: bool | None = None
    auto_resolve: bool | None = None
    max_concurrent_agents: Annotated[int, Field(ge=1, le=1000)] | None = None
    lease_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    stall_seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    resolvers: Annotated[tuple[Id, ...], Field(max_length=100)] | None = None
    privileged: Annotated[tuple[Id, ...], Field(max_length=100)] | None = None
    slots_per_agent: Annotated[int, Field(ge=1, le=1000)] | None = None
    term_seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    wait_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    answer_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    fenced: bool | None = None


class ChangeProject(Word):
    """Change what a project is called, must run in, and how it is governed; what is left out stays as it was.

    With other ``targets`` all that stands declared is judged anew. For who governs the project.
    """

    KIND: ClassVar = "project.change"
    name: Text | None = None
    targets: Targets | None = None
    policy: PolicyChange | None = None
    reason: Reason


class TransitionProject(Word):
    """Move the project along its lifecycle."""

    KIND: ClassVar = "project.transition"
    to: Phase
    reason: Reason


class PlaceHold(Word):
    """Lay a legal hold on a project: nothing of it is pruned while it lasts. For the operator alone."""

    KIND: ClassVar = "hold.place"
    tenant: Id
    project: Id
    reason: Reason


class ReleaseHold(Word):
    """Take the legal hold from a project. For the operator alone."""

    KIND: ClassVar = "hold.release"
    tenant: Id
    project: Id
    reason: Reason


class SetRetention(Word):
    """Say for how many days after a project was archived the bodies of its events are kept; None is for ever.

    For all projects of ``tenant``. For the operator alone.
    """

    KIND: ClassVar = "retention.set"
    tenant: Id
    days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    reason: Reason


class EraseSubject(Word):
    """Erase what a person has said of itself and given as reasons when it spoke as agent ``subject`` of ``tenant``.

    ``reason`` and ``approver`` stay in the log for ever: no personal data belongs in them. For the operator alone.
    """

    KIND: ClassVar = "subject.erase"
    tenant: Id
    subject: Id
    reason: Reason
    approver: Short
