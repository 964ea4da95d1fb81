"""A reader's cursor takes each event once, in order, and only if it links."""

import pytest

from psmp.client.chain import Cursor, Next
from psmp.client.errors import Damaged, Pruned
from psmp.client.results import Happened
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, open_event, seal_event
from psmp.words.events import AgentReturned, Event, RetentionApplied
from psmp.words.ids import ProjectKey, uuid7

KEY = ProjectKey("default", "rag")


def event(sequence: int, prev: str, key: ProjectKey = KEY, said: Event | None = None) -> Happened:
    stamp = Stamp(uuid7(sequence, bytes(10)), "2026-08-01T12:00:00Z")
    said = said or AgentReturned(agent="coder", last_seen="2026-08-01T12:00:00Z")
    raw = seal_event(key, said, Link(sequence, prev), Provenance("/psmp/test", "coder", stamp.id, stamp.id), stamp)
    return Happened(sequence, open_event(raw), raw)


def test_events_that_link_are_taken_in_order() -> None:
    first = event(1, GENESIS)
    second = event(2, leaf_hash(first.raw))
    cursor = Cursor(KEY, 0)
    assert [cursor.advance(each).sequence for each in (first, second)] == [1, 2]
    assert (cursor.sequence, cursor.leaf) == (2, leaf_hash(second.raw))


def test_what_was_had_what_is_next_and_what_leaves_a_gap() -> None:
    cursor = Cursor(KEY, 4)
    assert [cursor.place(each) for each in (3, 4, 5, 6)] == [Next.KNOWN, Next.KNOWN, Next.NEXT, Next.GAP]


def test_a_reader_that_starts_in_the_middle_checks_from_there_on() -> None:
    cursor = Cursor(KEY, 4)
    fifth = cursor.advance(event(5, "a" * 64))
    with pytest.raises(Damaged, match="damaged at event 6: it does not link"):
        cursor.advance(event(6, "b" * 64))
    assert cursor.advance(event(6, leaf_hash(fifth.raw))).sequence == 6


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (event(1, "a" * 64), "does not link"),
        (event(2, GENESIS), "event 2 stands there"),
        (event(1, GENESIS, ProjectKey("default", "other")), "an event of default/other"),
    ],
)
def test_what_does_not_link_is_damage(wrong: Happened, why: str) -> None:
    with pytest.raises(Damaged, match=why) as caught:
        Cursor(KEY, 0).advance(wrong)
    assert "psmp verify" in caught.value.hint


def pruning(upto: int) -> Happened:
    said = RetentionApplied(
        upto=upto,
        run=uuid7(1, bytes(10)),
        approver="records-office",
        reason="archived more than 90 days ago",
        days=90,
        created="2026-08-01T12:00:00Z",
        since="2026-08-01T12:00:00Z",
        creator="ada",
    )
    return event(7, "a" * 64, said=said)


@pytest.mark.parametrize("place", [0, 1, 5])
def test_a_gap_that_is_explained_by_a_pruning_is_told_as_that_and_read_on_from(place: int) -> None:
    happened = pruning(6)
    with pytest.raises(Pruned, match="up to 6 were pruned at 2026-08-01T12:00:00Z by the retention run") as caught:
        Cursor(KEY, place).advance(happened)
    gap = caught.value
    assert (gap.key, gap.upto, gap.run, gap.approver) == (KEY, 6, uuid7(1, bytes(10)), "records-office")
    assert "after=6" in gap.hint
    assert Cursor(KEY, gap.upto).advance(happened) == happened


def test_an_event_that_prunes_less_than_what_lacks_explains_nothing() -> None:
    with pytest.raises(Damaged, match="event 7 stands there"):
        Cursor(KEY, 1).advance(pruning(5))


def test_who_has_everything_reads_a_pruning_as_any_event() -> None:
    happened = pruning(6)
    assert Cursor(KEY, 6).advance(happened) == happened
