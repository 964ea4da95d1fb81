"""The projection on real servers: every row is the log folded, exactly once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.stack import NatsServer
from psmp.store.pool import Connection
from psmp.store.projection import EVENT, STATE, canonical, event_row, rows
from psmp.store.reads import Reads
from psmp.store.replay import SQL as SELECT
from psmp.store.replay import rebuild
from psmp.words.answers import AlertsQuestion, ProjectsQuestion
from psmp.words.envelope import open_event
from psmp.words.events import AlertAcknowledged, AlertRaised
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase, Severity
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector, Writing
from tests.following import Place, place, until_true
from tests.histories import KEY, LAST, History, accepted, created, declared, lifetime, moved

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


async def fold(here: Place, key: ProjectKey, until: int | None = None) -> Project | None:
    view = View(key, PROJECT_FOLD)
    async for record in here.log.read(key):
        if until is None or record.position <= until:
            view.advance(record)
    return view.state


async def assert_projected(here: Place, key: ProjectKey = KEY) -> None:
    """Every table holds exactly the rows of the fold, and every event is there."""
    expected = rows(key, await fold(here, key))
    for table in STATE:
        live = await here.rows(SELECT[table.name], *key)
        assert {canonical(table, row) for row in live} == {canonical(table, row) for row in expected[table].values()}
    stored = [canonical(EVENT, event_row(record, open_event(record.body))) async for record in here.log.read(key)]
    live = await here.rows(SELECT["event"], *key)
    assert [canonical(EVENT, row) for row in sorted(live)] == stored


async def test_every_kind_of_event_is_projected(here: Place) -> None:
    stored = await lifetime().store(here.log)
    follower = await here.follow(Projector(here.pool, here.log), stored[-1].position)
    await assert_projected(here)
    assert follower.describe().handled == len(stored)
    assert follower.describe().trouble == ""


async def test_batches_of_any_size_make_the_same_rows(here: Place) -> None:
    stored = await lifetime().store(here.log)
    async with here.following(Projector(here.pool, here.log), batch=1, linger=0) as follower:
        await until_true(lambda: follower.position >= stored[-1].position)
    await assert_projected(here)


async def test_a_projector_that_starts_anew_goes_on_where_the_last_one_stopped(here: Place) -> None:
    history = lifetime()
    first = await history.store(here.log)
    await here.follow(Projector(here.pool, here.log), first[-1].position)
    await History(OTHER).store(here.log)
    record = history.add(declared("late"))
    end = await here.log.append(KEY, record.kind, record.body, expected=first[-1].position)
    follower = await here.follow(Projector(here.pool, here.log), end)
    assert follower.describe().handled == 1
    await assert_projected(here)


async def test_projects_that_are_not_held_are_folded_again_from_the_log(here: Place) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(4)]
    histories = [lifetime(key) for key in keys]
    for step in zip(*(history.records for history in histories), strict=True):
        await here.publish(*step)
    end = sum(len(history.records) for history in histories)
    async with here.following(Projector(here.pool, here.log, limit=1), batch=10) as follower:
        await until_true(lambda: follower.position >= end)
    for key in keys:
        await assert_projected(here, key)


async def test_what_is_delivered_again_is_skipped(here: Place) -> None:
    stored = await lifetime().store(here.log)
    projector = Projector(here.pool, here.log)
    await here.follow(projector, stored[-1].position)
    async with here.pool.acquire() as connection:
        for sink in (projector, Projector(here.pool, here.log)):
            plan, damages = await sink.plan(stored)
            assert not any(plan.upserts.values())
            assert not damages
            await sink.write(connection, plan)
    await assert_projected(here)


async def test_a_lost_position_of_the_consumer_does_no_harm(here: Place) -> None:
    stored = await lifetime().store(here.log)
    async with here.following(Projector(here.pool, here.log)) as follower:
        await until_true(lambda: follower.position >= stored[-1].position)
        await here.nats.jetstream().reset_consumer("PSMP_LOG", "projector", seq=1)
        record = lifetime(OTHER).records[0]
        end = await here.log.append(OTHER, record.kind, record.body, expected=0)
        await until_true(lambda: follower.position >= end)
    await assert_projected(here)
    await assert_projected(here, OTHER)


async def test_deliveries_that_get_lost_are_asked_for_again(here: Place) -> None:
    """Somebody else takes some deliveries of the consumer and never says what became of them."""
    stored = await lifetime().store(here.log)
    async with here.following(Projector(here.pool, here.log)) as follower:
        await until_true(lambda: follower.position >= stored[-1].position)
        thief = await here.nats.jetstream().pull_subscribe_bind("projector", "PSMP_LOG")
        theft = asyncio.ensure_future(thief.fetch(1, timeout=20))
        history = lifetime(OTHER)
        await history.store(here.log)
        stolen = await theft
        assert stolen[0].metadata.sequence.stream > stored[-1].position
        await until_true(lambda: follower.position >= len(stored) + len(history.records))
    await assert_projected(here, OTHER)


async def test_of_two_projectors_one_follows_and_the_other_takes_over(here: Place) -> None:
    stored = await lifetime().store(here.log)
    sinks = Projector(here.pool, here.log), Projector(here.pool, here.log)
    async with here.following(sinks[0]) as first, here.following(sinks[1]) as second:
        await until_true(lambda: max(first.position, second.position) >= stored[-1].position)
        await until_true(lambda: first.describe().trouble == second.describe().trouble == "")
        idle, busy = sorted((first, second), key=lambda each: each.position)
        assert (idle.position, idle.describe().handled) == (0, 0)
        busy.stop()
        record = lifetime(OTHER).records[0]
        end = await here.log.append(OTHER, record.kind, record.body, expected=0)
        await until_true(lambda: idle.position >= end)
    await assert_projected(here)
    await assert_projected(here, OTHER)


@pytest.mark.parametrize("kind", ["forged", "gap"])
async def test_a_damaged_project_stops_with_a_record_and_the_others_go_on(here: Place, kind: str) -> None:
    history, other = lifetime(), lifetime(OTHER)
    good, bad = history.records[:6], history.records[6]
    if kind == "forged":
        bad = replace(
            bad, body=bad.body.replace(b"what web does", b"what web did!").replace(b'"prev":"', b'"prev":"0')[:-1]
        )
    else:
        bad = history.records[7]
    await here.publish(*good, bad, *other.records, *history.records[8:10])
    end = len(good) + 1 + len(other.records) + 2
    follower = await here.follow(Projector(here.pool, here.log), end)
    await assert_projected(here, OTHER)
    assert await here.rows("SELECT sequence FROM psmp.project WHERE project = 'rag'") == [(6,)]
    assert await here.rows("SELECT count(*) FROM psmp.event WHERE project = 'rag'") == [(6,)]
    [(position, why, body)] = await here.rows(
        "SELECT position, why, body FROM psmp.damage WHERE follower = 'projector'"
    )
    assert (position, body) == (7, bad.body)
    assert "the log of acme/rag is damaged at position 7" in why
    assert follower.describe().stopped == {KEY}
    assert follower.describe().trouble == ""
    again = await here.follow(Projector(here.pool, here.log), end)
    assert again.describe().stopped == {KEY}


async def test_a_project_that_postgres_does_not_take_is_stopped_alone(here: Place) -> None:
    poison, other = History(), lifetime(OTHER)
    poison.add(created("nul \x00 in a name"))
    mixed = [other.records[0], poison.records[0], *other.records[1:]]
    await here.publish(*mixed)
    follower = await here.follow(Projector(here.pool, here.log), len(mixed))
    await assert_projected(here, OTHER)
    assert follower.describe().stopped == {KEY}
    [(project, why)] = await here.rows("SELECT project, why FROM psmp.damage")
    assert project == "rag"
    assert "Postgres does not take it" in why
    assert await here.rows("SELECT count(*) FROM psmp.event WHERE project = 'rag'") == [(0,)]


class Faulty(Projector):
    """Fails as Postgres would, before or after the rows are written, at every second try."""

    def __init__(self, here: Place, *, after: bool) -> None:
        super().__init__(here.pool, here.log)
        self._after, self._tries = after, 0

    async def write(self, connection: Connection, plan: Writing) -> None:
        self._tries += 1
        if self._tries % 2 and not self._after:
            raise ConnectionResetError("before")
        await super().write(connection, plan)
        if self._tries % 2:
            raise ConnectionResetError("after")


@pytest.mark.parametrize("after", [False, True])
async def test_rows_and_position_are_written_together_or_not_at_all(here: Place, after: bool) -> None:
    stored = await lifetime().store(here.log)
    async with here.following(Faulty(here, after=after), batch=4) as follower:
        await until_true(lambda: follower.position >= stored[-1].position)
    await assert_projected(here)


async def test_partitions_are_made_ahead_and_a_clock_far_off_stops_nobody(here: Place) -> None:
    history = History()
    history.add(created())
    await here.publish(*history.records)
    await here.follow(Projector(here.pool, here.log), 1)
    names = [name for (name,) in await here.rows("SELECT relname FROM pg_class WHERE relname LIKE 'event_2___\\___'")]
    assert {"event_2026_11", "event_2026_12", "event_2027_01", "event_2027_02"} <= set(names)
    ((counted,),) = await here.rows("SELECT count(*) FROM psmp.event_2026_11")
    assert counted == 1


async def test_a_month_without_a_partition_is_served_by_the_default_one(here: Place) -> None:
    await here.pool.execute(
        "CREATE OR REPLACE FUNCTION psmp.make_event_partitions(first timestamptz, more integer) "
        "RETURNS integer LANGUAGE sql AS 'SELECT 0'"
    )
    stored = await lifetime().store(here.log)
    await here.follow(Projector(here.pool, here.log), stored[-1].position)
    assert await here.rows("SELECT count(*) FROM psmp.event_default") == [(len(stored),)]
    await assert_projected(here)


async def test_an_emptied_projection_is_built_anew_by_the_projector_that_runs(here: Place) -> None:
    stored = await lifetime().store(here.log)
    async with here.following(Projector(here.pool, here.log)) as follower:
        await until_true(lambda: follower.position >= stored[-1].position)
        await rebuild(here.pool)
        await until_true(lambda: follower.position < stored[-1].position)
        await until_true(lambda: follower.position >= stored[-1].position)
    await assert_projected(here)


@pytest.mark.parametrize("sink", [Projector, LedgerWriter])
async def test_a_project_that_is_let_go_on_catches_up_from_the_log(
    here: Place, sink: type[Projector] | type[LedgerWriter]
) -> None:
    history = lifetime()
    taken = "SELECT sequence FROM psmp.event" if sink is Projector else "SELECT sequence FROM psmp.ledger"
    await here.publish(*history.records[:5])
    async with here.following(sink(here.pool, here.log)) as follower:
        await until_true(lambda: follower.position == 5)
        stop = "INSERT INTO psmp.damage VALUES ($1, 'acme', 'rag', 1, 'somebody saw something', '')"
        await here.pool.execute(stop, sink.name)
        await until_true(lambda: follower.describe().stopped == {KEY})
        await here.publish(*history.records[5:-1])
        await until_true(lambda: follower.position == len(history.records) - 1)
        assert len(await here.rows(taken)) == 5
        await here.pool.execute("DELETE FROM psmp.damage")
        await until_true(lambda: follower.describe().stopped == frozenset() and not follower.describe().trouble)
        await here.publish(history.records[-1])
        await until_true(lambda: follower.position == len(history.records))
    assert len(await here.rows(taken)) == len(history.records)
    if sink is Projector:
        await assert_projected(here)


async def test_the_list_of_projects_comes_in_pages_and_says_how_far_behind_it_is(here: Place) -> None:
    reads = Reads(here.pool, here.nats)
    assert await reads.projects("acme", ProjectsQuestion()) == await reads.projects("nobody", ProjectsQuestion())
    keys = [ProjectKey("acme", name) for name in ("a", "b", "c")]
    for key in keys:
        history = History(key)
        for event in (created(key.project), moved(Phase.INITIALIZED, Phase.PLANNING), declared("x"), accepted("x")):
            history.add(event)
        await here.publish(*history.records)
    assert (await reads.projects("acme", ProjectsQuestion())).behind == 12
    await here.follow(Projector(here.pool, here.log), 12)
    page = await reads.projects("acme", ProjectsQuestion(limit=2))
    assert [line.project for line in page.projects] == ["a", "b"]
    assert (page.more, page.behind) == (True, 0)
    line = page.projects[0]
    assert (line.name, line.state, line.sequence, line.artifacts, line.conflicts) == ("a", Phase.PLANNING, 4, 1, 0)
    assert (line.since, line.time) == ("2026-11-18T00:00:00.002000Z", "2026-11-18T00:00:00.004000Z")
    rest = await reads.projects("acme", ProjectsQuestion(after="b", limit=2))
    assert [line.project for line in rest.projects] == ["c"]
    assert not rest.more
    planning, blocked = (ProjectsQuestion(states=(state,)) for state in (Phase.PLANNING, Phase.BLOCKED))
    assert [len((await reads.projects("acme", each)).projects) for each in (planning, blocked)] == [3, 0]


async def test_open_alerts_come_in_pages_oldest_first_and_those_in_somebodys_hands_are_not_in_the_inbox(
    here: Place,
) -> None:
    reads = Reads(here.pool, here.nats)

    def raised(alert: str, *, person: bool) -> AlertRaised:
        return AlertRaised(alert=alert, severity=Severity.HIGH, text="so", hint="do", person=person)

    stored = 0
    for name in ("b", "a"):
        history = History(ProjectKey("acme", name))
        for event in (
            created(),
            *(
                raised("project-stalled", person=True),
                raised("letter-1", person=False),
                raised("letter-2", person=True),
            ),
            AlertAcknowledged(alert="letter-2", reason="mine"),
        ):
            history.add(event)
        await here.publish(*history.records)
        stored += len(history.records)
    await here.follow(Projector(here.pool, here.log), stored)
    places = [
        *(("a", "project-stalled"), ("b", "project-stalled"), ("a", "letter-1"), ("b", "letter-1")),
        *(("a", "letter-2"), ("b", "letter-2")),
    ]
    first = await reads.alerts("acme", AlertsQuestion(limit=4))
    assert (first.more, first.behind) == (True, 0)
    rest = await reads.alerts("acme", AlertsQuestion(limit=4, after=first.alerts[-1].place))
    assert not rest.more
    assert [(line.project, line.alert) for line in (*first.alerts, *rest.alerts)] == places
    assert (rest.alerts[0].taken, first.alerts[0].taken) == ("ada", None)
    inbox = await reads.alerts("acme", AlertsQuestion(waiting=True))
    assert [(line.project, line.alert) for line in inbox.alerts] == places[:2]
    of_one = await reads.alerts("acme", AlertsQuestion(project="b"))
    assert [line.alert for line in of_one.alerts] == ["project-stalled", "letter-1", "letter-2"]
    assert (await reads.alerts("other", AlertsQuestion())).alerts == ()


async def test_dependencies_and_events_can_be_asked_for_in_sql(here: Place) -> None:
    stored = await lifetime().store(here.log)
    await here.follow(Projector(here.pool, here.log), stored[-1].position)
    assert await here.rows("SELECT artifact, name, requirement, marker FROM psmp.dependency WHERE ordinal = 1") == [
        ("api", "Package_0", ">=0.0,<2", "python_version >= '3.12'")
    ]
    assert await here.rows("SELECT artifact FROM psmp.artifact WHERE packages @> '[\"pypi/package-1\"]'") == [("api",)]
    assert await here.rows("SELECT data ->> 'artifact' FROM psmp.event_data WHERE kind = 'artifact.withdrawn'") == [
        ("gone",)
    ]


async def test_before_anything_is_called_damaged_the_log_itself_is_asked(here: Place) -> None:
    stored = await lifetime().store(here.log)
    garbled = replace(stored[2], body=b"noise on the line")
    for came in ([*stored[:2], garbled], [stored[0], stored[2]]):
        plan, damages = await Projector(here.pool, here.log).plan(came)
        assert not damages
        assert [row[-1] for row in plan.upserts[EVENT]] == [record.body for record in stored[:3]]


async def test_a_log_that_is_shorter_than_what_was_projected_is_damaged(here: Place) -> None:
    stored = await lifetime().store(here.log)
    await here.follow(Projector(here.pool, here.log), stored[-1].position)
    await here.pool.execute("UPDATE psmp.project SET sequence = 99")
    late = Record(999, KEY, stored[0].kind, stored[0].body)
    _, damages = await Projector(here.pool, here.log).plan([late])
    assert [type(damage) for damage in damages] == [Damaged]
    assert f"it ends at event {LAST}, and was projected up to 99" in str(damages[0])


class Spoilt(Projector):
    """Fails at the records of one project, planning them or writing them down, as code with a fault would."""

    fails = KEY
    where = "plan"

    async def plan(self, records: Sequence[Record]) -> tuple[Writing, Sequence[Damaged]]:
        if self.where == "plan" and any(record.key == self.fails for record in records):
            raise KeyError("a fault of ours")
        return await super().plan(records)

    async def write(self, connection: Connection, plan: Writing) -> None:
        if self.where == "write" and any(self.fails == ProjectKey(*row[:2]) for row in plan.upserts[EVENT]):
            raise TypeError("a fault of ours")
        await super().write(connection, plan)


@pytest.mark.may_block  # how a fault is printed here takes its time
@pytest.mark.parametrize("where", ["plan", "write"])
async def test_a_fault_of_ours_stops_the_project_that_brings_it_about_and_no_other(here: Place, where: str) -> None:
    await lifetime().store(here.log)
    end = (await lifetime(OTHER).store(here.log))[-1].position
    spoilt = Spoilt(here.pool, here.log)
    spoilt.where = where
    follower = await here.follow(spoilt, end)
    assert follower.describe().stopped == {KEY}
    await assert_projected(here, OTHER)
    [(project, why)] = await here.rows("SELECT project, why FROM psmp.damage WHERE follower = 'projector'")
    assert project == KEY.project
    assert "it cannot be taken in" in why
    assert "a fault of ours" in why
    await here.rows("DELETE FROM psmp.damage")  # the code was mended: what was missed is made from the log
    more = lifetime()
    record = more.add(declared("more"))
    last = [each async for each in here.log.read(KEY)][-1].position
    end = await here.log.append(KEY, record.kind, record.body, expected=last)
    await here.follow(Projector(here.pool, here.log), end)
    await assert_projected(here)
