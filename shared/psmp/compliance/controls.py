"""Controls: what a rule asks for, which evidence of it the record can hold, and what that does not prove."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from psmp.compliance.evidence import Evidence, Standing


class Status(StrEnum):
    """How far the record speaks to a control. No status says that the control is met."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT = "not covered"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a control."""

    status: Status
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One control. ``about`` says what of it the record can show at all, ``limits`` what it does not prove.

    ``best`` is the status when evidence is found and the record holds.
    """

    name: str
    title: str
    about: str
    evidence: Callable[[Evidence], Iterable[str]]
    limits: str
    best: Callable[[Evidence], Status]


@dataclass(frozen=True, slots=True)
class Framework:
    """A set of controls under one name."""

    name: str
    title: str
    controls: tuple[Control, ...]


NO_RECORD: Final = "no evidence: there is no record of this tenant up to this position"
NO_EVIDENCE: Final = "no evidence was found in this range"
BROKEN: Final = "the record does not hold, so what was counted in it proves nothing"


def partly(_: Evidence) -> Status:
    """The most that most controls come to."""
    return Status.PARTLY


def nothing(_: Evidence) -> Iterable[str]:
    """Of controls of which the record cannot say anything."""
    return ()


def judge(control: Control, evidence: Evidence) -> Finding:
    """What the record says about a control. Evidence in a record that does not hold counts for nothing."""
    if not evidence.records:
        return Finding(Status.NOT, (NO_RECORD,))
    found = tuple(line for line in control.evidence(evidence) if line)
    if evidence.faults:
        return Finding(Status.NOT, (BROKEN, *evidence.faults, *found))
    return Finding(control.best(evidence), found) if found else Finding(Status.NOT, (NO_EVIDENCE,))


# What several frameworks ask for.


def counted(number: int, one: str) -> str:
    """A number with its noun: ``1 record``, ``2 records``."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def held(evidence: Evidence) -> Iterable[str]:
    """That the ledger holds, project by project, and how it is kept; nothing where it does not."""
    if evidence.faults:
        return
    walked = f"{counted(evidence.records, 'record')} of {counted(len(evidence.standings), 'project')}"
    yield f"{walked} walked: number, leaf hash and chain of each hold"
    yield from map(_covered, evidence.standings)
    guards = evidence.guards
    if guards.tables:
        writers = ", ".join(guards.writers) or "none"
        yield (
            f"{guards.guarded} of {guards.tables} tables of the ledger refuse changes by a trigger; roles of PSMP that "
            f"may change them: {writers}; page checksums: {'on' if guards.checksums else 'off'}"
        )


def _covered(each: Standing) -> str:
    if not each.checkpoints:
        return f"{each.project}: no checkpoint covers its {each.records} records"
    by = {True: ", signed by a given key", False: ", not all signed by a given key", None: ""}[each.signed]
    return (
        f"{each.project}: {counted(each.checkpoints, 'checkpoint')}, each with the root of the records that it "
        f"covers{by}; the newest, number {each.number}, covers {each.size} of {each.records} records"
    )


def decided(evidence: Evidence, *kinds: str) -> Iterable[str]:
    """Decisions of these kinds, one line each."""
    for each in evidence.decisions:
        if each.kind in kinds:
            yield f"position {each.position}, {each.project}: {each.what} ({each.actor}): {each.reason}"


def refused(evidence: Evidence, *codes: str) -> Iterable[str]:
    """Commands that were refused for these reasons; for any where none is named."""
    for each in evidence.parts.get("refusals", ()):
        if not codes or each["code"] in codes:
            who = f"{counted(each['commands'], 'command')} of {counted(each['agents'], 'agent')}"
            yield f"{who} refused with {each['code']}"


def resolved(evidence: Evidence) -> Iterable[str]:
    """How conflicts ended, and after how long."""
    for each in evidence.parts.get("resolved", ()):
        if not each["conflicts"]:  # the line of all, where none has ended
            continue
        how = f"by {each['strategy']}, decided by {each['decided_by']}" if each["strategy"] else "in all"
        time = f"median {each['median']:.0f} s, nine in ten within {each['p90']:.0f} s"
        yield f"{counted(each['conflicts'], 'conflict')} ended {how}; {time}"


def alerts(evidence: Evidence) -> Iterable[str]:
    """What was raised, taken in hand and over."""
    yield evidence.told("alerts raised", "alert.raised")
    yield evidence.told("alerts taken in hand by a person", "alert.acknowledged")
    yield evidence.told("alerts over", "alert.cleared")


def kept(evidence: Evidence) -> Iterable[str]:
    """Since when there are records, what was pruned of them, and what the rule for that is."""
    times = sorted(each.first for each in evidence.standings if each.first)
    if times:
        yield f"the oldest record whose bytes are there is of {times[0]}"
    pruned = sum(each.pruned for each in evidence.standings)
    yield f"{pruned} records have no bytes any more, only their leaf hash" if pruned else "no record was pruned"
    days, holds = evidence.retention.days, evidence.retention.holds
    if times:
        yield f"bodies are kept {'for ever' if days is None else f'for {days} days after a project was archived'}"
    if holds:
        yield f"legal holds keep {', '.join(holds)}"
    yield from decided(evidence, "retention.changed", "hold.placed", "hold.released", "pruned")
