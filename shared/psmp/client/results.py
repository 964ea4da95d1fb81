"""What the client hands back: settled commands, verdicts, and events as they happened."""

from dataclasses import dataclass

from psmp.words.answers import AlertLine, ProjectLine
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ArtifactAccepted,
    ConflictCleared,
    ConflictDetected,
    Event,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionRefused,
)
from psmp.words.progress import CheckProgress
from psmp.words.receipt import Receipt
from psmp.words.values import Conflict


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a project's log.

    ``position`` is its place in the stream, ``raw`` its exact stored bytes: what is hashed, linked and proved. In
    ``envelope`` what is sealed is opened, where the keeper was asked for it, and says ``[erased]`` where it is erased.
    """

    position: int
    envelope: EventEnvelope
    raw: bytes

    @property
    def event(self) -> Event:
        """What happened."""
        return self.envelope.data

    @property
    def sequence(self) -> int:
        """The event's number within its project: 1, 2, 3, ... without a gap."""
        return self.envelope.sequence


@dataclass(frozen=True, slots=True)
class Checking:
    """How far the resolver is with a project, as the checker said while it ran."""

    project: str
    progress: CheckProgress


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of a command: the event that settles it, with its exact stored bytes.

    ``position`` is None for an answer that is in no log, as the refusal of a command for a project that does not exist.
    ``receipt`` is the promise, signed, that this very event is in the log; None where the service has no key for it.
    """

    position: int | None
    envelope: EventEnvelope
    raw: bytes
    command_id: str
    receipt: Receipt | None = None

    @property
    def event(self) -> Event:
        """What was decided."""
        return self.envelope.data

    @property
    def sequence(self) -> int:
        """The event's number within its project; for ``begin`` it is the fence of the slot."""
        return self.envelope.sequence


@dataclass(frozen=True, slots=True)
class Verdict(Settled):
    """The checker's answer to a declaration or an amendment."""

    @property
    def accepted(self) -> bool:
        """Whether the declaration stands together with all others: it is party to no open conflict."""
        if not isinstance(self.event, ConflictDetected):
            return True
        artifact = self.event.artifact
        return all(party.artifact != artifact for conflict in self.event.conflicts for party in conflict.parties)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The conflicts that the declaration is part of, or that it changed between others."""
        return self.event.conflicts if isinstance(self.event, ConflictDetected) else ()

    @property
    def cleared(self) -> tuple[str, ...]:
        """The ids of the conflicts that are gone because of it."""
        return self.event.cleared if isinstance(self.event, ConflictDetected | ConflictCleared) else ()

    @property
    def text(self) -> str:
        """The verdict for a person or a model to read, with numbered suggestions where there is a conflict."""
        match self.event:
            case ConflictDetected(conflicts=conflicts):
                return "\n\n".join(map(explained, conflicts))
            case ArtifactAccepted(artifact=artifact, version=version):
                return f"{artifact} version {version} is accepted: it stands together with every other declaration."
            case ConflictCleared(artifact=artifact, version=version, cleared=cleared):
                return f"{artifact} version {version} is accepted; {', '.join(cleared)} cleared."
            case other:
                return other.KIND


@dataclass(frozen=True, slots=True)
class Resolved(Settled):
    """What became of the wish to resolve a conflict."""

    @property
    def applied(self) -> bool:
        """Whether it was done; else nothing was changed, and ``text`` says why."""
        return isinstance(self.event, ResolutionApplied)

    @property
    def cleared(self) -> tuple[str, ...]:
        """The ids of the conflicts that are gone because of it; none for a waiver, nor yet where a solver must say."""
        return self.event.cleared if isinstance(self.event, ResolutionApplied) else ()

    @property
    def text(self) -> str:
        """It in a sentence."""
        match self.event:
            case ResolutionApplied(resolution=name, conflict=conflict, seconds=int(seconds)):
                return f"{name}: {conflict} is waived for {seconds} s."
            case ResolutionApplied(resolution=name, cleared=cleared):
                return f"{name} is applied; {', '.join(cleared) or 'nothing yet'} cleared."
            case ResolutionFailed(resolution=name, reason=reason) | ResolutionRefused(resolution=name, reason=reason):
                return f"{name} came to nothing, nothing was changed: {reason}"
            case other:
                return other.KIND


class Projects(list[ProjectLine]):
    """The tenant's projects by id. ``behind`` is how many events this list had not taken in when it was read."""

    def __init__(self, lines: list[ProjectLine], behind: int) -> None:
        super().__init__(lines)
        self.behind = behind


class Alerts(list[AlertLine]):
    """Open alerts, oldest first. ``behind`` is how many events this list had not taken in when it was read."""

    def __init__(self, lines: list[AlertLine], behind: int) -> None:
        super().__init__(lines)
        self.behind = behind


def explained(conflict: Conflict) -> str:
    """A conflict with its suggestions, one numbered line each."""
    ways = [f"  {each.n}. {each.text}" for each in conflict.suggestions]
    return "\n".join((f"{conflict.id}: {conflict.text}", *ways))
