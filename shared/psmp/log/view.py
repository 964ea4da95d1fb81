"""A view: one project's log folded up to a position, with its chain checked link by link."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from psmp.log.port import Damaged, EventLog, Record
from psmp.words.envelope import GENESIS, EventEnvelope, Link, leaf_hash, open_event
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ConflictCleared,
    ConflictDetected,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionRefused,
    ResolutionRequested,
    RetentionApplied,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRequested,
)
from psmp.words.ids import ProjectKey
from psmp.words.strict import Malformed

S = TypeVar("S")

INTAKE: Final = "/psmp/intake"
"""The source of the events that answer commands."""

AWAITED: Final = (ArtifactDeclared, ArtifactAmended, SlotRequested, ResolutionRequested)
"""What intake writes of a command that it passes on to another service: its outcome is still to come."""

SETTLING: Final = (
    *(ArtifactAccepted, ConflictDetected, ConflictCleared),
    *(SlotGranted, SlotRefused, ResolutionApplied, ResolutionFailed, ResolutionRefused),
)
"""What settles a command that intake has passed on to another service."""


@dataclass(frozen=True, slots=True)
class Fold(Generic[S]):
    """How a service reads a log: what makes the state before the first event, one step, and how to write a state down.

    ``version`` changes whenever a state that was written down by older code must not be read by this one.
    """

    name: str
    version: int
    initial: Callable[[], S]
    evolve: Callable[[S, EventEnvelope], S]
    dump: Callable[[S], bytes]
    load: Callable[[bytes], S]


class Head(NamedTuple):
    """The end of a log as far as it was read; ``leaf`` is the hash that the next event must name as ``prev``."""

    position: int = 0
    sequence: int = 0
    leaf: str = GENESIS

    @property
    def next(self) -> Link:
        """The place in the chain of the event that comes next."""
        return Link(self.sequence + 1, self.leaf)


class Answers:
    """Which command was settled by which record: what makes a command idempotent for ever.

    Positions of settling records by command id; negative while it is still to come what another service makes of it:
    the verdict on a declaration, a slot for who waits, whether a resolution resolves.
    """

    __slots__ = ("_positions",)

    def __init__(self, positions: dict[bytes, int] | None = None) -> None:
        self._positions = positions or {}

    def note(self, record: Record, envelope: EventEnvelope) -> None:
        """Take in one more event."""
        command = _key(envelope.correlationid)
        match envelope.data:
            case _ if isinstance(envelope.data, AWAITED):
                self._positions.setdefault(command, -record.position)
            case SlotLeft() as event:
                self._settle(_key(event.request), record.position)
                self._positions.setdefault(command, record.position)
            case _ if isinstance(envelope.data, SETTLING) and envelope.source != INTAKE:
                self._settle(command, record.position)
            case _ if envelope.source == INTAKE:
                self._positions.setdefault(command, record.position)

    def _settle(self, command: bytes, position: int) -> None:
        if self._positions.get(command, 0) < 0:
            self._positions[command] = position

    def find(self, command_id: str) -> int | None:
        """Where the record is that settled a command, negative while its verdict is pending; None: never seen."""
        return self._positions.get(_key(command_id))

    def dump(self) -> dict[str, int]:
        """As plain JSON."""
        return {key.hex(): position for key, position in self._positions.items()}

    @classmethod
    def load(cls, dumped: dict[str, int]) -> "Answers":
        """What ``dump`` wrote down."""
        return cls({bytes.fromhex(key): position for key, position in dumped.items()})


def _key(command_id: str) -> bytes:
    return bytes.fromhex(command_id.replace("-", ""))


class View(Generic[S]):
    """One project folded. ``advance`` is the only way forward and refuses any record that is not the next link."""

    __slots__ = ("answers", "fold", "head", "key", "state")

    def __init__(self, key: ProjectKey, fold: Fold[S]) -> None:
        self.key = key
        self.fold = fold
        self.state = fold.initial()
        self.head = Head()
        self.answers = Answers()

    def advance(self, record: Record) -> EventEnvelope:
        """Fold the next record; raises ``Damaged`` when it does not link to what was folded before.

        A record that says what was pruned before it is the next one wherever the view stands before that.
        """
        envelope = self._open(record)
        if skips(envelope, self.head.sequence):
            self.head = Head(self.head.position, envelope.sequence - 1, envelope.prev)
        if envelope.sequence != self.head.sequence + 1:
            raise Damaged(self.key, record.position, f"sequence {envelope.sequence}, not {self.head.sequence + 1}")
        self._link(record, envelope)
        return envelope

    def follow(self, record: Record) -> bool:
        """Fold the record if it is the very next one; False when others must come first or it is known already."""
        if record.position <= self.head.position:
            return False
        envelope = self._open(record)
        if envelope.sequence != self.head.sequence + 1:
            return False
        self._link(record, envelope)
        return True

    def _open(self, record: Record) -> EventEnvelope:
        try:
            envelope = record.opened or open_event(record.body)
        except Malformed as fault:
            raise Damaged(self.key, record.position, f"not an event: {fault}") from fault
        if envelope.key != self.key:
            raise Damaged(self.key, record.position, f"an event of {envelope.key} stands here")
        return envelope

    def _link(self, record: Record, envelope: EventEnvelope) -> None:
        if envelope.prev != self.head.leaf:
            raise Damaged(self.key, record.position, f"prev is {envelope.prev}, not {self.head.leaf}")
        try:
            self.state = self.fold.evolve(self.state, envelope)
        except (LookupError, ValueError) as error:  # a verdict on nothing, a log that does not begin with a project
            raise Damaged(self.key, record.position, f"it cannot follow on what was before: {error!r}") from error
        self.head = Head(record.position, envelope.sequence, leaf_hash(record.body))
        if isinstance(envelope.data, RetentionApplied):  # there is nothing left where they stood
            self.answers = Answers()
        self.answers.note(record, envelope)


def skips(envelope: EventEnvelope, sequence: int) -> bool:
    """Whether the event says that all that lacks between it and the event number ``sequence`` was pruned."""
    event = envelope.data
    return isinstance(event, RetentionApplied) and sequence < event.upto == envelope.sequence - 1


async def ends_in(view: View[S], log: EventLog) -> bool:
    """Whether ``log`` has, where the view ends, the very bytes that it ends with. An empty view ends in every log."""
    if view.head == Head():
        return True
    async for record in log.read(view.key, after=view.head.position - 1, limit=1):
        return record.position == view.head.position and leaf_hash(record.body) == view.head.leaf
    return False
