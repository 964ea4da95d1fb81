"""Commands by which conflicts are resolved."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from psmp.words.ids import Id
from psmp.words.values import Answer, Change, ConflictId, LongText, Reason, ResolutionId, Word

Changes = Annotated[tuple[Change, ...], Field(min_length=1, max_length=100)]


class ResolveConflict(Word):
    """Resolve a conflict.

    ``accept`` takes ``suggestion``, ``change`` the ``changes`` given, ``merge`` leaves the path to the artifact
    ``into``, which has everybody's change of it; ``waive`` lets the conflict stand for ``seconds``; ``escalate`` lays
    it before a person; ``retry`` asks the resolver to try (again). ``seen`` is the sequence at which the conflict was
    looked at: when it has changed since, nothing is done.
    """

    KIND: ClassVar = "conflict.resolve"
    conflict: ConflictId
    strategy: Literal["accept", "change", "merge", "waive", "escalate", "retry"]
    reason: Reason
    suggestion: Annotated[int, Field(ge=1)] | None = None
    changes: Changes | None = None
    into: Id | None = None
    seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    seen: Annotated[int, Field(ge=1)] | None = None


class AnswerResolution(Word):
    """An owner's answer to a proposal that changes what is its own.

    With ``amend`` it says in ``changes`` (of its own artifacts) what it would change instead.
    """

    KIND: ClassVar = "resolution.answer"
    resolution: ResolutionId
    answer: Answer
    changes: Changes | None = None
    reason: LongText = ""
