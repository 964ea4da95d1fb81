"""Events, one line each."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from psmp.cli.clock import clock_time
from psmp.cli.pages.layout import Fitting, table
from psmp.cli.pages.wording import sentence, shown
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ArtifactAccepted,
    CommandRefused,
    CompatibilityChecked,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectTransitioned,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    WaiverExpired,
)
from psmp.words.values import Phase


def style(event: Event) -> str:
    """The colour of an event."""
    match event:
        case ConflictDetected() | ProjectTransitioned(to=Phase.BLOCKED) | CompatibilityChecked(verdict="conflict"):
            return "red"
        case ResolutionFailed() | ResolutionRefused() | ResolutionProposed() | WaiverExpired():
            return "yellow"
        case ResolutionApplied():
            return "green"
        case CommandRefused() | CompatibilityChecked(verdict="unknown"):
            return "yellow"
        case ArtifactAccepted() | ConflictCleared() | CompatibilityChecked(verdict="compatible"):
            return "green"
        case _:
            return ""


def who(envelope: EventEnvelope) -> str:
    """The agent in whose name it is, and the person where one spoke."""
    return f"{envelope.actor} ({shown(envelope.personname)})" if envelope.personname else envelope.actor


def line(envelope: EventEnvelope, *, project: bool = False) -> Text:
    """One event in one line, for a stream of them; with the project's id where several are shown."""
    whose = f"{envelope.key.project}  " if project else ""
    return Text.assemble(
        (f"{envelope.sequence:>4}  {clock_time(envelope.time)}  ", "dim"),
        (whose, "bold"),
        f"{who(envelope)}: ",
        (sentence(envelope.data), style(envelope.data)),
    )


def listing(envelopes: Iterable[EventEnvelope]) -> RenderableType:
    """Events as a table; without their kind where there is no room for it."""
    rows = [
        (
            *(str(each.sequence), clock_time(each.time), each.data.KIND, who(each)),
            Text(sentence(each.data), style=style(each.data)),
        )
        for each in envelopes
    ]
    tight = ("event", "time", "kind")
    wide = table("event", "time", "kind", "who", "what", rows=rows, tight=tight)
    narrow = table("event", "time", "who", "what", rows=((*row[:2], *row[3:]) for row in rows), tight=tight)
    return Fitting(90, wide, narrow)
