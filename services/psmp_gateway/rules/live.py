"""What a live reader is shown: which events it wants, how they are spelled as Server-Sent Events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic_core import from_json, to_json

from psmp.words.events import AlertRaised, ConflictDetected
from psmp.words.ids import ProjectKey
from psmp.words.values import Severity

WEIGHED: Final = frozenset({AlertRaised.KIND, ConflictDetected.KIND})
"""The kinds of events that have a severity."""

KIND: Final = r"^([a-z]+|\*)\.([a-z]+|\*)$"
"""What selects kinds of events: ``conflict.detected``, ``conflict.*``, ``*.*``."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event of the log as readers are shown it: ``frame`` is made once, for all of them."""

    position: int
    key: ProjectKey
    kind: str
    severities: frozenset[str]
    frame: bytes

    @property
    def body(self) -> bytes:
        """The stored bytes."""
        lines = self.frame.split(b"\n")
        return b"\n".join(line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: "))


def seen(position: int, key: ProjectKey, kind: str, body: bytes) -> Seen:
    """The event that is stored at ``position`` with these bytes."""
    severities = _severities(kind, body) if kind in WEIGHED else frozenset[str]()
    return Seen(position, key, kind, severities, frame(kind, body, position))


def _severities(kind: str, body: bytes) -> frozenset[str]:
    data = from_json(body)["data"]
    return frozenset(each["severity"] for each in ([data] if kind == AlertRaised.KIND else data["conflicts"]))


def frame(event: str, data: bytes, position: int | None = None) -> bytes:
    """One Server-Sent Event; ``position`` is where the reader may resume behind."""
    lines = b"".join(b"data: %s\n" % line for line in data.splitlines() or [b""])
    place = b"" if position is None else b"id: %d\n" % position
    return b"%sevent: %s\n%s\n" % (place, event.encode(), lines)


def beat(position: int, behind: int, trouble: str) -> bytes:
    """A sign of life with what is known: up to where the reader has all that it wants, and how far that is behind."""
    said = {"position": position, "behind": behind, **({"trouble": trouble} if trouble else {})}
    return frame("psmp.beat", to_json(said), position)


def resync(position: int, reason: str) -> bytes:
    """The last word to a reader that has missed something: up to ``position`` it has all, from there on not.

    Read the state anew and follow from there, or ask the log for what was missed.
    """
    hint = "read the state anew, then open a new stream; or resume behind this position to be told all of it"
    return frame("psmp.resync", to_json({"position": position, "reason": reason, "hint": hint}))


def closed(reason: str) -> bytes:
    """The last word to a reader that is shown no more, for another reason than being slow."""
    return frame("psmp.closed", to_json({"reason": reason}))


class Kinds:
    """Which kinds of events are wanted, as patterns; none given is all."""

    def __init__(self, kinds: Sequence[str] = ()) -> None:
        self._pattern = re.compile("|".join(_pattern(each) for each in kinds)) if kinds else None

    def admit(self, kind: str) -> bool:
        """Whether it is one of them."""
        return self._pattern is None or self._pattern.fullmatch(kind) is not None


class Spelling(Protocol):
    """How a reader is told things."""

    begin: bytes
    """What comes before everything else."""

    def event(self, seen: Seen) -> bytes:
        """One event of the log."""
        ...

    def beat(self, position: int, behind: int, trouble: str) -> bytes:
        """A sign of life, with up to where the reader has all that it wants, and how far that is behind."""
        ...

    def resync(self, position: int, reason: str) -> bytes:
        """The last word to a reader that has missed something."""
        ...

    def closed(self, reason: str) -> bytes:
        """The last word to a reader that is shown no more."""
        ...


class ServerSent:
    """As Server-Sent Events; one event is spelled once for all readers."""

    begin = b"retry: 1000\n\n"

    def event(self, seen: Seen) -> bytes:
        """See ``Spelling``."""
        return seen.frame

    def beat(self, position: int, behind: int, trouble: str) -> bytes:
        """See ``Spelling``."""
        return beat(position, behind, trouble)

    def resync(self, position: int, reason: str) -> bytes:
        """See ``Spelling``."""
        return resync(position, reason)

    def closed(self, reason: str) -> bytes:
        """See ``Spelling``."""
        return closed(reason)


SSE: Final = ServerSent()


class Filter:
    """Which events a reader wants: of its tenant alone, of ``projects`` if given, of these kinds and severities."""

    def __init__(
        self,
        tenant: str,
        projects: frozenset[str] | None = None,
        kinds: Sequence[str] = (),
        severities: Sequence[Severity] = (),
    ) -> None:
        self.tenant, self.projects = tenant, projects
        self._kinds = Kinds(kinds)
        self._severities = frozenset(map(str, severities))

    def wants(self, event: Seen) -> bool:
        """Whether it is to be shown."""
        if event.key.tenant != self.tenant or (self.projects is not None and event.key.project not in self.projects):
            return False
        if self._severities and not self._severities & event.severities:
            return False
        return self._kinds.admit(event.kind)

    @property
    def project(self) -> str:
        """The one project that it is about, or the wildcard of all."""
        return next(iter(self.projects)) if self.projects is not None and len(self.projects) == 1 else "*"


def _pattern(kind: str) -> str:
    return kind.replace(".", r"\.").replace("*", "[a-z]+")
