"""A log whose beginning was pruned: it goes on from the event that says so, whatever is left of what came before."""

from itertools import pairwise

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.words.commands import DeclareArtifact
from psmp.words.envelope import open_event
from psmp.words.events import CommandRefused, HoldPlaced, RetentionApplied
from psmp.words.refusals import Code, Refused
from psmp.words.values import Phase
from psmp_checker.docket import DOCKET_FOLD, Docket, dump
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from tests.histories import KEY, History, created, declared, moved, pruned

PATH = (Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED, Phase.ARCHIVED)
REFUSED = CommandRefused(command="artifact.declare", code=Code.PROJECT_EXISTS, reason="it is archived")


def history(*, twice: bool = False) -> History:
    """A project to its end, pruned, and what is still sent to it refused."""
    made = History()
    made.add(created())
    made.add(declared("api"))
    for origin, to in pairwise(PATH):
        made.add(moved(origin, to))
    made.add(pruned(made), service="retention")
    made.add(REFUSED)
    if twice:
        made.add(pruned(made), service="retention")
        made.add(REFUSED)
    return made


def folded(records: list[Record]) -> View[Project | None]:
    view = View(KEY, PROJECT_FOLD)
    for record in records:
        view.advance(record)
    return view


@pytest.mark.parametrize("left", range(7))
def test_what_is_known_after_a_pruning_does_not_depend_on_what_is_left_of_what_was_pruned(left: int) -> None:
    """It is taken away from its end, so that all that a killed run leaves is a beginning."""
    records = history().records
    whole, part = folded(records), folded([*records[:left], *records[6:]])
    assert (part.state, part.head, part.answers.dump()) == (whole.state, whole.head, whole.answers.dump())
    docket: View[Docket] = View(KEY, DOCKET_FOLD)
    for record in (*records[:left], *records[6:]):
        docket.advance(record)
    assert dump(docket.state) == dump(Docket())


def test_of_two_prunings_the_first_may_not_have_come_to_its_end() -> None:
    records = history(twice=True).records
    whole = folded(records)
    for left in range(7):
        for more in range(3):
            part = folded([*records[:left], *records[6 : 6 + more], *records[8:]])
            assert (part.state, part.head) == (whole.state, whole.head)


def test_of_a_pruned_project_it_is_known_that_it_was_archived_when_and_whose_it_was() -> None:
    state = folded(history().records[6:]).state
    assert state is not None
    status = describe(KEY, state)
    assert (status.name, status.state, status.pruned, status.sequence) == ("rag", Phase.ARCHIVED, 6, 8)
    assert (status.creator, status.artifacts, status.since) == ("ada", (), "2026-11-18T00:00:00.006000Z")


def test_what_was_answered_before_a_pruning_is_known_no_more_and_what_comes_after_is() -> None:
    view = folded(history().records)
    assert sorted(map(abs, view.answers.dump().values())) == [8]


def test_a_command_of_before_a_pruning_that_is_sent_again_is_refused_for_the_project_is_archived() -> None:
    made = History()
    made.add(created())
    command = open_event(made.add(declared("api")).body).correlationid
    for origin, to in pairwise(PATH):
        made.add(moved(origin, to))
    assert folded(made.records).answers.find(command) is not None
    made.add(pruned(made), service="retention")
    view = folded(made.records)
    assert view.answers.find(command) is None, "its answer went with its event"
    again = DeclareArtifact(artifact="api", type="code")
    refused = decide(view.state, "ada", again, Heard(KEY, "2026-11-27T00:00:00.000000Z"))
    assert isinstance(refused, Refused)
    assert refused.code is Code.PROJECT_NOT_OPEN


def test_a_gap_before_any_other_event_is_damage() -> None:
    records = history().records
    with pytest.raises(Damaged, match="sequence 3, not 2"):
        folded([records[0], *records[2:]])
    with pytest.raises(Damaged, match="sequence 8, not 1"):
        folded(records[7:])


def test_a_gap_is_damage_when_what_is_said_to_be_pruned_does_not_reach_the_event_that_says_so() -> None:
    made = History()
    made.add(created())
    for _ in range(3):
        made.add(REFUSED)
    made.add(pruned(made).model_copy(update={"upto": 3}), service="retention")
    with pytest.raises(Damaged, match="sequence 5, not 2"):
        folded([made.records[0], made.records[4]])


def test_an_event_that_prunes_must_follow_on_what_is_there() -> None:
    records = history().records
    other = History()
    other.add(created("another"))
    for _ in range(5):
        other.add(REFUSED)
    with pytest.raises(Damaged, match="prev is"):
        folded([*other.records[:6], records[6]])


def test_a_view_that_is_offered_what_prunes_waits_for_the_log_when_it_has_not_seen_all_before() -> None:
    records = history().records
    view = folded(records[:3])
    assert not view.follow(records[6])
    assert view.head.sequence == 3


def test_a_hold_that_is_placed_after_a_pruning_lies_on_the_project() -> None:
    made = history()
    made.add(HoldPlaced(reason="case 4"))
    state = folded(made.records[6:]).state
    assert state is not None
    assert state.held


def test_the_event_names_the_run_and_who_approved() -> None:
    event = pruned(history())
    assert isinstance(event, RetentionApplied)
    assert (event.approver, event.days, event.upto) == ("records-office", 90, 8)
