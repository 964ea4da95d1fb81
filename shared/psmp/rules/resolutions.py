"""How far each conflict is on its way out, as the log tells: attempts, answers, failures and waivers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, assert_never

from psmp.rules.conflicts import Open
from psmp.words.envelope import EventEnvelope
from psmp.words.events import (
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    WaiverExpired,
)
from psmp.words.values import Change, Conflict, Strategy

ResolutionEvent = (
    ResolutionRequested
    | ResolutionProposed
    | ResolutionAnswered
    | ResolutionApplied
    | ResolutionRefused
    | ResolutionFailed
    | WaiverExpired
)


class Stage(StrEnum):
    """How far a resolution is. ``NONE`` is before it was requested and after it has ended."""

    NONE = "[*]"
    REQUESTED = "REQUESTED"
    PROPOSED = "PROPOSED"
    APPLIED = "APPLIED"


FOLLOWS: Final[Mapping[Stage, Mapping[type[ResolutionEvent], Stage]]] = MappingProxyType(
    {
        Stage.NONE: {ResolutionRequested: Stage.REQUESTED},
        Stage.REQUESTED: {
            ResolutionProposed: Stage.PROPOSED,
            ResolutionApplied: Stage.APPLIED,
            ResolutionFailed: Stage.NONE,
        },
        Stage.PROPOSED: {
            ResolutionProposed: Stage.PROPOSED,
            ResolutionAnswered: Stage.PROPOSED,
            ResolutionApplied: Stage.APPLIED,
            ResolutionRefused: Stage.NONE,
            ResolutionFailed: Stage.NONE,
        },
        Stage.APPLIED: {WaiverExpired: Stage.NONE},
    }
)
"""What may follow what, for one resolution. Only a waiver ends after it was applied."""


def diagram() -> str:
    """The table as a Mermaid state diagram; the documentation shows exactly this."""
    arrows = (f"    {a} --> {b}: {event.KIND}" for a, row in FOLLOWS.items() for event, b in row.items())
    return "\n".join(("stateDiagram-v2", *arrows, ""))


@dataclass(frozen=True, slots=True)
class Reply:
    """What an owner answered to a proposal, and what it would change instead."""

    answer: Literal["yes", "no", "amend"]
    changes: tuple[Change, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A resolution under way: ``requested``, or ``proposed`` to ``agents``, each of which has ``seconds`` to reply.

    ``by`` wants it, ``command`` is the id of the command that asked for it. ``time`` is that of its last event.
    """

    conflict: str
    strategy: Strategy
    stage: Literal["requested", "proposed"]
    by: str
    command: str
    reason: str
    time: str
    changes: tuple[Change, ...] = ()
    suggestion: int | None = None
    seconds: int | None = None
    agents: tuple[str, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one open conflict: ``told`` at that sequence as it now is; how it went since then.

    ``tried`` are the suggestions that came to nothing, ``failures`` how many attempts did, ``failed`` the time at which
    the last one did.
    """

    told: int
    tried: tuple[int, ...] = ()
    failures: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A conflict that blocks nothing for ``seconds`` from ``time`` on, because ``by`` said so."""

    resolution: str
    by: str
    reason: str
    time: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Resolutions:
    """All of a project.

    Invariant: ``records`` has one of each open conflict, ``waivers`` none of another.
    Invariant: ``attempts`` are those under way, by their ids, in that order: also at what is gone meanwhile, until the
    resolver has said so. ``last`` is the highest number that one ever had.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    last: int = 0

    def about(self, conflict: str) -> str | None:
        """The id of the latest attempt under way for ``conflict``."""
        return next((name for name, each in reversed(self.attempts.items()) if each.conflict == conflict), None)


def after(resolutions: Resolutions, envelope: EventEnvelope, event: ResolutionEvent) -> Resolutions:
    """The resolutions after ``event``, before ``compared`` has seen what it changed of the conflicts."""
    attempts = resolutions.attempts
    match event:
        case ResolutionRequested():
            return _requested(resolutions, envelope, event)
        case ResolutionProposed():
            attempt = replace(
                attempts[event.resolution],
                stage="proposed",
                changes=event.changes,
                suggestion=event.suggestion,
                agents=event.agents,
                seconds=event.seconds,
                time=envelope.time,
                replies={},
            )
            return replace(resolutions, attempts={**attempts, event.resolution: attempt})
        case ResolutionAnswered():
            old, reply = attempts[event.resolution], Reply(event.answer, event.changes or (), event.reason)
            attempt = replace(old, replies={**old.replies, event.agent: reply})
            return replace(resolutions, attempts={**attempts, event.resolution: attempt})
        case ResolutionApplied():
            return _applied(resolutions, envelope, event)
        case ResolutionRefused() | ResolutionFailed():
            return _failed(resolutions, envelope, event)
        case WaiverExpired():
            left = {name: waiver for name, waiver in resolutions.waivers.items() if name != event.conflict}
            return replace(resolutions, waivers=left)
        case never:
            assert_never(never)


def compared(resolutions: Resolutions, before: Open, now: Open, sequence: int) -> Resolutions:
    """The resolutions after the open conflicts became ``now``: what is gone is forgotten, what changed begins anew.

    A waiver holds for what was waived: when other declarations clash than before, it falls.
    """
    if before is now:
        return resolutions
    records = {
        name: resolutions.records[name] if before.get(name) == conflict else Record(sequence)
        for name, conflict in now.items()
    }
    waivers = {
        name: waiver
        for name, waiver in resolutions.waivers.items()
        if name in now and name in before and _essence(now[name]) == _essence(before[name])
    }
    return replace(resolutions, records=records, waivers=waivers)


def _requested(resolutions: Resolutions, envelope: EventEnvelope, event: ResolutionRequested) -> Resolutions:
    attempt = Attempt(
        event.conflict,
        event.strategy,
        "requested",
        envelope.actor,
        envelope.correlationid,
        event.reason,
        envelope.time,
        event.changes or (),
        event.suggestion,
        event.seconds,
    )
    records = resolutions.records
    if event.strategy == "retry":  # a person wants it tried from the beginning
        records = {**records, event.conflict: Record(records[event.conflict].told)}
    attempts = {**resolutions.attempts, event.resolution: attempt}
    return replace(resolutions, records=records, attempts=attempts, last=number(event.resolution))


def _applied(resolutions: Resolutions, envelope: EventEnvelope, event: ResolutionApplied) -> Resolutions:
    by = resolutions.attempts[event.resolution].by
    waivers = resolutions.waivers
    if event.seconds is not None:
        waiver = Waiver(event.resolution, by, event.reason, envelope.time, event.seconds)
        waivers = {**waivers, event.conflict: waiver}
    return replace(resolutions, attempts=_without(resolutions, event.resolution), waivers=waivers)


def _failed(
    resolutions: Resolutions, envelope: EventEnvelope, event: ResolutionRefused | ResolutionFailed
) -> Resolutions:
    suggestion = resolutions.attempts[event.resolution].suggestion
    records, record = resolutions.records, resolutions.records.get(event.conflict)
    if record is not None:
        tried = record.tried if suggestion is None else tuple(sorted({*record.tried, suggestion}))
        failed = replace(record, tried=tried, failures=record.failures + 1, failed=envelope.time)
        records = {**records, event.conflict: failed}
    return replace(resolutions, records=records, attempts=_without(resolutions, event.resolution))


def _without(resolutions: Resolutions, resolution: str) -> dict[str, Attempt]:
    return {name: attempt for name, attempt in resolutions.attempts.items() if name != resolution}


def _essence(conflict: Conflict) -> tuple[object, ...]:
    said = tuple((each.artifact, each.constraint, each.reference) for each in conflict.parties)
    return conflict.identity, conflict.causes, conflict.severity, said


def merging(conflict: Conflict, into: str) -> tuple[Change, ...]:
    """What leaves a contested path to one artifact: all others give it up."""
    parties = dict.fromkeys((party.artifact, party.agent) for party in conflict.parties)
    return tuple(
        Change(artifact=artifact, agent=owner, name=conflict.subject, constraint="", action="release")
        for artifact, owner in parties
        if artifact != into
    )


def number(resolution: str) -> int:
    """The number in a resolution's id: 3 of ``R-3``."""
    return int(resolution.removeprefix("R-"))
