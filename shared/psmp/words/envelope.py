"""The envelope: CloudEvents 1.0 as JSON (structured mode), serialised once; the stored bytes are what is hashed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, create_model
from pydantic_core import from_json, to_json

from psmp.words import strict
from psmp.words.commands import COMMANDS, LARGER, Command
from psmp.words.events import EVENTS, Event
from psmp.words.ids import Id, ProjectKey, Uuid
from psmp.words.places import faults_of
from psmp.words.strict import Fault, Malformed
from psmp.words.values import Short, Word

MOST_FAULTS_TOLD: Final = 20

GENESIS: Final = "0" * 64
"""``prev`` of a project's first event."""


def _on_the_calendar(time: str) -> str:
    datetime.fromisoformat(time)  # 31 February has the right form; what follows the log must be able to read its times
    return time


Time = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$"),
    AfterValidator(_on_the_calendar),
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
TraceParent = Annotated[str, Field(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
Subject = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Source = Annotated[str, Field(pattern=r"^/psmp/[a-z_/]{1,100}$")]


@lru_cache(maxsize=4096)
def _key(subject: str) -> ProjectKey:
    return ProjectKey(*subject.split("/"))


class Envelope(Word):
    """What commands and events have in common (CloudEvents 1.0.2 attributes and our ``actor`` and ``traceparent``)."""

    specversion: Literal["1.0"] = "1.0"
    id: Uuid
    source: Source
    subject: Subject
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str | None = None
    actor: Id
    traceparent: TraceParent | None = None

    @property
    def key(self) -> ProjectKey:
        """The project that this is about."""
        return _key(self.subject)


class CommandEnvelope(Envelope):
    """A command as it is sent: ``type`` is ``psmp.<entity>.<verb>.v1``, ``id`` is the command's for ever.

    ``personname`` and ``personcontact`` say which person speaks as ``actor``, where one does. They and the reason that
    is given are stored sealed, and can be erased (``psmp.words.sealed``). ``expected``: nothing is done unless this is
    still the sequence of the artifact's last declaration, where the command is about one that is there, and of the
    project's last event otherwise.
    """

    type: str
    personname: Short | None = None
    personcontact: Short | None = None
    expected: Annotated[int, Field(ge=0)] | None = None
    data: Command


class EventEnvelope(Envelope):
    """An event as it is stored.

    Invariant: ``sequence`` counts 1, 2, 3, ... within the project without a gap.
    Invariant: ``prev`` is the leaf hash of the event before it, ``GENESIS`` for the first.
    ``causationid`` is the command or event that this follows from, ``correlationid`` the command at the root.
    ``personname`` and ``personcontact`` are sealed texts.
    """

    type: str
    personname: str | None = None
    personcontact: str | None = None
    causationid: Uuid
    correlationid: Uuid
    sequence: Annotated[int, Field(ge=1)]
    prev: Digest
    data: Event


def written(moment: datetime) -> str:
    """A time as envelopes carry it: RFC 3339, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def type_of(kind: str) -> str:
    """The CloudEvents type of a kind: ``artifact.declared`` is ``psmp.artifact.declared.v1``."""
    return f"psmp.{kind}.v1"


E = TypeVar("E", bound=Envelope)


def _typed(base: type[E], words: Sequence[type[Any]]) -> Mapping[str, type[E]]:
    return {
        word.KIND: create_model(
            word.__name__,
            __base__=base,
            __doc__=word.__doc__,
            type=(Literal[type_of(word.KIND)], ...),  # type: ignore[arg-type]
            data=(word, ...),
        )
        for word in words
    }


COMMAND_ENVELOPES: Final = _typed(CommandEnvelope, COMMANDS)
EVENT_ENVELOPES: Final = _typed(EventEnvelope, EVENTS)

_EVENT: Final[TypeAdapter[EventEnvelope]] = TypeAdapter(
    Annotated[Union[tuple(EVENT_ENVELOPES.values())], Field(discriminator="type")]  # type: ignore[arg-type]  # noqa: UP007
)


def leaf_hash(raw: bytes) -> str:
    """The RFC 6962 leaf hash of stored bytes, SHA-256(0x00 || bytes), in hex."""
    return hashlib.sha256(b"\x00" + raw).hexdigest()


def open_command(raw: bytes, kind: str) -> CommandEnvelope:
    """The command of ``kind`` in bytes that somebody sent; raises ``Malformed`` with the place of each fault."""
    envelope = COMMAND_ENVELOPES.get(kind)
    if envelope is None:
        raise Malformed(Fault("", f"there is no command {kind}; known are {', '.join(COMMAND_ENVELOPES)}"))
    strict.parse(raw, LARGER.get(kind, strict.MAX_BYTES))
    try:
        return envelope.model_validate_json(raw)
    except ValidationError as error:
        raise Malformed(*_faults(error, raw)) from None


def open_event(raw: bytes) -> EventEnvelope:
    """The event in bytes from the log; raises ``Malformed``."""
    try:
        return _EVENT.validate_json(raw)
    except ValidationError as error:
        raise Malformed(*_faults(error, raw)) from None


def _faults(error: ValidationError, raw: bytes) -> list[Fault]:
    """The first few faults, each once."""
    try:
        document = from_json(raw)
    except ValueError:
        document = None
    return list(islice(faults_of(error, document), MOST_FAULTS_TOLD))


class Person(NamedTuple):
    """Who speaks as an agent: a name, and where to reach the person. In events both are sealed."""

    name: str | None = None
    contact: str | None = None

    def told(self) -> dict[str, str]:
        """As attributes of an envelope; what is not said is left out."""
        said = {"personname": self.name, "personcontact": self.contact}
        return {attribute: text for attribute, text in said.items() if text is not None}


NOBODY: Final = Person()
"""No person is named: a program speaks."""


class Provenance(NamedTuple):
    """Where an event comes from: which service wrote it, in whose name, following from what."""

    source: str
    actor: str
    causation: str
    correlation: str
    traceparent: str | None = None
    person: Person = NOBODY


class Link(NamedTuple):
    """An event's place in its project's chain."""

    sequence: int
    prev: str


class Stamp(NamedTuple):
    """A fresh id and the time (RFC 3339, UTC, microseconds), from the shell; no rule makes its own."""

    id: str
    time: str


def seal_event(key: ProjectKey, event: Event, link: Link, provenance: Provenance, stamp: Stamp) -> bytes:
    """The bytes of an event, made once; they are stored, hashed and sent as they are."""
    return to_json(
        {
            "specversion": "1.0",
            "id": stamp.id,
            "source": provenance.source,
            "type": type_of(event.KIND),
            "subject": str(key),
            "time": stamp.time,
            "datacontenttype": "application/json",
            "dataschema": f"urn:psmp:{event.KIND}:v1",
            "actor": provenance.actor,
            "causationid": provenance.causation,
            "correlationid": provenance.correlation,
            **({"traceparent": provenance.traceparent} if provenance.traceparent else {}),
            **provenance.person.told(),
            "sequence": link.sequence,
            "prev": link.prev,
            "data": event,
        },
        exclude_none=True,
    )


def as_opened(key: ProjectKey, event: Event, link: Link, provenance: Provenance, stamp: Stamp) -> EventEnvelope:
    """What ``open_event`` reads in the bytes that ``seal_event`` made of the same, for who has just made them.

    The event must be one that was read or built as its shape demands, of values that JSON has.
    """
    return EVENT_ENVELOPES[event.KIND].model_construct(
        specversion="1.0",
        id=stamp.id,
        source=provenance.source,
        subject=str(key),
        time=stamp.time,
        datacontenttype="application/json",
        dataschema=f"urn:psmp:{event.KIND}:v1",
        actor=provenance.actor,
        traceparent=provenance.traceparent,
        personname=provenance.person.name,
        personcontact=provenance.person.contact,
        type=type_of(event.KIND),
        causationid=provenance.causation,
        correlationid=provenance.correlation,
        sequence=link.sequence,
        prev=link.prev,
        data=event,
    )


def seal_command(
    key: ProjectKey,
    actor: str,
    command: Command,
    stamp: Stamp,
    traceparent: str | None = None,
    *,
    source: str = "/psmp/client",
    person: Person = NOBODY,
    expected: int | None = None,
) -> bytes:
    """The bytes of a command; sending the same bytes again has the effect of sending them once."""
    return to_json(
        {
            "specversion": "1.0",
            "id": stamp.id,
            "source": source,
            "type": type_of(command.KIND),
            "subject": str(key),
            "time": stamp.time,
            "datacontenttype": "application/json",
            "actor": actor,
            **({"traceparent": traceparent} if traceparent else {}),
            **person.told(),
            **({} if expected is None else {"expected": expected}),
            "data": command,
        },
        exclude_none=True,
    )
