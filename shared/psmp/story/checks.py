"""What a story claims, held against what was observed. Pure: every check is a value with its finding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.story.observed import Observation
from psmp.words.answers import Status
from psmp.words.ids import ProjectKey
from psmp.words.values import Conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One claim: what it says, whether it held, and what was found."""

    claim: str
    held: bool
    found: str


def of_step(seen: Observation) -> tuple[Check, ...]:
    """Every expectation of a step; none for one that was skipped."""
    if seen.skipped:
        return ()
    expect, step = seen.step.expect, f"step {seen.number}"
    checks: list[Check] = []
    if expect.verdict is not None:
        checks.append(_same(f"{step}: the outcome is {expect.verdict}", expect.verdict, seen.outcome, seen.reason))
    if expect.code is not None:
        checks.append(_same(f"{step}: it is refused as {expect.code}", expect.code, seen.code or "not refused"))
    if expect.subject is not None or expect.between is not None:
        checks.append(_clash(step, expect.subject, expect.between, seen.conflicts))
    if expect.state is not None:
        checks.append(_same(f"{step}: the project is {expect.state}", expect.state, seen.state))
    return tuple(checks)


def _same(claim: str, expected: str, found: str, why: str = "") -> Check:
    told = f"{found}: {why}" if why and expected != found else str(found)
    return Check(claim=claim, held=expected == found, found=told)


def _clash(step: str, subject: str | None, between: tuple[str, ...] | None, conflicts: Iterable[Conflict]) -> Check:
    """One of the conflicts must be on ``subject`` and between exactly these agents."""
    on = f" on {subject}" if subject else ""
    among = f" between {' and '.join(between)}" if between else ""
    found = [(each.subject, sorted({party.agent for party in each.parties})) for each in conflicts]
    held = any(subject in (None, name) and (between is None or sorted(between) == agents) for name, agents in found)
    told = "; ".join(f"{name} between {' and '.join(agents)}" for name, agents in found)
    return Check(claim=f"{step}: the conflict is{on}{among}", held=held, found=told or "no conflict")


def of_log(key: ProjectKey, records: Sequence[Record], told: Status) -> tuple[Check, ...]:
    """The project's log as its own reader finds it: an unbroken chain, and folded the very status that is ``told``."""
    view = View(key, PROJECT_FOLD)
    linked = "every event links to the one before it"
    try:
        for record in records:
            view.advance(record)
    except Damaged as damage:
        return (Check(claim=linked, held=False, found=str(damage)),)
    chain = Check(claim=linked, held=True, found=f"{len(records)} events, head {view.head.leaf[:16]}…")
    return (chain, *_agreement(key, view.state, told))


def _agreement(key: ProjectKey, folded: Project | None, told: Status) -> Iterator[Check]:
    claim = "the status that is told is the log, folded"
    if folded is None:
        yield Check(claim=claim, held=False, found="the log is empty")
        return
    own = describe(key, folded)
    differing = [name for name in Status.model_fields if getattr(own, name) != getattr(told, name)]
    found = f"{', '.join(differing)} differ" if differing else f"{told.state}, equal in every field"
    yield Check(claim=claim, held=not differing, found=found)


def failed(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Those that did not hold."""
    return tuple(check for check in checks if not check.held)
