"""Views are opened once, kept fresh, bounded in number, and dropped when the log does not hold what they say."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.memory import MemoryEventLog
from psmp.log.port import Damaged, Record
from psmp.log.view import Fold, S, View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from tests.histories import KEY, LAST, History, created, lifetime, moved


class CountedLog(MemoryEventLog):
    """Counts the records that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.records_read = 0

    async def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        async for record in super().read(key, after=after, limit=limit):
            self.records_read += 1
            yield record
            await asyncio.sleep(0)


class Kept:
    """Snapshots that hand out one view and remember what was offered."""

    def __init__(self, view: View[Project | None] | None = None) -> None:
        self.view = view
        self.offered: list[int] = []

    async def load(self, key: ProjectKey, fold: Fold[S]) -> View[S] | None:
        assert (key, fold) == (KEY, PROJECT_FOLD)
        return self.view  # type: ignore[return-value]

    def offer(self, view: View[S]) -> None:
        self.offered.append(view.head.sequence)


@pytest.fixture
def log() -> CountedLog:
    return CountedLog()


@pytest.fixture
async def records(log: CountedLog) -> list[Record]:
    return await lifetime().store(log)


async def test_a_view_is_opened_by_folding_the_log_once(log: CountedLog, records: list[Record]) -> None:
    views = Views(log, PROJECT_FOLD)
    for _ in range(3):
        async with views.hold(KEY) as view:
            assert view.head.position == records[-1].position
            assert view.head.sequence == LAST
    assert log.records_read == LAST


async def test_a_project_that_does_not_exist_has_an_empty_view(log: CountedLog) -> None:
    async with Views(log, PROJECT_FOLD).hold(KEY) as view:
        assert (view.state, view.head.position) == (None, 0)


async def test_one_holder_at_a_time_and_other_projects_meanwhile(log: CountedLog, records: list[Record]) -> None:
    views = Views(log, PROJECT_FOLD)
    order: list[str] = []

    async def hold(key: ProjectKey, name: str) -> None:
        async with views.hold(key):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(hold(KEY, "a"), hold(KEY, "b"), hold(ProjectKey("acme", "other"), "c"))
    assert order.index("a out") < order.index("b in")
    assert order.index("c in") < order.index("a out")
    assert log.records_read == len(records)


async def test_a_snapshot_spares_what_is_before_it(log: CountedLog, records: list[Record]) -> None:
    kept = View(KEY, PROJECT_FOLD)
    for record in records[:15]:
        kept.advance(record)
    snapshots = Kept(kept)
    async with Views(log, PROJECT_FOLD, snapshots).hold(KEY) as view:
        assert view.head.sequence == LAST
    assert log.records_read == LAST - 15
    assert snapshots.offered == [LAST]


async def test_what_is_offered_keeps_a_view_fresh_without_reading(records: list[Record]) -> None:
    *before, last = records
    early = MemoryEventLog()
    for record in before:
        expected = record.position - 1
        await early.append(KEY, record.kind, record.body, expected=expected)
    snapshots = Kept()
    views = Views(early, PROJECT_FOLD, snapshots)
    async with views.hold(KEY):
        pass
    views.offer(last)
    views.offer(last)
    views.offer(replace(last, key=ProjectKey("acme", "unseen")))
    async with views.hold(KEY) as view:
        assert view.head.sequence == LAST
    assert snapshots.offered == [LAST - 1, LAST]


async def test_what_is_offered_too_early_is_left_for_the_log(log: CountedLog) -> None:
    history = History()
    history.add(created())
    await history.store(log)
    views = Views(log, PROJECT_FOLD)
    async with views.hold(KEY) as view:
        pass
    missing = history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    early = history.add(moved(Phase.PLANNING, Phase.IN_PROGRESS))
    views.offer(early)
    assert view.head.sequence == 1
    views.offer(missing)
    views.offer(early)
    assert view.head.sequence == 3


async def test_a_view_that_is_offered_damage_is_dropped_and_opened_anew(log: CountedLog, records: list[Record]) -> None:
    views = Views(log, PROJECT_FOLD)
    async with views.hold(KEY) as stale:
        pass
    views.offer(Record(records[-1].position + 1, KEY, "project.stalled", b"garbage"))
    assert len(views) == 0
    async with views.hold(KEY) as view:
        assert view is not stale
        assert view.head.sequence == LAST


async def test_a_view_that_meets_damage_while_catching_up_is_dropped(log: CountedLog, records: list[Record]) -> None:
    views = Views(log, PROJECT_FOLD)
    async with views.hold(KEY):
        pass
    await log.append(KEY, "project.stalled", b"garbage", expected=records[-1].position)
    async with views.hold(KEY) as view:
        with pytest.raises(Damaged):
            await views.catch_up(view)
    assert len(views) == 0
    with pytest.raises(Damaged):
        async with views.hold(KEY):
            pytest.fail("a damaged project must not be held")


async def test_what_we_have_written_is_taken_once(log: CountedLog, records: list[Record]) -> None:
    snapshots = Kept()
    views = Views(log, PROJECT_FOLD, snapshots)
    history = lifetime()
    async with views.hold(KEY) as view:
        record = history.add(moved(Phase.IN_PROGRESS, Phase.COMPLETED))
        views.take(view, record)
        views.take(view, record)
        views.offer(record)
        assert view.head.sequence == len(records) + 1
        with pytest.raises(Damaged):
            views.take(view, replace(record, position=record.position + 1))
    assert snapshots.offered == [LAST, LAST + 1]
    assert len(views) == 0


async def test_a_view_that_the_log_no_longer_holds_is_dropped(log: CountedLog, records: list[Record]) -> None:
    views = Views(log, PROJECT_FOLD)
    async with views.hold(KEY) as view:
        assert await views.stands(view)
        log._records[KEY][-1] = replace(records[-1], body=b"another history")
        assert not await views.stands(view)
    assert len(views) == 0


async def test_the_least_recently_used_view_is_dropped_beyond_the_limit(log: CountedLog) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(3)]
    for key in keys:
        history = History(key)
        history.add(created())
        await history.store(log)
    views = Views(log, PROJECT_FOLD, limit=2)
    for key in (keys[0], keys[1], keys[0], keys[2]):
        async with views.hold(key):
            pass
    assert len(views) == 2
    before = log.records_read
    for key in (keys[0], keys[2]):
        async with views.hold(key):
            pass
    assert log.records_read == before
    async with views.hold(keys[1]):
        pass
    assert log.records_read == before + 1


async def test_locks_live_as_long_as_they_are_used(log: CountedLog) -> None:
    views = Views(log, PROJECT_FOLD, limit=1)
    for number in range(50):
        async with views.hold(ProjectKey("acme", f"p{number}")):
            assert len(views._locks) == 1
    assert len(views._locks) == 0


async def test_what_was_offered_before_its_predecessor_makes_the_next_holder_read(records: list[Record]) -> None:
    log = CountedLog()
    *before, missed, early = records
    for record in before:
        await log.append(record.key, record.kind, record.body, expected=record.position - 1)
    views = Views(log, PROJECT_FOLD)
    async with views.hold(KEY) as view:
        assert view.head.sequence == LAST - 2
    for record in (missed, early):
        await log.append(record.key, record.kind, record.body, expected=record.position - 1)
    views.offer(early)
    async with views.hold(KEY) as view:
        assert view.head.sequence == LAST
