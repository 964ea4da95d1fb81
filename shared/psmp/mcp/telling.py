"""A project's status as the answers of the tools: short lines, what is one's own, and what to do next."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from pydantic_core import to_json

from psmp.client.results import Resolved, Verdict
from psmp.mcp.answered import (
    Accepted,
    ArtifactLine,
    Beaten,
    Checked,
    ConflictLine,
    Conflicts,
    Declared,
    Event,
    Explained,
    Finished,
    Found,
    Granted,
    SlotLine,
    Standing,
    TaskLine,
    Told,
    Way,
)
from psmp.rules.forecast import Forecast
from psmp.rules.lifecycle import STOPPED, WORKING
from psmp.words.answers import ArtifactStatus, Status
from psmp.words.strict import MAX_BYTES
from psmp.words.tasks import Planned
from psmp.words.values import Conflict, Dependency, PathClaim, Severity

MOST_NEEDS: Final = 20
"""How many needs, and how many paths, of one artifact a list shows."""

T = TypeVar("T", bound=Told)


def fitted(answer: T, *lists: str) -> T:
    """``answer`` in at most 64 KiB: the longest of these lists loses its last lines, which ``more_*`` count."""
    while len(answer.model_dump_json(exclude_none=True)) > MAX_BYTES:
        sizes = {name: len(getattr(answer, name)) for name in lists}
        name = max(sizes, key=sizes.__getitem__, default="")
        if not sizes.get(name):
            return answer
        kept = sizes[name] // 2
        left_off = getattr(answer, f"more_{name}") + sizes[name] - kept
        answer = answer.model_copy(update={name: getattr(answer, name)[:kept], f"more_{name}": left_off})
    return answer


def line(conflict: Conflict, agent: str) -> ConflictLine:
    """A conflict in a list."""
    agents = tuple(dict.fromkeys(party.agent for party in conflict.parties))
    return ConflictLine(
        conflict=conflict.id,
        severity=conflict.severity,
        kind=conflict.kind,
        subject=conflict.subject,
        text=conflict.text,
        agents=agents,
        yours=agent in agents,
        suggestions=tuple(Way(suggestion=each.n, text=each.text) for each in conflict.suggestions),
    )


def standing(status: Status, agent: str) -> Standing:
    """How a project stands."""
    found = Standing(
        project=status.project,
        name=status.name,
        you=agent,
        state=status.state,
        may_start=status.state in WORKING,
        sequence=status.sequence,
        seen=status.sequence,
        since=status.since,
        conflicts=tuple(line(each, agent) for each in status.conflicts),
        artifacts=tuple(_artifact(each, agent) for each in status.artifacts if each.status != "ARCHIVED"),
        slots=tuple(SlotLine(agent=each.agent, fence=each.fence, declared=each.declared) for each in status.slots),
        waiting=tuple(each.agent for each in status.waiting),
        tasks=tuple(_task(each, agent) for each in status.tasks if each.status in {"OPEN", "IN_PROGRESS"}),
        alerts=tuple(f"{each.alert}: {each.text}" for each in status.alerts),
        installable=": ".join((status.transitive.verdict, *status.transitive.reasons[:3])),
        next=_what_now(status),
    )
    return fitted(found, "artifacts", "conflicts", "tasks")


def listed(status: Status, agent: str, severity: Severity | None) -> Conflicts:
    """The open conflicts, perhaps of one severity alone."""
    found = [each for each in status.conflicts if severity in (None, each.severity)]
    ways = tuple(f"call explain_conflict with conflict {each.id}" for each in found[:1])
    answer = Conflicts(
        project=status.project,
        state=status.state,
        seen=status.sequence,
        conflicts=tuple(line(each, agent) for each in found),
        next=ways or ("nothing of this kind is open; go on",),
    )
    return fitted(answer, "conflicts")


def explained(status: Status, conflict: Conflict, agent: str) -> Explained:
    """One conflict with its proof."""
    return Explained(
        project=status.project,
        seen=status.sequence,
        conflict=conflict,
        waived_until=next((each.until for each in status.waivers if each.conflict == conflict.id), None),
        under_way=tuple(
            f"{each.resolution} ({each.strategy}) is {each.stage}; waits for {', '.join(each.unanswered) or 'nobody'}"
            for each in status.resolutions
            if each.conflict == conflict.id
        ),
        next=ways_out(status.project, conflict, status.sequence, agent),
    )


def ways_out(project: str, conflict: Conflict, seen: int, agent: str) -> tuple[str, ...]:
    """What clears a conflict, in the words of these tools: what changes only what is one's own comes first."""
    own, others = list[str](), list[str]()
    for each in conflict.suggestions:
        owners = sorted({change.agent for change in each.changes} - {agent})
        call = f"call accept_suggestion with conflict {conflict.id}, suggestion {each.n}, seen {seen}: {each.text}"
        if owners:
            others.append(f"{call} (that is {', '.join(owners)}'s to decide, or whoever's who governs the project)")
        else:
            own.append(call)
    mine = any(party.agent == agent for party in conflict.parties)
    amend = ("or call declare_artifact with amend true and needs that fit the others'",) if mine else ()
    return (*own, *amend, *others, f"else ask a person: psmp resolve {project} {conflict.id} --escalate")


def verdict(status: Status, artifact: str, settled: Verdict, agent: str) -> Declared:
    """What the checker says of a declaration, and how the project stands since."""
    found = settled.conflicts
    own = [each for each in found if any(party.artifact == artifact for party in each.parties)]
    stopped = ("start no other work before the project is free",) if status.state in STOPPED else ()
    seen = settled.sequence
    then = ways_out(status.project, own[0], seen, agent) if own else ("call finish when the work is done",)
    answer = Declared(
        project=status.project,
        artifact=artifact,
        version=getattr(settled.event, "version", 1),
        accepted=settled.accepted,
        state=status.state,
        seen=seen,
        conflicts=tuple(line(each, agent) for each in found),
        cleared=settled.cleared,
        next=(*stopped, *then),
    )
    return fitted(answer, "conflicts")


def checked(status: Status, artifact: str, found: Forecast, agent: str) -> Checked:
    """What would come of a declaration."""
    advice = {
        "invalid": "mend what errors name, then call check_dependencies again",
        "conflict": "choose ranges that fit, or take a suggestion; call check_dependencies again before you declare",
        "unknown": "read unknown; where it does not matter, call declare_artifact",
        "compatible": "call declare_artifact with the same fields",
    }
    answer = Checked(
        project=status.project,
        artifact=artifact,
        verdict=found.verdict,
        conflicts=tuple(line(each, agent) for each in found.conflicts),
        open=found.joined,
        fits=dict(found.witness or {}),
        warnings=(*_of_others(status, artifact, agent), *found.warnings),
        unknown=found.unknown,
        errors=found.errors,
        next=(advice[found.verdict],),
    )
    return fitted(answer, "conflicts")


def accepted(status: Status, conflict: str, settled: Resolved) -> Accepted:
    """What became of a suggestion that was taken."""
    then = "nothing was changed: call explain_conflict again and choose another way"
    return Accepted(
        project=status.project,
        conflict=conflict,
        applied=settled.applied,
        text=settled.text,
        cleared=settled.cleared,
        state=status.state,
        next=_what_now(status) if settled.applied else (then,),
    )


def read(told: Told) -> str:
    """An answer as a text: what matters first, one thing a line."""
    if isinstance(told, Explained):
        return "\n".join((_whole(told.conflict), *told.under_way, *_then(told)))
    lists: tuple[Iterable[str], ...] = (
        map(_short, getattr(told, "conflicts", ())),
        (f"cannot be read: {each}" for each in getattr(told, "errors", ())),
        (f"unknown: {each}" for each in getattr(told, "unknown", ())),
        (f"warning: {each}" for each in getattr(told, "warnings", ())),
        (f"{each.agent}: {each.artifact} ({each.status})" for each in getattr(told, "artifacts", ())),
        (f"{each.sequence} {each.time} {each.actor} {each.kind} {_data(each)}" for each in getattr(told, "events", ())),
    )
    return "\n".join((_head(told), *(each for several in lists for each in several), *_then(told)))


def _head(told: Told) -> str:
    where = told.project
    match told:
        case Declared():
            return _verdict(told)
        case Checked():
            return f"{told.verdict.upper()}: nothing was written."
        case Standing():
            return f"{where} is {told.state}, {_open(told)}; you are {told.you}."
        case Conflicts():
            return f"{where} is {told.state}, {_open(told)}."
        case Accepted():
            return f"{'APPLIED' if told.applied else 'NOT APPLIED'}: {told.text} {where} is {told.state}."
        case Granted():
            return f"GRANTED: you may run in {where}, under fence {told.fence}."
        case Finished():
            return f"FINISHED: your slot in {where} is given back{', as failed' if told.failed else ''}."
        case Beaten():
            return f"HEARD: {where} is {told.state}."
        case Found():
            return f"FOUND: {len(told.events)} events of {where}, searched to event {told.searched_to}."
        case _:
            return where


def _verdict(told: Declared) -> str:
    what = f"{told.artifact} version {told.version}"
    if not told.accepted:
        return f"NOT ACCEPTED: {what} clashes; {told.project} is {told.state}."
    cleared = f" {', '.join(told.cleared)} cleared." if told.cleared else ""
    return f"ACCEPTED: {what} stands together with all others.{cleared}"


def _open(told: Standing | Conflicts) -> str:
    count = len(told.conflicts) + told.more_conflicts
    return f"{count or 'no'} open {'conflict' if count == 1 else 'conflicts'}"


def _data(event: Event) -> str:
    return to_json(event.data).decode()


def _then(told: Told) -> tuple[str, ...]:
    return tuple(f"Next: {each}." for each in told.next)


def _short(conflict: ConflictLine) -> str:
    ways = (f"  {each.suggestion}. {each.text}" for each in conflict.suggestions)
    return "\n".join((f"{conflict.conflict} ({conflict.severity}): {conflict.text}", *ways))


def _whole(conflict: Conflict) -> str:
    parties = (
        f"  {each.agent} needs {each.reference or each.constraint or 'any'} in {each.artifact} v{each.version}"
        f"{f' for {each.purpose}' if each.purpose else ''}{f' ({each.location})' if each.location else ''}"
        for each in conflict.parties
    )
    ways = (f"  {each.n}. {each.text}" for each in conflict.suggestions)
    return "\n".join((f"{conflict.id} ({conflict.severity}): {conflict.text}", *parties, *ways))


def _what_now(status: Status) -> tuple[str, ...]:
    if status.state in STOPPED:
        first = status.conflicts[0].id if status.conflicts else "C-1"
        return ("start no work", f"call explain_conflict with conflict {first}")
    if status.state in WORKING:
        return ("call request_slot before you work, check_dependencies before you declare",)
    return (f"no work starts while it is {status.state}; a person moves it on with psmp transition",)


def _of_others(status: Status, artifact: str, agent: str) -> Sequence[str]:
    owner = next((each.agent for each in status.artifacts if each.artifact == artifact), agent)
    return () if owner == agent else (f"NOT_OWNER: {artifact} is {owner}'s, a declaration of yours would be refused",)


def _task(task: Planned, agent: str) -> TaskLine:
    return TaskLine(
        task=task.task,
        title=task.title,
        status=task.status,
        agent=task.agent,
        yours=task.agent == agent,
        artifacts=task.artifacts,
    )


def _artifact(artifact: ArtifactStatus, agent: str) -> ArtifactLine:
    return ArtifactLine(
        artifact=artifact.artifact,
        agent=artifact.agent,
        yours=artifact.agent == agent,
        status=artifact.status,
        version=artifact.version,
        summary=artifact.summary,
        needs=_some([_need(each) for each in artifact.dependencies]),
        paths=_some([_claim(each) for each in artifact.paths]),
    )


def _some(texts: Sequence[str]) -> tuple[str, ...]:
    more = len(texts) - MOST_NEEDS
    return (*texts[:MOST_NEEDS], *((f"and {more} more",) if more > 0 else ()))


def _need(need: Dependency) -> str:
    scope = "" if need.scope == "runtime" else f" ({need.scope})"
    return f"{need.name} @ {need.reference}{scope}" if need.reference else f"{need.name}{need.constraint}{scope}"


def _claim(claim: PathClaim) -> str:
    return f"{claim.path} ({claim.mode})"
