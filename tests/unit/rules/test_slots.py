"""Slots are what the log says of them: leased, fenced, in fair order."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from psmp.rules.slots import FOLLOWS, Slot, SlotEvent, Slots, Stage, Waiting, after, declared, diagram
from psmp.words.envelope import open_event
from psmp.words.events import (
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
)
from psmp.words.values import Limits, Policy
from tests.histories import History, identity

ROOT = Path(__file__).parents[3]
LIMITS = Limits(cpus=2.0)
ASKED = SlotRequested(agent="ada", wait_seconds=60, limits=LIMITS)
GRANTED = SlotGranted(agent="ada", lease_seconds=30, term_seconds=600, limits=LIMITS)
SEEN = "2026-11-18T00:00:00Z"


def told(*events: SlotEvent) -> Slots:
    """The slots after these events, the first of which has sequence 1."""
    history, slots = History(), Slots()
    for event in events:
        slots = after(slots, open_event(history.add(event).body), event)
    return slots


def at(number: int) -> str:
    return f"2026-11-18T00:00:00.{number:03}000Z"


def test_whoever_asks_waits_behind_those_who_asked_before() -> None:
    slots = told(ASKED, SlotRequested(agent="bob", wait_seconds=9))
    assert slots.queue == (
        Waiting("ada", identity(1), at(1), 60, LIMITS),
        Waiting("bob", identity(2), at(2), 9),
    )
    assert slots.waits("bob") == slots.queue[1:]
    assert slots.waits("eve") == ()


def test_a_grant_takes_who_waited_out_of_the_queue_and_nobody_else() -> None:
    slots = told(ASKED, SlotRequested(agent="bob", wait_seconds=9), replace_request(GRANTED, identity(1)))
    assert [each.agent for each in slots.queue] == ["bob"]
    assert slots.held == {3: Slot("ada", at(3), 30, at(3), 600, LIMITS)}


def test_a_grant_at_once_leaves_the_queue_as_it_is() -> None:
    assert [each.agent for each in told(SlotRequested(agent="bob", wait_seconds=9), GRANTED).queue] == ["bob"]


@pytest.mark.parametrize(
    "ends",
    [
        SlotRefused(agent="ada", request=identity(1), reason="too long"),
        SlotLeft(agent="ada", request=identity(1)),
    ],
)
def test_who_is_refused_or_leaves_waits_no_more(ends: SlotEvent) -> None:
    assert told(ASKED, ends) == Slots()


def test_a_term_begins_anew_with_its_renewal_and_the_grant_stays_what_it_was() -> None:
    slots = told(GRANTED, SlotRenewed(agent="ada", fence=1, term_seconds=900))
    assert slots.held == {1: Slot("ada", at(1), 30, at(2), 900, LIMITS)}


def test_a_slot_that_is_not_there_cannot_be_renewed() -> None:
    with pytest.raises(KeyError):
        told(SlotRenewed(agent="ada", fence=1, term_seconds=900))


@pytest.mark.parametrize(
    "end",
    [
        SlotFinished(agent="ada", fence=1),
        SlotFailed(agent="ada", fence=1, failure="no"),
        SlotExpired(agent="ada", last_seen=SEEN, fence=1, reason="silent"),
    ],
)
def test_with_a_fence_one_slot_ends_and_the_agents_others_go_on(end: SlotEvent) -> None:
    assert list(told(GRANTED, GRANTED, end).held) == [2]


@pytest.mark.parametrize("end", [SlotFinished(agent="ada"), SlotExpired(agent="ada", last_seen=SEEN)])
def test_without_a_fence_as_in_older_logs_the_agents_slot_ends(end: SlotEvent) -> None:
    slots = told(GRANTED, SlotGranted(agent="bob", lease_seconds=30), end)
    assert [slot.agent for slot in slots.held.values()] == ["bob"]


def test_slots_are_counted_for_the_project_and_for_each_agent() -> None:
    slots = told(GRANTED, GRANTED, SlotGranted(agent="bob", lease_seconds=30))
    assert list(slots.of("ada")) == [1, 2]
    policy = Policy(max_concurrent_agents=4, slots_per_agent=2)
    assert not slots.has_room("ada", policy)
    assert slots.has_room("bob", policy)
    assert not slots.has_room("bob", Policy(max_concurrent_agents=3, slots_per_agent=2))
    assert not slots.has_room("bob", Policy(max_concurrent_agents=4))


def test_the_first_who_may_have_a_slot_is_next() -> None:
    slots = told(GRANTED, ASKED, SlotRequested(agent="bob", wait_seconds=9), SlotRequested(agent="eve", wait_seconds=9))
    one_each = slots.next(Policy(max_concurrent_agents=2))
    assert one_each is not None
    assert one_each.agent == "bob"
    several = slots.next(Policy(max_concurrent_agents=2, slots_per_agent=2))
    assert several is not None
    assert several.agent == "ada"
    assert slots.next(Policy(max_concurrent_agents=1)) is None
    assert Slots().next(Policy()) is None


def test_a_declaration_counts_for_the_slot_of_its_fence_or_for_all_of_the_agents() -> None:
    slots = told(GRANTED, GRANTED, SlotGranted(agent="bob", lease_seconds=30))
    assert [slot.declared for slot in declared(slots, "ada", 2).held.values()] == [False, True, False]
    assert [slot.declared for slot in declared(slots, "ada", None).held.values()] == [True, True, False]
    assert list(declared(slots, "ada", 1).held) == [1, 2, 3], "the order of the grants stays"


def test_a_declaration_that_changes_nothing_makes_no_new_slots() -> None:
    slots = declared(told(GRANTED), "ada", 1)
    assert declared(slots, "ada", 1) is slots
    assert declared(slots, "eve", None) is slots
    assert declared(slots, "ada", 7) is slots


def test_a_wish_to_run_goes_through_the_table_and_no_stage_is_a_dead_end() -> None:
    assert set(FOLLOWS) == set(Stage)
    assert {event for row in FOLLOWS.values() for event in row} == set(get_args(SlotEvent))
    for stage in Stage:
        reached, new = set[Stage](), {stage}
        while new:
            reached |= new
            new = {to for origin in new for to in FOLLOWS[origin].values()} - reached
        assert reached == set(Stage), f"from {stage} everything can come, the end too"


EXAMPLES: dict[type[SlotEvent], SlotEvent] = {
    SlotRequested: ASKED,
    SlotGranted: GRANTED,
    SlotRefused: SlotRefused(agent="ada", request=identity(1), reason="too long"),
    SlotLeft: SlotLeft(agent="ada", request=identity(1)),
    SlotRenewed: SlotRenewed(agent="ada", fence=1, term_seconds=9),
    SlotFinished: SlotFinished(agent="ada", fence=1),
    SlotFailed: SlotFailed(agent="ada", fence=1, failure="no"),
    SlotExpired: SlotExpired(agent="ada", last_seen=SEEN, fence=1),
}
BEFORE: dict[Stage, tuple[SlotEvent, ...]] = {Stage.NONE: (), Stage.WAITING: (ASKED,), Stage.RUNNING: (GRANTED,)}


@pytest.mark.parametrize(("stage", "event"), [(stage, event) for stage, row in FOLLOWS.items() for event in row])
def test_the_fold_goes_where_the_table_says(stage: Stage, event: type[SlotEvent]) -> None:
    said = EXAMPLES[event]
    if stage is Stage.WAITING and isinstance(said, SlotGranted):
        said = replace_request(said, identity(1))
    slots = told(*BEFORE[stage], said)
    found = Stage.RUNNING if slots.held else Stage.WAITING if slots.queue else Stage.NONE
    assert found is FOLLOWS[stage][event]
    assert len(slots.held) + len(slots.queue) <= 1


def test_the_diagram_in_the_documentation_is_the_one_of_the_table() -> None:
    arrows = re.findall(r"^ +(\S+) --> (\S+): (\S+)$", diagram(), re.MULTILINE)
    table = [(a.value, b.value, event.KIND) for a, row in FOLLOWS.items() for event, b in row.items()]
    assert arrows == table
    assert f"```mermaid\n{diagram()}```" in (ROOT / "docs" / "lifecycle.md").read_text()


def replace_request(grant: SlotGranted, request: str) -> SlotGranted:
    return grant.model_copy(update={"request": request})


def test_slots_are_never_changed_in_place() -> None:
    slots = told(GRANTED)
    before = replace(slots)
    declared(slots, "ada", None)
    after(slots, open_event(History().add(SlotFinished(agent="ada")).body), SlotFinished(agent="ada"))
    assert slots == before
