"""The moment before an event was written: all that its decider knew, and the clock of then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from psmp.log.view import Answers
from psmp.rules.project import Project
from psmp.words.envelope import EventEnvelope, Provenance
from psmp.words.events import Event, LetterRetried, ProjectRecovering, ResolutionFailed, ResolutionRefused
from psmp_checker.docket import Docket
from psmp_replay.inputs import Inputs

LATE: Final = timedelta(seconds=60)
"""A service reads its clock before it decides, and writes at most so much later."""
TICK: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class Causes:
    """The events of the log so far, as later ones may follow from them.

    ``roots`` has the command at the root of each by its id, ``triggers`` those whole that say to begin anew, and
    ``retried`` when dead letters were to be handled once more, the last time first.
    """

    roots: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, EventEnvelope] = field(default_factory=dict)
    retried: tuple[str, ...] = ()

    def note(self, envelope: EventEnvelope) -> None:
        """Take in one more event."""
        self.roots[envelope.id] = envelope.correlationid
        if isinstance(envelope.data, ProjectRecovering | ResolutionFailed | ResolutionRefused):
            self.triggers[envelope.id] = envelope
        if isinstance(envelope.data, LetterRetried):
            self.retried = (envelope.time, *self.retried)


@dataclass(frozen=True, slots=True)
class Moment:
    """``said`` is the event as recorded; everything else is as it was before it. ``skew`` is allowed between clocks."""

    said: EventEnvelope
    project: Project | None
    docket: Docket
    answers: Answers
    causes: Causes
    inputs: Inputs
    skew: timedelta = timedelta(0)

    @property
    def at(self) -> datetime:
        """When the event was written."""
        return datetime.fromisoformat(self.said.time)

    def clocks(self, edges: Iterable[datetime]) -> Iterator[datetime]:
        """What the clock may have said when it was decided: the event's own time first.

        Something may have become due between the look at the clock and the writing; ``edges`` are when that is.
        """
        at = self.at
        yield at
        latest = at + self.skew
        if self.skew:
            yield latest
        for edge in sorted({each for each in edges if at - LATE <= each <= latest}, reverse=True):
            yield from (each for each in (edge + TICK, edge, edge - TICK) if each <= latest)


@dataclass(frozen=True, slots=True)
class Taken:
    """Not decided again: it is an input itself (``recorded``), or what it was decided on is ``gone``."""

    outcome: Literal["recorded", "gone"]
    reason: str


Decided = tuple[Event, Provenance]
Answer = Iterator[Decided] | Sequence[Decided] | Taken
"""What may have been decided, the likeliest first; nothing where nothing was to be said."""
