"""Events of erasure."""

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
