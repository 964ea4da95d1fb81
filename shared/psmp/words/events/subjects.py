"""Events of erasure, retention and legal hold."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from psmp.words.ids import Id, Uuid
from psmp.words.values import Word

KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class SubjectErased(Word):
    """What was sealed of agent ``subject`` cannot be opened any more: the ``keys`` of these ids are destroyed.

    It stands in the log of each project in which something was sealed, and in that of ``psmp/system``, which names all
    ``projects`` and comes last: when the messages are deleted too in which the subject's words still stood unsealed.
    """

    KIND: ClassVar = "subject.erased"
    tenant: Id
    subject: Id
    keys: tuple[KeyId, ...]
    reason: str
    approver: str
    projects: tuple[Id, ...] = ()


class HoldPlaced(Word):
    """A legal hold lies on the project: nothing of it is pruned while it lasts."""

    KIND: ClassVar = "hold.placed"
    reason: str


class HoldReleased(Word):
    """No legal hold lies on the project any more."""

    KIND: ClassVar = "hold.released"
    reason: str


class RetentionChanged(Word):
    """For so many days after a project of ``tenant`` was archived the bodies of its events are kept; None: for ever."""

    KIND: ClassVar = "retention.changed"
    tenant: Id
    days: int | None = None
    reason: str


class RetentionApplied(Word):
    """The bodies of the project's events up to number ``upto`` are pruned, by the retention ``run`` of this id.

    The log goes on from here: whoever meets a gap before this event knows what is gone, by whose word and why. It says
    of the project, which was ARCHIVED at ``since``, as much as is needed to refuse what is still sent to it.

    # Invariant: ``upto`` is the number of the event right before this one, whose hash is this one's ``prev``.
    """

    KIND: ClassVar = "retention.applied"
    upto: Annotated[int, Field(ge=1)]
    run: Uuid
    approver: str
    reason: str
    days: int
    created: str
    since: str
    creator: str
