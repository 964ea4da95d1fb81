"""Slots: what intake says to who wants to run, what the keeper gives to who waits, and what a project knows of both."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from psmp.rules import slots as told
from psmp.rules.project import Project
from psmp.words.commands import (
    AmendArtifact,
    Command,
    DeclareArtifact,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    RequestSlot,
    WithdrawArtifact,
)
from psmp.words.events import (
    ArtifactDeclared,
    ArtifactWithdrawn,
    ProjectTransitioned,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
)
from psmp.words.ids import uuid7
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Limits, Phase, Policy
from psmp_intake.rules import decide
from psmp_intake.settings import IntakeSettings
from psmp_keeper.rules import due, next_slot
from tests.unit.services.history import BLOCKED, PLANNED, STARTED, Said, clash, declared, detected, project

LIMITS = Limits(cpus=2, memory_mb=4096)
GRANTED = SlotGranted(agent="ada", lease_seconds=90)
WAITS = SlotRequested(agent="bob", wait_seconds=60, limits=LIMITS)
CLASH = (declared("api"), detected("api", clash("C-1", "api")))
COMPLETED = ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done")


def governed(policy: Policy, *said: Said) -> Project:
    """The project after these events under another policy than the usual."""
    return replace(project(PLANNED, *said), policy=policy)


def request_of(number: int) -> str:
    """The id of the command that brought the event of this number."""
    return uuid7(number, bytes(10))


def refused(decision: object) -> Code | Gs:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


def test_a_slot_is_granted_with_the_terms_of_the_policy_and_the_limits_asked_for() -> None:
    policy = Policy(lease_seconds=30, term_seconds=600)
    decision = decide(governed(policy), "ada", RequestSlot(limits=LIMITS))
    assert decision == SlotGranted(agent="ada", lease_seconds=30, term_seconds=600, limits=LIMITS)


def test_who_may_wait_waits_no_longer_than_the_policy_allows() -> None:
    full = governed(Policy(max_concurrent_agents=1, wait_seconds=100), GRANTED)
    assert decide(full, "bob", RequestSlot(wait_seconds=60, limits=LIMITS)) == WAITS
    assert decide(full, "bob", RequestSlot(wait_seconds=600)) == SlotRequested(agent="bob", wait_seconds=100)


def test_nobody_overtakes_who_waits() -> None:
    queue = governed(Policy(), WAITS)
    assert refused(decide(queue, "cyd", RequestSlot())) is Code.SLOTS_EXHAUSTED
    assert isinstance(decide(queue, "cyd", RequestSlot(wait_seconds=1)), SlotRequested)


@pytest.mark.parametrize(
    ("said", "waits", "code"),
    [
        ((*CLASH,), None, Code.PROJECT_BLOCKED),
        ((*CLASH, BLOCKED), None, Code.PROJECT_BLOCKED),
        ((*CLASH, BLOCKED), 60, None),
        ((STARTED, COMPLETED), 60, Code.PROJECT_NOT_OPEN),
        ((STARTED, COMPLETED), None, Code.PROJECT_NOT_OPEN),
    ],
)
def test_a_state_that_grants_nothing_lets_wait_or_not_even_that(
    said: tuple[Said, ...], waits: int | None, code: Code | None
) -> None:
    decision = decide(project(PLANNED, *said), "bob", RequestSlot(wait_seconds=waits))
    if code is None:
        assert isinstance(decision, SlotRequested)
    else:
        assert refused(decision) is code


def test_an_agent_holds_and_waits_for_as_many_as_the_policy_lets_it() -> None:
    one, two = Policy(), Policy(slots_per_agent=2)
    assert refused(decide(governed(one, GRANTED), "ada", RequestSlot())) is Code.SLOT_HELD
    assert refused(decide(governed(one, WAITS), "bob", RequestSlot(wait_seconds=5))) is Code.SLOT_HELD
    assert isinstance(decide(governed(two, GRANTED), "ada", RequestSlot()), SlotGranted)
    assert isinstance(decide(governed(two, WAITS), "bob", RequestSlot(wait_seconds=5)), SlotRequested)
    assert refused(decide(governed(two, WAITS, WAITS), "bob", RequestSlot(wait_seconds=5))) is Code.SLOT_HELD


def test_who_waits_leaves_the_place_that_it_names_or_its_oldest() -> None:
    places = governed(Policy(slots_per_agent=2), WAITS, WAITS)
    first, second = request_of(3), request_of(4)
    assert [each.request for each in places.slots.waits("bob")] == [first, second]
    assert decide(places, "bob", LeaveQueue()) == SlotLeft(agent="bob", request=first)
    assert decide(places, "bob", LeaveQueue(request=second)) == SlotLeft(agent="bob", request=second)
    assert refused(decide(places, "ada", LeaveQueue())) is Code.NOT_WAITING
    assert refused(decide(places, "bob", LeaveQueue(request=request_of(9)))) is Code.NOT_WAITING


def test_a_term_is_renewed_for_who_holds_the_slot() -> None:
    running = governed(Policy(term_seconds=60), GRANTED)
    assert decide(running, "ada", RenewSlot()) == SlotRenewed(agent="ada", fence=3, term_seconds=60)
    assert decide(running, "ada", RenewSlot(fence=3)) == SlotRenewed(agent="ada", fence=3, term_seconds=60)
    assert refused(decide(running, "bob", RenewSlot())) is Code.NO_SLOT
    assert refused(decide(running, "bob", RenewSlot(fence=3))) is Code.SLOT_LOST


def test_who_holds_several_says_which() -> None:
    both = governed(Policy(slots_per_agent=2), GRANTED, GRANTED)
    assert refused(decide(both, "ada", FinishSlot(failure="tired"))) is Code.NO_SLOT
    assert decide(both, "ada", FinishSlot(failure="tired", fence=4)) == SlotFailed(
        agent="ada", fence=4, failure="tired"
    )


def test_a_slot_is_finished_when_something_was_declared_under_it() -> None:
    both = (PLANNED, GRANTED, GRANTED)
    made = ArtifactDeclared(artifact="api", version=1, type="code", fence=4)
    assert refused(decide(project(*both, ("ada", made)), "ada", FinishSlot(fence=3))) is Code.NOT_DECLARED
    finished = decide(project(*both, ("ada", made)), "ada", FinishSlot(fence=4))
    assert finished == SlotFinished(agent="ada", fence=4)
    unnamed = made.model_copy(update={"fence": None})
    assert isinstance(decide(project(*both, ("ada", unnamed)), "ada", FinishSlot(fence=3)), SlotFinished)


MINE = ArtifactDeclared(artifact="api", version=1, type="code")


@pytest.mark.parametrize(
    "command",
    [
        DeclareArtifact(artifact="web", type="code", fence=4),
        AmendArtifact(artifact="api", fence=4),
        WithdrawArtifact(artifact="api", reason="r", fence=4),
    ],
)
def test_what_was_made_under_a_slot_that_has_ended_comes_too_late(command: Command) -> None:
    running = project(PLANNED, ("ada", MINE), GRANTED)
    assert not isinstance(decide(running, "ada", command), Refused)
    over = project(PLANNED, ("ada", MINE), GRANTED, SlotExpired(agent="ada", last_seen="x", fence=4, reason="silent"))
    assert refused(decide(over, "ada", command)) is Code.SLOT_LOST
    again = project(PLANNED, ("ada", MINE), GRANTED, SlotFailed(agent="ada", fence=4, failure="f"), GRANTED)
    assert refused(decide(again, "ada", command)) is Code.SLOT_LOST


def test_where_it_is_fenced_only_who_holds_a_slot_declares() -> None:
    declare = DeclareArtifact(artifact="web", type="code")
    assert refused(decide(governed(Policy(fenced=True)), "ada", declare)) is Code.NO_SLOT
    fenced = declare.model_copy(update={"fence": 3})
    assert isinstance(decide(governed(Policy(fenced=True), GRANTED), "ada", fenced), ArtifactDeclared)
    withdraw = WithdrawArtifact(artifact="api", reason="r", fence=4)
    assert isinstance(decide(governed(Policy(fenced=True), ("ada", MINE), GRANTED), "ada", withdraw), ArtifactWithdrawn)


def test_the_keeper_gives_a_free_place_to_who_has_waited_longest() -> None:
    cyd = SlotRequested(agent="cyd", wait_seconds=60)
    queue = governed(Policy(max_concurrent_agents=1, term_seconds=600), GRANTED, WAITS, cyd)
    assert due(queue) is None
    free = governed(Policy(max_concurrent_agents=1, term_seconds=600), WAITS, cyd)
    expected = SlotGranted(agent="bob", lease_seconds=90, term_seconds=600, limits=LIMITS, request=request_of(3))
    assert due(free) == expected
    assert [each.agent for each in governed(Policy(), WAITS, cyd, expected).slots.queue] == ["cyd"]


def test_who_may_hold_no_more_does_not_hold_up_the_others() -> None:
    ada = SlotRequested(agent="ada", wait_seconds=60)
    queue = governed(Policy(), GRANTED, ada, WAITS)
    granted = next_slot(queue)
    assert isinstance(granted, SlotGranted)
    assert granted.agent == "bob"


def test_a_blocked_project_grants_nothing_and_a_closed_one_refuses_all_who_wait() -> None:
    assert next_slot(project(PLANNED, WAITS, *CLASH)) is None
    assert isinstance(due(project(PLANNED, WAITS, *CLASH)), ProjectTransitioned)
    assert due(project(PLANNED, WAITS, *CLASH, BLOCKED)) is None
    closed: list[Said] = [PLANNED, STARTED, WAITS, WAITS, COMPLETED]
    refusals = []
    while isinstance(refusal := due(project(*closed)), SlotRefused):
        refusals.append(refusal.request)
        closed.append(refusal)
    assert refusals == [request_of(4), request_of(5)]
    assert due(project(*closed)) is None


def test_a_slot_ends_by_its_fence_and_in_older_logs_by_its_agent() -> None:
    both = (PLANNED, GRANTED, GRANTED)
    assert list(project(*both, SlotFinished(agent="ada", fence=3)).slots.held) == [4]
    assert list(project(*both, SlotFinished(agent="bob")).slots.held) == [3, 4]
    assert list(project(*both, SlotExpired(agent="ada", last_seen="x")).slots.held) == []


def test_a_renewal_begins_the_term_anew_and_a_refusal_or_leaving_empties_the_place() -> None:
    renewed = project(PLANNED, GRANTED, SlotRenewed(agent="ada", fence=3, term_seconds=60)).slots.held[3]
    assert (renewed.renewed > renewed.time, renewed.term_seconds) == (True, 60)
    gone = SlotLeft(agent="bob", request=request_of(3))
    assert project(PLANNED, WAITS, WAITS, gone).slots.queue[0].request == request_of(4)
    vain = SlotRefused(agent="bob", request=request_of(3), reason="time")
    assert project(PLANNED, WAITS, vain).slots.queue == ()


def test_a_declaration_of_who_holds_no_slot_changes_none() -> None:
    slots = project(PLANNED, GRANTED).slots
    assert told.declared(slots, "bob", None) is slots
    assert told.declared(slots, "ada", 9) is slots
    once = told.declared(slots, "ada", 3)
    assert once.held[3].declared
    assert told.declared(once, "ada", None) is once


def test_the_page_on_slots_tells_every_event_and_the_limits_as_they_are() -> None:
    page = (Path(__file__).parents[3] / "docs/slots.md").read_text(encoding="utf-8")
    for event in get_args(told.SlotEvent):
        assert f"| `{event.KIND}`" in page
    for name, field in IntakeSettings.model_fields.items():
        if name.startswith(("agent_", "tenant_")):
            assert f"| `PSMP_{name.upper()}` | {field.default} |" in page
