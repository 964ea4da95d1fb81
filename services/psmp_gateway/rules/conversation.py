"""What is said over a WebSocket, in JSON: one object a message, told apart by ``type``. Pure."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic_core import to_json

from psmp.words.ids import Id
from psmp.words.values import Severity, Word
from psmp_gateway.rules.headers import LONGEST_WAIT, USUAL_WAIT
from psmp_gateway.rules.live import KIND, Seen
from psmp_gateway.rules.problems import Problem

Name = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
"""How a client calls what it asks for; the answer bears the same name."""


class Authenticate(Word):
    """Who speaks, for clients that can send neither a header nor a cookie: the first message."""

    type: Literal["authenticate"]
    token: Annotated[str, Field(min_length=1, max_length=8192)]
    agent: str | None = None


class Subscribe(Word):
    """Follow the log from behind ``after``, or from now on; filters as those of the event stream."""

    type: Literal["subscribe"]
    id: Name
    project: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    kind: Annotated[tuple[Annotated[str, Field(pattern=KIND, max_length=100)], ...], Field(max_length=50)] = ()
    severity: Annotated[tuple[Severity, ...], Field(max_length=4)] = ()
    after: Annotated[int, Field(ge=0, le=2**53)] | None = None


class Unsubscribe(Word):
    """Follow it no longer."""

    type: Literal["unsubscribe"]
    id: Name


class Say(Word):
    """Send a command; ``wait`` seconds for its outcome, 0 for none. ``key`` is its ``Idempotency-Key``."""

    type: Literal["command"]
    id: Name
    project: Id
    command: Annotated[str, Field(max_length=100)]
    data: dict[str, Any]
    key: str | None = None
    wait: Annotated[float, Field(ge=0, le=LONGEST_WAIT)] = USUAL_WAIT


class Ping(Word):
    """Is anybody there?"""

    type: Literal["ping"]
    id: Name


Asked = Annotated[Authenticate | Subscribe | Unsubscribe | Say | Ping, Field(discriminator="type")]
ASKED: Final[TypeAdapter[Authenticate | Subscribe | Unsubscribe | Say | Ping]] = TypeAdapter(Asked)
"""Everything that a client may say."""


def told(kind: str, name: str | None = None, **more: Any) -> bytes:
    """One message to a client."""
    named = {} if name is None else {"id": name}
    return to_json({"type": kind, **named, **more})


def problem(name: str | None, said: Problem) -> bytes:
    """That something cannot be had, and why, as HTTP has it."""
    return told("problem", name, problem=said.model_dump(mode="json", exclude_none=True))


class Spoken:
    """Events as messages of one subscription, a line each: see ``Spelling``."""

    begin = b""

    def __init__(self, name: str) -> None:
        self._name, self._spelled = name, to_json(name)

    def event(self, seen: Seen) -> bytes:
        """See ``Spelling``; the event is the stored one, byte for byte but for ends of lines between its words."""
        head = b'{"type":"event","id":%s,"position":%d,"kind":%s,"event":'
        body = seen.body.replace(b"\n", b" ")
        return head % (self._spelled, seen.position, to_json(seen.kind)) + body + b"}\n"

    def beat(self, position: int, behind: int, trouble: str) -> bytes:
        """See ``Spelling``."""
        return self._line("beat", position=position, behind=behind, **({"trouble": trouble} if trouble else {}))

    def resync(self, position: int, reason: str) -> bytes:
        """See ``Spelling``."""
        hint = "read the state anew, then subscribe again; or subscribe behind this position to be told all of it"
        return self._line("resync", position=position, reason=reason, hint=hint)

    def closed(self, reason: str) -> bytes:
        """See ``Spelling``."""
        return self._line("closed", reason=reason)

    def _line(self, kind: str, **more: Any) -> bytes:
        return told(kind, self._name, **more) + b"\n"
