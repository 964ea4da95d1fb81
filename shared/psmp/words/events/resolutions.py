"""Events of the way out of a conflict."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.commands import Changes
from psmp.words.events.artifacts import ArtifactAmended
from psmp.words.ids import Id
from psmp.words.values import Answer, Change, Conflict, ConflictId, ResolutionId, Strategy, Word

Seconds = Annotated[int, Field(ge=1)]


class ResolutionRequested(Word):
    """Somebody, or the resolver itself (``auto``), wants a conflict resolved; the resolver's word on it follows.

    ``changes`` are what is to be changed; None where the resolver is to find out (``retry``) and for a waiver, which is
    to hold for ``seconds``.
    """

    KIND: ClassVar = "resolution.requested"
    resolution: ResolutionId
    conflict: ConflictId
    strategy: Strategy
    reason: str
    suggestion: int | None = None
    changes: Changes | None = None
    seconds: Seconds | None = None


class ResolutionProposed(Word):
    """The resolver would change what belongs to ``agents``: each is asked, and has ``seconds`` to answer."""

    KIND: ClassVar = "resolution.proposed"
    resolution: ResolutionId
    conflict: ConflictId
    suggestion: int | None = None
    changes: Changes
    agents: Annotated[tuple[Id, ...], Field(min_length=1)]
    seconds: Seconds
    text: str


class ResolutionAnswered(Word):
    """An owner answered a proposal; with ``amend`` come the changes that it would make instead."""

    KIND: ClassVar = "resolution.answered"
    resolution: ResolutionId
    agent: Id
    answer: Answer
    changes: Changes | None = None
    reason: str = ""


class Amendment(Word):
    """A whole new declaration of what is ``agent``'s own."""

    agent: Id
    declaration: ArtifactAmended


class ResolutionApplied(Word):
    """The engine found that it clears the conflict and makes no other: it is done.

    ``amendments`` are whole new declarations, judged already. ``cleared`` conflicts are gone, ``conflicts`` go on
    otherwise than before. For a waiver there is neither, and the conflict does not block for ``seconds``.
    """

    KIND: ClassVar = "resolution.applied"
    resolution: ResolutionId
    conflict: ConflictId
    strategy: Strategy
    reason: str
    changes: tuple[Change, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    cleared: tuple[ConflictId, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    seconds: Seconds | None = None
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


class ResolutionRefused(Word):
    """A proposal came to nothing: an owner said no, or did not answer in time."""

    KIND: ClassVar = "resolution.refused"
    resolution: ResolutionId
    conflict: ConflictId
    reason: str
    agent: Id | None = None


class ResolutionFailed(Word):
    """Nothing was changed: ``reason`` says what stood in the way, for example a conflict that it would have made."""

    KIND: ClassVar = "resolution.failed"
    resolution: ResolutionId
    conflict: ConflictId
    reason: str


class WaiverExpired(Word):
    """The time of a waiver is over: the conflict blocks again."""

    KIND: ClassVar = "waiver.expired"
    conflict: ConflictId
    resolution: ResolutionId
