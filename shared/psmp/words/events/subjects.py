"""Events of erasure, retention and legal hold."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from psmp.words.ids import Id
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
