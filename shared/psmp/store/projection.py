"""The projection: what Postgres holds of a project, as a pure function of the project's fold.

By definition the rows of a project after N events are ``rows(key, fold of its first N events)``. ``changes`` gives the
difference between two folds of one project without computing all of it: what did not change is the same object.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from packaging.utils import canonicalize_name
from pydantic_core import to_json

from psmp.log.port import Record
from psmp.rules.alerts import Alert
from psmp.rules.project import Project
from psmp.rules.resolutions import Attempt
from psmp.rules.slots import Slot, Slots, Waiting
from psmp.rules.status import transitive
from psmp.rules.webhooks import Webhook
from psmp.words.envelope import EventEnvelope
from psmp.words.ids import ProjectKey
from psmp.words.strict import MAX_INTEGER
from psmp.words.tasks import Planned
from psmp.words.values import Conflict

N = TypeVar("N", bound=Hashable)
V = TypeVar("V")

Row = tuple[Any, ...]
"""Values in the order of a table's columns: JSON as text, times as UTC datetimes."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table's name and columns; the first ``key`` of them are its primary key, those in ``json`` hold JSON."""

    name: str
    key: int
    columns: tuple[str, ...]
    json: frozenset[str] = frozenset()

    def key_of(self, row: Row) -> Row:
        """A row's primary key."""
        return row[: self.key]


EVENT: Final = Table(
    "event",
    3,
    (
        *("tenant", "project", "sequence", "position", "recorded_at", "id", "kind", "source", "actor"),
        *("causation", "correlation", "body"),
    ),
)
PROJECT: Final = Table(
    "project",
    2,
    (
        *("tenant", "project", "name", "phase", "state", "targets", "policy", "created", "since", "updated"),
        *("sequence", "stalled", "detected", "artifacts", "conflicts", "silent", "transitive"),
    ),
    frozenset({"targets", "policy", "silent", "transitive"}),
)
ARTIFACT: Final = Table(
    "artifact",
    3,
    (
        *("tenant", "project", "artifact", "agent", "type", "version", "status", "summary", "packages"),
        *("dependencies", "paths", "metadata", "sequence", "declared", "requires_python", "environment"),
    ),
    frozenset({"packages", "dependencies", "paths", "metadata"}),
)
CONFLICT: Final = Table(
    "conflict",
    3,
    (
        *("tenant", "project", "conflict", "kind", "ecosystem", "subject", "scope", "severity", "blocking", "text"),
        *("body", "environment", "waiver"),
    ),
    frozenset({"body", "waiver"}),
)
SLOT: Final = Table(
    "slot",
    3,
    (
        *("tenant", "project", "fence", "agent", "since", "lease_seconds", "declared", "renewed", "term_seconds"),
        "limits",
    ),
    frozenset({"limits"}),
)
WAITING: Final = Table(
    "waiting", 3, ("tenant", "project", "request", "agent", "since", "wait_seconds", "limits"), frozenset({"limits"})
)
RESOLUTION: Final = Table(
    "resolution", 3, ("tenant", "project", "resolution", "conflict", "stage", "body"), frozenset({"body"})
)
ALERT: Final = Table(
    "alert",
    3,
    ("tenant", "project", "alert", "severity", "text", "hint", "person", "conflict", "since", "taken"),
)

WEBHOOK: Final = Table(
    "webhook",
    3,
    ("tenant", "project", "webhook", "url", "kinds", "agent", "since", "sequence", "ended", "reason"),
    frozenset({"kinds"}),
)

TASK: Final = Table(
    "task",
    3,
    (
        *("tenant", "project", "task", "status", "title", "details", "agent", "artifacts", "author", "since"),
        *("sequence", "changed", "reason"),
    ),
    frozenset({"artifacts"}),
)

STATE: Final = (PROJECT, ARTIFACT, CONFLICT, SLOT, WAITING, RESOLUTION, ALERT, WEBHOOK, TASK)
"""The tables that hold a project's state; ``EVENT`` holds how it came about."""

Spell = Callable[[ProjectKey, N, V], Row]
"""Makes the row of one value by its name."""

Rows = Mapping[Table, dict[Row, Row]]
"""Rows by primary key, table by table."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write so that the rows of one fold become those of a later one."""

    upserts: Mapping[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in STATE})
    gone: Mapping[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in STATE})


def rows(key: ProjectKey, project: Project | None) -> Rows:
    """Every row of a project; none of one that does not exist."""
    if project is None:
        return {table: {} for table in STATE}
    found: dict[Table, Iterable[Row]] = {
        PROJECT: [_project(key, project)],
        ARTIFACT: [_artifact(key, project, name) for name in project.artifacts],
        CONFLICT: list(_conflicts(key, project, project.conflicts)),
        SLOT: [_slot(key, fence, slot) for fence, slot in project.slots.held.items()],
        WAITING: [_waiting(key, each) for each in project.slots.queue],
        RESOLUTION: [_resolution(key, name, each) for name, each in project.resolutions.attempts.items()],
        ALERT: [_alert(key, name, each) for name, each in project.alerts.items()],
        WEBHOOK: [_webhook(key, name, each) for name, each in project.webhooks.items()],
        TASK: [_task(key, name, each) for name, each in project.tasks.items()],
    }
    return {table: {table.key_of(row): row for row in found[table]} for table in STATE}


def changes(key: ProjectKey, before: Project | None, after: Project) -> Changes:
    """What to write when ``after`` was folded from ``before``."""
    made = Changes()
    made.upserts[PROJECT].append(_project(key, after))
    _artifacts_changed(made, key, before, after)
    _conflicts_changed(made, key, before, after)
    if before is None or before.slots is not after.slots:
        _slots_changed(made, key, before.slots if before else Slots(), after.slots)
    attempts = before.resolutions.attempts if before else {}
    _differ(made, RESOLUTION, key, attempts, after.resolutions.attempts, _resolution)
    _differ(made, ALERT, key, before.alerts if before else {}, after.alerts, _alert)
    _differ(made, WEBHOOK, key, before.webhooks if before else {}, after.webhooks, _webhook)
    _differ(made, TASK, key, before.tasks if before else {}, after.tasks, _task)
    return made


def event_row(record: Record, envelope: EventEnvelope) -> Row:
    """The row of one event."""
    return (
        *record.key,
        envelope.sequence,
        record.position,
        moment(envelope.time),
        envelope.id,
        record.kind,
        envelope.source,
        envelope.actor,
        envelope.causationid,
        envelope.correlationid,
        record.body,
    )


def canonical(table: Table, row: Row) -> str:
    """A row as one text: equal for rows that mean the same, however JSON and times were spelled in between."""
    values = (
        json.loads(value, parse_int=_number, parse_float=_number) if name in table.json and value else value
        for name, value in zip(table.columns, row, strict=True)
    )
    return json.dumps(list(values), sort_keys=True, default=_text)


def digest(texts: Iterable[str]) -> str:
    """One SHA-256 (hex) over canonical rows in any order."""
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()


def moment(time: str) -> datetime:
    """The time in an event as Postgres keeps it."""
    return datetime.fromisoformat(time)


def _differ(
    made: Changes, table: Table, key: ProjectKey, before: Mapping[N, V], after: Mapping[N, V], row: "Spell[N, V]"
) -> None:
    """Note what became of values by name, each of which is one row of ``table``."""
    if before is not after:
        made.upserts[table].extend(row(key, name, after[name]) for name in _new(before, after))
        made.gone[table].extend((*key, name) for name in before.keys() - after.keys())


def _slots_changed(made: Changes, key: ProjectKey, before: Slots, after: Slots) -> None:
    _differ(made, SLOT, key, before.held, after.held, _slot)
    waited, waiting = ({each.request: each for each in slots.queue} for slots in (before, after))
    _differ(made, WAITING, key, waited, waiting, lambda key, _, each: _waiting(key, each))


def _conflicts_changed(made: Changes, key: ProjectKey, before: Project | None, after: Project) -> None:
    """Those that were told anew, and those that were waived or are no more; all, where others block than before."""
    known, now = before.conflicts if before else {}, after.conflicts
    waived, waivers = before.resolutions.waivers if before else {}, after.resolutions.waivers
    changed = {*_new(known, now), *_new(waived, waivers), *(waived.keys() - waivers.keys())}
    if before is not None and before.policy is not after.policy:
        changed |= now.keys()
    made.upserts[CONFLICT].extend(_conflicts(key, after, sorted(changed & now.keys())))
    made.gone[CONFLICT].extend((*key, name) for name in known.keys() - now.keys())


def _new(before: Mapping[N, Any], after: Mapping[N, Any]) -> list[N]:
    """The names whose values are not the very same objects as before."""
    if before is after:
        return []
    return [name for name, value in after.items() if before.get(name) is not value]


def _artifacts_changed(made: Changes, key: ProjectKey, before: Project | None, after: Project) -> None:
    known = before.artifacts if before else {}
    touched = dict.fromkeys((*_new(known, after.artifacts), *_contested(before, after)))
    made.upserts[ARTIFACT].extend(_artifact(key, after, name) for name in touched if name in after.artifacts)
    made.gone[ARTIFACT].extend((*key, name) for name in known.keys() - after.artifacts.keys())


def _contested(before: Project | None, after: Project) -> Iterator[str]:
    """The artifacts of conflicts that were opened, changed or cleared: their status may have changed."""
    old, new = before.conflicts if before else {}, after.conflicts
    for name in _new(old, new):
        yield from (party.artifact for party in new[name].parties)
    for name in _new(new, old):
        yield from (party.artifact for party in old[name].parties)


def _project(key: ProjectKey, project: Project) -> Row:
    return (
        *key,
        project.name,
        project.phase,
        project.state,
        _json(project.targets),
        _json(project.policy),
        moment(project.created),
        moment(project.since),
        moment(project.time),
        project.sequence,
        project.stalled,
        project.detected,
        sum(not artifact.withdrawn for artifact in project.artifacts.values()),
        len(project.conflicts),
        _json(sorted(project.silent)),
        _json(transitive(project)),
    )


def _artifact(key: ProjectKey, project: Project, name: str) -> Row:
    """What the artifact is and, until it is withdrawn, what it needs."""
    artifact = project.artifacts[name]
    declaration = artifact.declaration
    needs = () if artifact.withdrawn else declaration.dependencies
    return (
        *key,
        name,
        artifact.agent,
        declaration.type,
        declaration.version,
        project.status_of(name),
        declaration.summary,
        _json(sorted({_package(need.ecosystem, need.name) for need in needs})),
        _json(needs),
        _json(declaration.paths),
        _json(declaration.metadata),
        artifact.sequence,
        moment(artifact.time),
        declaration.requires_python,
        declaration.environment,
    )


@lru_cache(maxsize=4096)
def _package(ecosystem: str, name: str) -> str:
    """A package under the one name that all its spellings have."""
    return f"{ecosystem}/{canonicalize_name(name) if ecosystem == 'pypi' else name}"


def _conflicts(key: ProjectKey, project: Project, names: Iterable[str]) -> Iterator[Row]:
    blockers, waivers = frozenset(project.blockers), project.resolutions.waivers
    for name in names:
        yield (
            *_conflict(key, project.conflicts[name], blocking=name in blockers),
            _maybe(waivers.get(name)),
        )


def _conflict(key: ProjectKey, conflict: Conflict, *, blocking: bool) -> Row:
    return (
        *key,
        conflict.id,
        conflict.kind,
        conflict.ecosystem,
        conflict.subject,
        conflict.scope,
        conflict.severity,
        blocking,
        conflict.text,
        _json(conflict),
        conflict.environment,
    )


def _slot(key: ProjectKey, fence: int, slot: Slot) -> Row:
    times = moment(slot.time), slot.lease_seconds, slot.declared, moment(slot.renewed), slot.term_seconds
    return (*key, fence, slot.agent, *times, _maybe(slot.limits))


def _waiting(key: ProjectKey, waiting: Waiting) -> Row:
    since = moment(waiting.time)
    return (*key, waiting.request, waiting.agent, since, waiting.wait_seconds, _maybe(waiting.limits))


def _resolution(key: ProjectKey, name: str, attempt: Attempt) -> Row:
    return (*key, name, attempt.conflict, attempt.stage, _json(attempt))


def _alert(key: ProjectKey, name: str, alert: Alert) -> Row:
    said = alert.severity, alert.text, alert.hint, alert.person, alert.conflict
    return (*key, name, *said, moment(alert.time), alert.taken)


def _webhook(key: ProjectKey, name: str, webhook: Webhook) -> Row:
    about = webhook.url, _json(webhook.kinds), webhook.by, moment(webhook.time), webhook.sequence
    return (*key, name, *about, moment(webhook.ended) if webhook.ended else None, webhook.reason)


def _task(key: ProjectKey, name: str, task: Planned) -> Row:
    said = task.status, task.title, task.details, task.agent, _json(task.artifacts), task.by
    return (*key, name, *said, moment(task.since), task.sequence, moment(task.time), task.reason)


def _maybe(value: object) -> str | None:
    return None if value is None else to_json(value).decode()


def _json(value: object) -> str:
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return to_json(value).decode()


def _number(digits: str) -> int | float:
    """A number, however it is spelled: Postgres writes 2.0 as 2.0, 1e2 as 100 and 1e300 with all its digits."""
    value = float(digits)
    return int(value) if value.is_integer() and abs(value) <= MAX_INTEGER else value


def _text(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes():
            return hashlib.sha256(value).hexdigest()
    return str(value)
