"""Commands about what needs a person: alerts and dead letters."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.values import AlertId, Reason, Word


class AcknowledgeAlert(Word):
    """Take an alert in hand: it leaves the inbox."""

    KIND: ClassVar = "alert.acknowledge"
    alert: AlertId
    reason: Reason


class RetryLetter(Word):
    """Have a dead letter handled once more; ``letter`` is its sequence in ``PSMP_DLQ``."""

    KIND: ClassVar = "letter.retry"
    letter: Annotated[int, Field(ge=1)]
    reason: Reason


class DropLetter(Word):
    """Give a dead letter up; its bytes stay in ``PSMP_DLQ``."""

    KIND: ClassVar = "letter.drop"
    letter: Annotated[int, Field(ge=1)]
    reason: Reason
