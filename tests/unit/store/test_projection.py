"""A project's rows are a function of its fold, and what is written for a change makes the rows of the later fold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.rules.project import Project, evolve
from psmp.store.projection import (
    ARTIFACT,
    CONFLICT,
    EVENT,
    PROJECT,
    SLOT,
    STATE,
    Row,
    canonical,
    changes,
    digest,
    event_row,
)
from psmp.store.projection import rows as rows_of
from psmp.words.envelope import open_event
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Amendment,
    ArtifactWithdrawn,
    CommandRefused,
    ConflictCleared,
    Event,
    LetterDropped,
    ProjectChanged,
    ProjectRecovering,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    SlotExpired,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
    TaskArchived,
    TaskChanged,
    TaskCreated,
    WaiverExpired,
)
from psmp.words.refusals import Code
from psmp.words.values import Change, Limits, Phase, Policy, Severity, Target
from tests.histories import (
    KEY,
    History,
    accepted,
    amended,
    conflict,
    created,
    declared,
    detected,
    identity,
    lifetime,
    moved,
)

names = st.sampled_from(["a", "b", "c"])
steps = st.one_of(
    st.builds(declared, names, st.integers(0, 3)),
    st.builds(amended, names, st.integers(0, 3), st.just(2)),
    st.builds(accepted, names),
    st.builds(
        lambda number, name, other, severity, gone: detected(
            name, conflict(number, name, other, severity=severity), cleared=gone
        ),
        st.integers(1, 4),
        names,
        names,
        st.sampled_from(Severity),
        st.sets(st.sampled_from(["C-1", "C-2", "C-3"])).map(tuple),
    ),
    st.builds(lambda name: ConflictCleared(artifact=name, version=1, cleared=("C-1", "C-3")), names),
    st.builds(lambda name: ArtifactWithdrawn(artifact=name, version=1, reason="old"), names),
    st.builds(lambda agent: SlotGranted(agent=agent, lease_seconds=9), names),
    st.builds(lambda agent: SlotFinished(agent=agent), names),
    st.builds(lambda agent: AgentSilenced(agent=agent, last_seen="x"), names),
    st.builds(lambda agent: AgentReturned(agent=agent, last_seen="x"), names),
    st.just(CommandRefused(command="slot.request", code=Code.SLOT_HELD, reason="held")),
    st.just(moved(Phase.INITIALIZED, Phase.PLANNING)),
)


CONFLICT_IDS = st.sampled_from(["C-1", "C-2", "C-3"])
RESOLUTION_IDS = st.sampled_from(["R-1", "R-2", "R-3"])
TASK_IDS = st.sampled_from(["docs", "logo"])
MAKING = st.sets(names).map(tuple)
CHANGE = Change(artifact="a", agent="ada", name="numpy", constraint=">=2")
seconds = st.integers(1, 99)
limits = st.none() | st.builds(Limits, cpus=st.sampled_from([None, 0.5, 2.0]), memory_mb=st.sampled_from([None, 64]))
governed = st.one_of(
    st.builds(SlotRequested, agent=names, wait_seconds=seconds, limits=limits),
    st.builds(SlotGranted, agent=names, lease_seconds=seconds, term_seconds=st.none() | seconds, limits=limits),
    st.builds(SlotExpired, agent=names, last_seen=st.just("x")),
    st.builds(
        lambda kind, agent, number: kind(agent=agent, request=identity(number)),
        st.sampled_from(
            [
                lambda agent, request: SlotGranted(agent=agent, lease_seconds=9, request=request),
                lambda agent, request: SlotRefused(agent=agent, request=request, reason="no"),
                SlotLeft,
            ]
        ),
        names,
        st.integers(5, 9),
    ),
    st.builds(
        ResolutionRequested,
        resolution=RESOLUTION_IDS,
        conflict=CONFLICT_IDS,
        strategy=st.sampled_from(["accept", "change"]),
        reason=st.just("go"),
        suggestion=st.sampled_from([None, 1, 2]),
    ),
    st.builds(WaiverExpired, conflict=CONFLICT_IDS, resolution=RESOLUTION_IDS),
    st.builds(
        AlertRaised,
        alert=st.sampled_from(["letter-7", "lag", "conflict-C-1"]),
        severity=st.sampled_from(Severity),
        text=st.sampled_from(["x", "y"]),
        person=st.booleans(),
        conflict=st.none() | CONFLICT_IDS,
    ),
    st.builds(AlertCleared, alert=st.sampled_from(["lag", "conflict-C-1"]), reason=st.just("over")),
    st.just(LetterDropped(letter=7, reason="no")),
    st.builds(
        ProjectChanged,
        name=st.sampled_from(["RAG", "RAG 2"]),
        targets=st.sampled_from([(Target(),), (Target(python="3.12"),), (Target(python="3.12"), Target())]),
        policy=st.builds(Policy, strict_mode=st.booleans(), auto_resolve=st.booleans()),
        reason=st.just("so"),
    ),
    st.builds(TaskCreated, task=TASK_IDS, title=names, details=names, agent=st.none() | names, artifacts=MAKING),
    st.builds(
        TaskChanged,
        task=TASK_IDS,
        title=names,
        details=names,
        agent=st.none() | names,
        artifacts=MAKING,
        status=st.sampled_from(["OPEN", "IN_PROGRESS", "DONE"]),
    ),
    st.builds(TaskArchived, task=TASK_IDS, reason=names),
    st.just(ProjectRecovering(phase=Phase.PLANNING, step="recheck", reason="stuck")),
)


@st.composite
def following(draw: st.DrawFn, project: Project) -> Event:
    """An event that can only be about what there is: an attempt that is under way, a slot that is held, an alert."""
    can: list[st.SearchStrategy[Event]] = [governed, steps]
    if project.slots.held:
        fences = st.sampled_from(sorted(project.slots.held))
        can.append(st.builds(SlotRenewed, agent=names, fence=fences, term_seconds=seconds))
        can.append(st.builds(SlotFinished, agent=names, fence=fences))
    if project.alerts:
        taken = st.sampled_from(sorted(project.alerts))
        can.append(st.builds(AlertAcknowledged, alert=taken, reason=st.just("mine")))
    if project.resolutions.waivers:
        waived = st.sampled_from(sorted(project.resolutions.waivers))
        can.extend([st.builds(WaiverExpired, conflict=waived, resolution=st.just("R-1"))] * 2)
    if project.resolutions.attempts:
        can.extend([_going_on(project)] * 3)
    event: Event = draw(st.one_of(can))
    return event


def _going_on(project: Project) -> st.SearchStrategy[Event]:
    attempts = project.resolutions.attempts
    under_way = st.sampled_from(sorted(attempts))
    return under_way.flatmap(
        lambda name: st.one_of(
            st.builds(
                ResolutionProposed,
                resolution=st.just(name),
                conflict=st.just(attempts[name].conflict),
                changes=st.just((CHANGE,)),
                agents=st.just(("ada",)),
                seconds=seconds,
                text=st.just("x"),
            ),
            st.builds(ResolutionAnswered, resolution=st.just(name), agent=names, answer=st.sampled_from(["yes", "no"])),
            st.just(ResolutionFailed(resolution=name, conflict=attempts[name].conflict, reason="no")),
            st.just(ResolutionRefused(resolution=name, conflict=attempts[name].conflict, reason="no")),
            st.builds(
                ResolutionApplied,
                resolution=st.just(name),
                conflict=st.just(attempts[name].conflict),
                strategy=st.just("change"),
                reason=st.just("go"),
                amendments=st.builds(
                    lambda artifact: (Amendment(agent="ada", declaration=amended(artifact, 1, 3)),), names
                ),
                cleared=st.sets(CONFLICT_IDS).map(tuple),
            ),
            _waived(project, name),
        )
    )


def _waived(project: Project, name: str) -> st.SearchStrategy[Event]:
    """A waiver of an open conflict, if there is one."""
    wanted = project.resolutions.attempts[name].conflict
    if wanted not in project.conflicts:
        return st.just(ResolutionFailed(resolution=name, conflict=wanted, reason="gone"))
    return st.builds(
        ResolutionApplied,
        resolution=st.just(name),
        conflict=st.just(wanted),
        strategy=st.just("waive"),
        reason=st.just("go"),
        seconds=seconds,
    )


BEGUN: tuple[Event, ...] = (created(), declared("a"), declared("b"), declared("c"))


def folds(events: list[Event]) -> list[Project]:
    """Every state of a project in which these events happened, artifacts first so that there is something to judge."""
    history = History()
    found: list[Project] = []
    project: Project | None = None
    for event in (*BEGUN, *events):
        project = evolve(project, open_event(history.add(event).body))
        found.append(project)
    return found


@st.composite
def governed_folds(draw: st.DrawFn) -> list[Project]:
    """Every state of a project in which one thing followed on another as it can."""
    history = History()
    found: list[Project] = []
    project: Project | None = None
    clash = detected("b", conflict(1, "a", "b"), conflict(2, "b", "c", severity=Severity.LOW))
    asked = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="waive", reason="go", seconds=9)
    for event in (*BEGUN, moved(Phase.INITIALIZED, Phase.PLANNING), clash, asked):
        project = evolve(project, open_event(history.add(event).body))
        found.append(project)
    for _ in range(draw(st.integers(1, 16))):
        assert project is not None
        project = evolve(project, open_event(history.add(draw(following(project))).body))
        found.append(project)
    return found


@given(st.lists(steps, max_size=12).map(folds) | governed_folds(), st.data())
def test_what_is_written_for_a_change_makes_the_rows_of_the_later_fold(
    states: list[Project], data: st.DataObject
) -> None:
    cuts = [*sorted(data.draw(st.sets(st.integers(0, len(states) - 1)))), len(states) - 1]
    live = {table: dict(rows) for table, rows in rows_of(KEY, None).items()}
    before: Project | None = None
    for cut in cuts:
        made = changes(KEY, before, states[cut])
        for table in STATE:
            for gone in made.gone[table]:
                del live[table][gone]
            live[table].update({table.key_of(row): row for row in made.upserts[table]})
        before = states[cut]
        assert live == rows_of(KEY, before)


@given(st.lists(steps, max_size=12).map(folds) | governed_folds())
def test_rows_have_a_value_for_every_column(states: list[Project]) -> None:
    for table, found in rows_of(KEY, states[-1]).items():
        assert all(len(row) == len(table.columns) for row in found.values())


def test_a_project_that_does_not_exist_has_no_rows() -> None:
    assert all(not found for found in rows_of(KEY, None).values())


def test_only_what_an_event_touches_is_written() -> None:
    states = folds([accepted("a"), CommandRefused(command="x", code=Code.SLOT_HELD, reason="held")])
    verdict, refusal = (changes(KEY, before, after) for before, after in list(pairwise(states))[-2:])
    assert [row[2] for row in verdict.upserts[ARTIFACT]] == ["a"]
    assert [len(refusal.upserts[table]) for table in STATE] == [1, *[0] * 8]
    assert [len(refusal.gone[table]) for table in STATE] == [0] * 9


def test_the_other_party_of_a_conflict_becomes_a_draft_and_is_active_again_when_it_is_cleared() -> None:
    states = folds(
        [
            accepted("a"),
            detected("b", conflict(1, "a", "b")),
            ConflictCleared(artifact="b", version=1, cleared=("C-1",)),
        ]
    )
    statuses = [{row[2]: row[6] for row in changes(KEY, *pair).upserts[ARTIFACT]} for pair in pairwise(states)]
    assert statuses[-3:] == [{"a": "ACTIVE"}, {"a": "DRAFT", "b": "DRAFT"}, {"a": "ACTIVE", "b": "ACTIVE"}]


def test_a_withdrawn_artifact_needs_nothing() -> None:
    project = folds([ArtifactWithdrawn(artifact="a", version=1, reason="old")])[-1]
    row = dict(zip(ARTIFACT.columns, rows_of(KEY, project)[ARTIFACT][*KEY, "a"], strict=True))
    assert (row["status"], row["dependencies"], row["packages"]) == ("ARCHIVED", "[]", "[]")


def test_packages_stand_under_the_one_name_of_all_their_spellings() -> None:
    row = dict(zip(ARTIFACT.columns, rows_of(KEY, folds([])[-1])[ARTIFACT][*KEY, "a"], strict=True))
    assert row["packages"] == '["pypi/package-0","pypi/package-1"]'


def test_conflicts_say_whether_they_block() -> None:
    low = conflict(1, "a", "b", severity=Severity.LOW)
    project = folds([detected("b", low, conflict(2, "a", "b"))])[-1]
    assert [row[8] for row in rows_of(KEY, project)[CONFLICT].values()] == [True, True]
    assert rows_of(KEY, project)[PROJECT][KEY][4] is Phase.INITIALIZED


def test_an_event_is_a_row_with_its_own_time() -> None:
    record = lifetime().records[4]
    row = dict(zip(EVENT.columns, event_row(record, open_event(record.body)), strict=True))
    assert row["recorded_at"] == datetime(2026, 11, 18, 0, 0, 0, 5000, tzinfo=UTC)
    assert (row["tenant"], row["project"], row["sequence"], row["position"]) == ("acme", "rag", 5, 5)
    assert (row["kind"], row["actor"], row["source"], row["body"]) == (
        "artifact.declared",
        "ada",
        "/psmp/intake",
        record.body,
    )


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ('{"a": 2.0, "b": [1e2]}', '{"b":[100],"a":2}'),
        ('{"zero": -0.0}', '{"zero": 0}'),
        ('{"large": 1e300}', f'{{"large": {10**300}}}'),
        ('{"deep": [{"x": 1.50}]}', '{"deep": [{"x": 1.5}]}'),
    ],
)
def test_json_is_compared_by_what_it_means(mine: str, theirs: str) -> None:
    rest = ("acme", "rag", "C-1", "version", "pypi", "numpy", "runtime", "low", True, "text")
    assert canonical(CONFLICT, (*rest, mine, None, None)) == canonical(CONFLICT, (*rest, theirs, None, None))


def test_times_are_compared_by_what_they_mean() -> None:
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=5)))
    mine, theirs = ((*KEY, 3, "ada", moment, 30, True, moment, None, None) for moment in (noon, there))
    assert canonical(SLOT, mine) == canonical(SLOT, theirs)


def test_bytes_and_ids_are_compared_by_what_they_are() -> None:
    record = lifetime().records[4]
    row = event_row(record, open_event(record.body))
    read = tuple(UUID(each) if name in {"id", "causation", "correlation"} else each for name, each in _named(row))
    assert canonical(EVENT, read) == canonical(EVENT, row)
    assert canonical(EVENT, (*row[:-1], record.body + b" ")) != canonical(EVENT, row)


def _named(row: Row) -> Iterator[tuple[str, Any]]:
    return zip(EVENT.columns, row, strict=True)


def test_a_digest_depends_on_the_rows_and_not_on_their_order() -> None:
    assert digest(["a", "b"]) == digest(["b", "a"])
    assert digest(["a", "b"]) != digest(["a", "c"])
