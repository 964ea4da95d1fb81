"""What the audit writer, or who restores, says for all to hear: whether what is stored stands. The last word counts."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from nats.aio.client import Client
from nats.errors import NoRespondersError
from pydantic_core import from_json

from psmp.words import subjects

STREAM: Final = "PSMP_STANDING"
ANSWER_WITHIN: Final = 2.0


class State(StrEnum):
    """How it stands."""

    WELL = "well"
    REGRESSED = "regressed"
    """Log or ledger have gone back in time: nothing may be decided."""
    RESTORING = "restoring"
    """Somebody has the ledger filled from the log: the audit writer may follow, nothing may be decided."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: how it stands, what is amiss in sentences, and what to type."""

    state: State
    missing: tuple[str, ...] = ()
    hint: str = ""

    @property
    def trouble(self) -> str:
        """Why nothing may be decided; "" when it may."""
        match self.state:
            case State.WELL:
                return ""
            case State.RESTORING:
                return "the ledger is being restored"
        return f"{'; '.join(self.missing)}. Next: {self.hint}"

    def written(self) -> bytes:
        """As it is sent."""
        return json.dumps({"state": self.state, "missing": self.missing, "hint": self.hint}).encode()

    @classmethod
    def read(cls, body: bytes) -> Self:
        """What ``written`` wrote; raises ``ValueError``."""
        match from_json(body):
            case {"state": str(state), "missing": list(missing), "hint": str(hint)}:
                return cls(State(state), tuple(map(str, missing)), hint)
        raise ValueError("no word about the standing")


async def say(nats: Client, word: Word) -> None:
    """Say it, so that it is stored; raises nats errors and ``TimeoutError``."""
    await nats.jetstream().publish(subjects.STANDING, word.written(), timeout=ANSWER_WITHIN)


async def last_word(nats: Client) -> Word | None:
    """The last word; None when there is none. Raises nats errors and ``TimeoutError``."""
    subject = f"$JS.API.DIRECT.GET.{STREAM}.{subjects.STANDING}"
    try:
        message = await nats.request(subject, b"", timeout=ANSWER_WITHIN)
    except NoRespondersError:  # no such stream: whoever made this deployment is older
        return None
    return None if "Status" in (message.headers or {}) else Word.read(message.data)
