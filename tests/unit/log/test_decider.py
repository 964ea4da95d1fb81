"""The one loop between a rule and the log: what it decides is said about the end of the log, or not at all."""

import asyncio
from collections.abc import Callable
from itertools import count

import pytest

from psmp.log.decider import LATEST, MOST_VAIN_TRIES, Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.memory import MemoryEventLog
from psmp.log.port import Damaged, Outpaced, Record, Unreachable
from psmp.log.view import View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.words.envelope import Provenance, Stamp, open_event
from psmp.words.events import ArtifactAmended, Event, SlotGranted
from psmp.words.ids import ProjectKey, uuid7
from tests.histories import KEY, History, created, declared

Ruled = tuple[Event, Provenance] | None
Rule = Callable[[View[Project | None]], Ruled]

_numbers = count(1)


def stamp() -> Stamp:
    return Stamp(uuid7(next(_numbers), bytes(10)), "2026-11-21T10:00:00.000000Z")


def said(event: Event) -> Ruled:
    command = stamp().id
    return event, Provenance("/psmp/intake", "ada", command, command)


def version(view: View[Project | None]) -> int:
    assert view.state is not None
    return view.state.artifacts["api"].declaration.version


def raised(view: View[Project | None]) -> Ruled:
    """The next version of the one artifact: wrong whenever it is not said about the latest state."""
    return said(ArtifactAmended(artifact="api", version=version(view) + 1, type="code"))


class HinderedLog(MemoryEventLog):
    """Lets another writer be first before the appends whose numbers are given, and can be made to refuse for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.first_before: set[int] = set()
        self.refuses = False
        self.appends = 0
        self.other: Callable[[], Record] | None = None
        self.republish: Callable[[Record], None] = lambda _: None

    async def append(self, key: ProjectKey, kind: str, body: bytes, *, expected: int) -> int:
        self.appends += 1
        await asyncio.sleep(0)
        if self.refuses:
            raise Outpaced(key, expected)
        if self.appends in self.first_before and self.other:
            record = self.other()
            await super().append(key, record.kind, record.body, expected=expected)
        position = await super().append(key, kind, body, expected=expected)
        self.republish(Record(position, key, kind, body))
        return position


@pytest.fixture
def log() -> HinderedLog:
    return HinderedLog()


@pytest.fixture
async def history(log: HinderedLog) -> History:
    history = History()
    history.add(created())
    history.add(declared("api"))
    await history.store(log)
    log.appends = 0
    return history


def decider_of(log: MemoryEventLog) -> Decider[Project | None]:
    return Decider(log, Views(log, PROJECT_FOLD), stamp, chance=lambda: 0.0)


async def bodies(log: MemoryEventLog) -> list[bytes]:
    return [record.body async for record in log.read(KEY)]


async def test_what_the_rule_says_is_written_behind_what_it_saw(log: HinderedLog, history: History) -> None:
    record = await decider_of(log).decide(KEY, raised)
    assert record is not None
    stored = await bodies(log)
    assert stored == [*(each.body for each in history.records), record.body]
    envelope = open_event(record.body)
    assert (envelope.sequence, envelope.prev) == (3, history.head.leaf)


async def test_a_rule_with_nothing_to_say_writes_nothing(log: HinderedLog, history: History) -> None:
    assert await decider_of(log).decide(KEY, lambda _: None) is None
    assert log.appends == 0
    assert len(await bodies(log)) == len(history.records)


async def test_a_rule_is_asked_again_when_another_writer_was_first(log: HinderedLog, history: History) -> None:
    log.first_before = {1, 2, 3}
    log.other = lambda: history.add(SlotGranted(agent="bob", lease_seconds=9))
    seen: list[int] = []

    def rule(view: View[Project | None]) -> Ruled:
        seen.append(view.head.sequence)
        return raised(view)

    record = await decider_of(log).decide(KEY, rule)
    assert seen == [2, 3, 4, 5]
    assert record is not None
    assert open_event(record.body).sequence == 6
    assert (await bodies(log))[-1] == record.body


async def test_a_rule_may_have_nothing_to_say_any_more_when_it_is_asked_again(
    log: HinderedLog, history: History
) -> None:
    log.first_before = {1}
    log.other = lambda: history.add(SlotGranted(agent="bob", lease_seconds=9))

    def rule(view: View[Project | None]) -> Ruled:
        assert view.state is not None
        return None if view.state.slots.of("bob") else said(SlotGranted(agent="bob", lease_seconds=9))

    assert await decider_of(log).decide(KEY, rule) is None
    assert len(await bodies(log)) == 3


async def test_what_others_offered_meanwhile_spares_the_reading(log: HinderedLog, history: History) -> None:
    decider = decider_of(log)

    def other() -> Record:
        record = history.add(SlotGranted(agent="bob", lease_seconds=9))
        decider.views.offer(record)
        return record

    log.first_before, log.other = {1}, other
    assert await decider.decide(KEY, raised) is not None
    assert [open_event(body).sequence for body in await bodies(log)] == [1, 2, 3, 4]


async def test_our_own_event_may_come_back_before_the_append_is_answered(log: HinderedLog, history: History) -> None:
    decider = decider_of(log)
    log.republish = decider.views.offer
    record = await decider.decide(KEY, raised)
    assert record is not None
    async with decider.views.hold(KEY) as view:
        assert view.head.sequence == len(history.records) + 1


async def test_who_must_not_miss_anything_reads_the_log_first(log: HinderedLog, history: History) -> None:
    decider = decider_of(log)
    await decider.decide(KEY, lambda _: None)
    missed = history.add(SlotGranted(agent="bob", lease_seconds=9))
    await log.append(KEY, missed.kind, missed.body, expected=2)
    seen: list[int] = []

    def rule(view: View[Project | None]) -> Ruled:
        seen.append(view.head.sequence)
        return None

    for position in (0, 2, 3, LATEST):
        await decider.decide(KEY, rule, seen=position)
    assert seen == [2, 2, 3, 3]


async def test_decisions_on_one_project_are_taken_one_after_another(log: HinderedLog, history: History) -> None:
    decider = decider_of(log)
    records = await asyncio.gather(*(decider.decide(KEY, raised) for _ in range(20)))
    assert log.appends == 20
    events = [open_event(record.body).data for record in records if record]
    assert [event.version for event in events if isinstance(event, ArtifactAmended)] == list(range(2, 22))
    assert len(history.records) + 20 == len(await bodies(log))


async def test_many_deciders_on_one_project_lose_no_decision_and_take_none_twice(
    log: HinderedLog, history: History
) -> None:
    async def write(decider: Decider[Project | None]) -> list[Record | None]:
        return [await decider.decide(KEY, raised) for _ in range(10)]

    told = await asyncio.gather(*(write(decider_of(log)) for _ in range(8)))
    written = sorted(record.body for records in told for record in records if record)
    assert len(written) == 80
    assert sorted((await bodies(log))[2:]) == written
    async with decider_of(log).views.hold(KEY) as view:
        assert view.head.sequence == len(history.records) + 80
        assert version(view) == 81


async def test_a_log_that_has_lost_what_was_read_from_it_is_damage_not_a_race(
    log: HinderedLog, history: History
) -> None:
    decider = decider_of(log)
    await decider.decide(KEY, raised)
    del log._records[KEY][-1]
    with pytest.raises(Damaged, match="the log has lost it and goes on without it"):
        await decider.decide(KEY, raised)
    assert len(decider.views) == 0
    assert await decider.decide(KEY, raised) is not None
    assert len(history.records) + 1 == len(await bodies(log))


async def test_a_log_that_refuses_without_showing_why_is_given_up_some_time(log: HinderedLog, history: History) -> None:
    log.refuses = True
    with pytest.raises(Unreachable, match="cannot be read yet"):
        await decider_of(log).decide(KEY, raised)
    assert log.appends == MOST_VAIN_TRIES + 1
    assert len(history.records) == len(await bodies(log))
