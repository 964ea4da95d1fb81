"""What every ``EventLog`` promises. An adapter's tests inherit ``EventLogContract`` and give it a ``log``."""

import asyncio
from collections import Counter
from typing import NamedTuple

import pytest

from psmp.log.port import LARGEST, Draft, EventLog, Outpaced, Record, TooLarge
from psmp.words.ids import ProjectKey
from tests.golden import story

KEY = ProjectKey("acme", "rag")
OTHER = ProjectKey("acme", "rag-2")
KIND = "slot.granted"


class Stored(NamedTuple):
    """What a test has appended, in order, with the last position."""

    records: list[Record]

    @property
    def last(self) -> int:
        return self.records[-1].position if self.records else 0


async def fill(log: EventLog, key: ProjectKey, count: int, *, kind: str = KIND, word: str = "event") -> Stored:
    """Append ``count`` records to a project that has none."""
    stored = Stored([])
    for number in range(count):
        body = f"{word} {number} of {key}".encode()
        position = await log.append(key, kind, body, expected=stored.last)
        stored.records.append(Record(position, key, kind, body))
    return stored


async def all_of(log: EventLog, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> list[Record]:
    return [record async for record in log.read(key, after=after, limit=limit)]


class EventLogContract:
    """One test for each promise of the port."""

    async def test_what_was_appended_is_read_in_order_and_byte_for_byte(self, log: EventLog) -> None:
        bodies = [record.body for record in story.log()] + [b"", b"\x00\xff not JSON", b"x" * 200_000]
        expected = 0
        for body in bodies:
            expected = await log.append(KEY, KIND, body, expected=expected)
        records = await all_of(log, KEY)
        assert [record.body for record in records] == bodies
        assert {(record.key, record.kind) for record in records} == {(KEY, KIND)}

    async def test_positions_only_grow_and_append_tells_them(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 5)
        positions = [record.position for record in stored.records]
        assert positions == sorted(set(positions))
        assert positions[0] > 0
        assert await all_of(log, KEY) == stored.records

    async def test_several_are_stored_one_behind_the_other(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 2)
        await fill(log, OTHER, 3)
        drafts = [Draft("artifact.declared" if number % 2 else KIND, b"%d" % number) for number in range(60)]
        positions = await log.append_all(KEY, drafts, expected=stored.last)
        records = await all_of(log, KEY, after=stored.last)
        assert [(each.kind, each.body) for each in records] == drafts
        assert [each.position for each in records] == positions

    async def test_several_that_expect_another_end_are_outpaced_and_none_is_stored(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 2)
        drafts = [Draft(KIND, b"%d" % number) for number in range(30)]
        with pytest.raises(Outpaced):
            await log.append_all(KEY, drafts, expected=stored.records[0].position)
        assert await all_of(log, KEY) == stored.records

    async def test_none_of_several_is_stored_when_one_is_too_large(self, log: EventLog) -> None:
        with pytest.raises(TooLarge):
            await log.append_all(KEY, [Draft(KIND, b"1"), Draft(KIND, b"x" * (LARGEST + 1))], expected=0)
        assert await all_of(log, KEY) == []

    async def test_of_many_who_append_several_at_one_end_one_is_first(self, log: EventLog) -> None:
        drafts = [[Draft(KIND, b"%d of %d" % (number, who)) for number in range(9)] for who in range(6)]
        appending = (log.append_all(KEY, each, expected=0) for each in drafts)
        answers = await asyncio.gather(*appending, return_exceptions=True)
        assert sorted(isinstance(each, Outpaced) for each in answers) == [False, *[True] * 5]
        bodies = [record.body for record in await all_of(log, KEY)]
        assert bodies in [[each.body for each in said] for said in drafts]

    async def test_a_project_without_records_is_empty(self, log: EventLog) -> None:
        assert await all_of(log, KEY) == []

    async def test_an_append_that_expects_another_end_is_outpaced_and_stores_nothing(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 3)
        first = stored.records[0].position
        for wrong in (0, first, stored.last + 1):
            with pytest.raises(Outpaced) as caught:
                await log.append(KEY, KIND, b"late", expected=wrong)
            assert (caught.value.key, caught.value.expected) == (KEY, wrong)
        assert await all_of(log, KEY) == stored.records

    async def test_the_first_append_to_a_project_expects_none(self, log: EventLog) -> None:
        await fill(log, OTHER, 2)
        with pytest.raises(Outpaced):
            await log.append(KEY, KIND, b"x", expected=1)
        assert await log.append(KEY, KIND, b"x", expected=0) > 0

    async def test_projects_do_not_outpace_each_other(self, log: EventLog) -> None:
        lasts = {KEY: 0, OTHER: 0}
        for number in range(6):
            key = (KEY, OTHER)[number % 2]
            lasts[key] = await log.append(key, KIND, str(number).encode(), expected=lasts[key])
        assert [record.body for record in await all_of(log, KEY)] == [b"0", b"2", b"4"]
        assert [record.body for record in await all_of(log, OTHER)] == [b"1", b"3", b"5"]

    async def test_the_condition_covers_every_kind_of_event_of_the_project(self, log: EventLog) -> None:
        first = await log.append(KEY, "project.created", b"a", expected=0)
        second = await log.append(KEY, "artifact.declared", b"b", expected=first)
        with pytest.raises(Outpaced):
            await log.append(KEY, "project.created", b"c", expected=first)
        assert [record.kind for record in await all_of(log, KEY)] == ["project.created", "artifact.declared"]
        assert second > first

    async def test_a_project_is_not_confused_with_one_whose_id_begins_alike(self, log: EventLog) -> None:
        alike = [
            ProjectKey("acme", "rag"),
            ProjectKey("acme", "ra"),
            ProjectKey("acm", "rag"),
            ProjectKey("rag", "acme"),
        ]
        for key in alike:
            await log.append(key, KIND, str(key).encode(), expected=0)
        for key in alike:
            assert [record.body for record in await all_of(log, key)] == [str(key).encode()]

    async def test_reading_begins_behind_a_position_and_ends_at_a_limit(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 5)
        second = stored.records[1].position
        assert await all_of(log, KEY, after=second) == stored.records[2:]
        assert await all_of(log, KEY, after=second, limit=2) == stored.records[2:4]
        assert await all_of(log, KEY, limit=0) == []
        assert await all_of(log, KEY, limit=99) == stored.records
        assert await all_of(log, KEY, after=stored.last) == []
        assert await all_of(log, KEY, after=stored.last + 1000) == []

    async def test_many_pages_are_read_without_a_gap(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 1100)
        assert await all_of(log, KEY) == stored.records
        assert await all_of(log, KEY, limit=1024) == stored.records[:1024]

    async def test_of_many_appends_that_expect_the_same_end_one_is_stored(self, log: EventLog) -> None:
        stored = await fill(log, KEY, 1)
        bodies = [f"racer {number}".encode() for number in range(20)]
        tries = (log.append(KEY, KIND, body, expected=stored.last) for body in bodies)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert Counter(type(outcome) for outcome in outcomes) == {int: 1, Outpaced: 19}
        (winner,) = await all_of(log, KEY, after=stored.last)
        assert outcomes[bodies.index(winner.body)] == winner.position

    async def test_appends_to_many_projects_at_once_are_all_stored(self, log: EventLog) -> None:
        keys = [ProjectKey("acme", f"p{number}") for number in range(100)]
        positions = await asyncio.gather(*(log.append(key, KIND, str(key).encode(), expected=0) for key in keys))
        assert len(set(positions)) == len(keys)
        for key, position in zip(keys, positions, strict=True):
            assert await all_of(log, key) == [Record(position, key, KIND, str(key).encode())]

    async def test_among_many_appends_at_once_only_the_outpaced_ones_are_refused(self, log: EventLog) -> None:
        keys = [ProjectKey("acme", f"p{number}") for number in range(30)]
        for key in keys[::3]:
            await fill(log, key, 1)
        tries = (log.append(key, KIND, b"second", expected=0) for key in keys)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        late = [isinstance(outcome, Outpaced) for outcome in outcomes]
        assert late == [number % 3 == 0 for number in range(30)]
        for key, outcome in zip(keys, outcomes, strict=True):
            bodies = [record.body for record in await all_of(log, key)]
            assert bodies == ([f"event 0 of {key}".encode()] if isinstance(outcome, Outpaced) else [b"second"])

    async def test_more_than_the_log_takes_is_refused_at_once(self, log: EventLog) -> None:
        largest = b"x" * LARGEST
        position = await log.append(KEY, KIND, largest, expected=0)
        with pytest.raises(TooLarge, match=r"slot\.granted of acme/rag has 1000001 bytes"):
            await log.append(KEY, KIND, largest + b"x", expected=position)
        assert [record.body for record in await all_of(log, KEY)] == [largest]
