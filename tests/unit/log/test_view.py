"""A view takes the next link of the chain and nothing else; each test breaks one link only."""

from dataclasses import replace

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.memory import MemoryEventLog
from psmp.log.port import Damaged, Record
from psmp.log.view import Head, View, ends_in
from psmp.rules.project import Project
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, open_event, seal_event
from psmp.words.events import ArtifactAccepted, Event, SlotGranted
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.values import Phase
from tests.golden import story
from tests.histories import KEY, LAST, History, created, declared, lifetime, moved

MOMENT = uuid7(0, bytes(10))


def view_of(records: list[Record], key: ProjectKey = KEY) -> View[Project | None]:
    view = View(key, PROJECT_FOLD)
    for record in records:
        view.advance(record)
    return view


def sealed(view: View[Project | None], event: Event, **broken: object) -> Record:
    """The event that comes next, but for what is ``broken``."""
    link = view.head.next._replace(**broken)  # type: ignore[arg-type]
    provenance = Provenance("/psmp/intake", "ada", MOMENT, MOMENT)
    body = seal_event(view.key, event, link, provenance, Stamp(MOMENT, "2026-11-21T10:00:00Z"))
    return Record(view.head.position + 1, view.key, event.KIND, body)


@pytest.fixture
def view() -> View[Project | None]:
    history = History()
    history.add(created())
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING))
    return view_of(history.records)


NEXT = declared("api")


def test_an_empty_view_is_at_the_genesis() -> None:
    view = View(KEY, PROJECT_FOLD)
    assert (view.state, view.head, view.head.next) == (None, Head(0, 0, GENESIS), Link(1, GENESIS))


def test_the_next_link_is_folded(view: View[Project | None]) -> None:
    record = sealed(view, NEXT)
    envelope = view.advance(record)
    assert envelope == open_event(record.body)
    assert view.head == Head(3, 3, leaf_hash(record.body))
    assert view.head.next == Link(4, leaf_hash(record.body))
    assert view.state is not None
    assert set(view.state.artifacts) == {"api"}


def test_a_whole_log_is_folded_link_by_link() -> None:
    view = view_of(list(story.log()), story.KEY)
    assert view.head.sequence == 29
    assert view_of(lifetime().records).head.sequence == LAST


@pytest.mark.parametrize("sequence", [1, 2, 4, 5])
def test_a_gap_or_a_repetition_is_damage(view: View[Project | None], sequence: int) -> None:
    with pytest.raises(Damaged, match=f"sequence {sequence}, not 3"):
        view.advance(sealed(view, NEXT, sequence=sequence))


def test_a_wrong_link_is_damage(view: View[Project | None]) -> None:
    with pytest.raises(Damaged, match="prev is ffff") as caught:
        view.advance(sealed(view, NEXT, prev="f" * 64))
    assert (caught.value.key, caught.value.position) == (KEY, 3)
    assert "psmp verify" in caught.value.hint


def test_an_event_of_another_project_is_damage(view: View[Project | None]) -> None:
    foreign = View(ProjectKey("acme", "other"), PROJECT_FOLD)
    foreign.head = view.head
    with pytest.raises(Damaged, match="an event of acme/other stands here"):
        view.advance(sealed(foreign, NEXT))


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", story.FOLDER.joinpath("slot.request.v1.json").read_bytes()])
def test_what_is_no_event_is_damage(view: View[Project | None], body: bytes) -> None:
    with pytest.raises(Damaged, match="not an event"):
        view.advance(Record(3, KEY, NEXT.KIND, body))


def test_an_event_that_cannot_follow_is_damage(view: View[Project | None]) -> None:
    with pytest.raises(Damaged, match="it cannot follow"):
        view.advance(sealed(view, ArtifactAccepted(artifact="nobody", version=1)))
    empty = View(KEY, PROJECT_FOLD)
    with pytest.raises(Damaged, match=r"starts with slot\.granted"):
        empty.advance(sealed(empty, SlotGranted(agent="ada", lease_seconds=1)))


def test_one_changed_byte_anywhere_is_found_by_the_next_link() -> None:
    records = lifetime().records
    altered = records[6].body.replace(b"what web does", b"what web dose")
    assert altered != records[6].body
    records[6] = replace(records[6], body=altered)
    with pytest.raises(Damaged, match="at position 8: prev is"):
        view_of(records)


def test_damage_leaves_the_view_where_it_was(view: View[Project | None]) -> None:
    state, head = view.state, view.head
    for broken in (sealed(view, NEXT, sequence=9), sealed(view, NEXT, prev="f" * 64), Record(3, KEY, "x.y", b"")):
        with pytest.raises(Damaged):
            view.advance(broken)
    assert (view.state, view.head) == (state, head)
    view.advance(sealed(view, NEXT))


def test_following_takes_the_very_next_record_and_waits_for_what_is_missing(view: View[Project | None]) -> None:
    record = sealed(view, NEXT)
    assert not view.follow(sealed(view, NEXT, sequence=4))
    assert view.follow(record)
    assert not view.follow(record)
    assert view.head.sequence == 3


def test_following_refuses_a_next_record_that_does_not_link(view: View[Project | None]) -> None:
    with pytest.raises(Damaged):
        view.follow(sealed(view, NEXT, prev="f" * 64))


async def test_a_view_ends_in_a_log_that_has_its_last_bytes_at_its_last_position() -> None:
    log = MemoryEventLog()
    empty = View(KEY, PROJECT_FOLD)
    assert await ends_in(empty, log)
    view = view_of(await lifetime().store(log))
    assert await ends_in(view, log)
    elsewhere = Head(view.head.position - 1, view.head.sequence, view.head.leaf)
    beyond = Head(view.head.position + 1, view.head.sequence, view.head.leaf)
    other = Head(view.head.position, view.head.sequence, "f" * 64)
    for head in (elsewhere, beyond, other):
        view.head = head
        assert not await ends_in(view, log)
