"""How far each conflict is on its way out is what the log says of it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from psmp.rules.resolutions import (
    FOLLOWS,
    Attempt,
    Record,
    Reply,
    ResolutionEvent,
    Resolutions,
    Stage,
    Waiver,
    after,
    compared,
    diagram,
    number,
)
from psmp.words.envelope import open_event
from psmp.words.events import (
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    WaiverExpired,
)
from psmp.words.values import Change, Severity
from tests.histories import History, conflict, identity

ROOT = Path(__file__).parents[3]
ONE, TWO = conflict(1, "api", "web"), conflict(2, "api", "cli")
OPEN = {"C-1": ONE, "C-2": TWO}
CHANGE = Change(artifact="api", agent="ada", name="numpy", constraint=">=2")
OTHER = Change(artifact="web", agent="bob", name="numpy", constraint="<2")
KNOWN = Resolutions(records={"C-1": Record(4), "C-2": Record(5)})

ASKED = ResolutionRequested(
    resolution="R-1", conflict="C-1", strategy="accept", reason="go", suggestion=2, changes=(CHANGE,)
)
PROPOSED = ResolutionProposed(
    resolution="R-1", conflict="C-1", suggestion=3, changes=(OTHER,), agents=("bob",), seconds=60, text="web"
)
ANSWERED = ResolutionAnswered(resolution="R-1", agent="bob", answer="amend", changes=(CHANGE,), reason="rather")
REFUSED = ResolutionRefused(resolution="R-1", conflict="C-1", reason="no", agent="bob")
FAILED = ResolutionFailed(resolution="R-1", conflict="C-1", reason="no")
APPLIED = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="accept", reason="go", cleared=("C-1",))
WAIVE = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="waive", reason="not live", seconds=60)
WAIVED = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="not live", seconds=60)
EXPIRED = WaiverExpired(conflict="C-1", resolution="R-1")


def told(*events: ResolutionEvent, known: Resolutions = KNOWN) -> Resolutions:
    """The resolutions after these events, the first of which has sequence 1; ``ada`` says them all."""
    history = History()
    for event in events:
        known = after(known, open_event(history.add(event, "ada").body), event)
    return known


def at(number: int) -> str:
    return f"2026-11-18T00:00:00.{number:03}000Z"


def test_an_attempt_keeps_who_wants_it_and_what_is_to_be_changed() -> None:
    found = told(ASKED)
    attempt = Attempt("C-1", "accept", "requested", "ada", identity(1), "go", at(1), (CHANGE,), 2)
    assert found == replace(KNOWN, attempts={"R-1": attempt}, last=1)
    assert (found.about("C-1"), found.about("C-2")) == ("R-1", None)


def test_the_latest_of_several_attempts_at_one_conflict_counts() -> None:
    second = ASKED.model_copy(update={"resolution": "R-2"})
    assert told(ASKED, second).about("C-1") == "R-2"


def test_a_proposal_takes_the_place_of_what_was_wanted_and_awaits_answers() -> None:
    attempt = told(ASKED, PROPOSED).attempts["R-1"]
    assert (attempt.stage, attempt.changes, attempt.suggestion) == ("proposed", (OTHER,), 3)
    assert (attempt.agents, attempt.seconds, attempt.time, attempt.replies) == (("bob",), 60, at(2), {})
    assert (attempt.by, attempt.command, attempt.strategy) == ("ada", identity(1), "accept")


def test_answers_are_kept_by_agent_until_it_is_proposed_anew() -> None:
    answered = told(ASKED, PROPOSED, ANSWERED)
    assert answered.attempts["R-1"].replies == {"bob": Reply("amend", (CHANGE,), "rather")}
    yes = ResolutionAnswered(resolution="R-1", agent="bob", answer="yes")
    assert told(ASKED, PROPOSED, yes).attempts["R-1"].replies == {"bob": Reply("yes")}
    assert told(ASKED, PROPOSED, ANSWERED, PROPOSED).attempts["R-1"].replies == {}


@pytest.mark.parametrize("event", [PROPOSED, ANSWERED, APPLIED, REFUSED, FAILED])
def test_what_is_not_under_way_can_neither_go_on_nor_end(event: ResolutionEvent) -> None:
    with pytest.raises(KeyError):
        told(event)


@pytest.mark.parametrize("end", [REFUSED, FAILED])
def test_what_came_to_nothing_is_counted_and_its_suggestion_is_not_taken_again(end: ResolutionEvent) -> None:
    once = told(ASKED, end)
    assert (once.attempts, once.last) == ({}, 1)
    assert once.records == {"C-1": Record(4, (2,), 1, at(2)), "C-2": Record(5)}
    twice = told(ASKED, end, ASKED, end)
    assert twice.records["C-1"] == Record(4, (2,), 2, at(4))


def test_a_failure_without_a_suggestion_is_counted_alone() -> None:
    change = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="change", reason="go", changes=(CHANGE,))
    assert told(change, FAILED).records["C-1"] == Record(4, (), 1, at(2))


def test_a_failure_at_what_is_gone_meanwhile_is_nobodys() -> None:
    gone = replace(told(ASKED), records={"C-2": Record(5)})
    assert told(FAILED, known=gone) == replace(KNOWN, records={"C-2": Record(5)}, last=1)


def test_a_person_who_wants_it_tried_again_has_it_tried_from_the_beginning() -> None:
    failed = replace(KNOWN, records={"C-1": Record(4, (1, 2), 3, at(9))})
    retry = ResolutionRequested(resolution="R-7", conflict="C-1", strategy="retry", reason="the index is back")
    found = told(retry, known=failed)
    assert found.records == {"C-1": Record(4)}
    assert (found.last, found.attempts["R-7"].changes) == (7, ())


def test_a_waiver_holds_until_it_is_over() -> None:
    waived = told(WAIVE, WAIVED)
    assert waived.waivers == {"C-1": Waiver("R-1", "ada", "not live", at(2), 60)}
    assert (waived.attempts, waived.records) == ({}, KNOWN.records)
    assert told(WAIVE, WAIVED, EXPIRED).waivers == {}
    assert told(EXPIRED).waivers == {}


def test_what_was_applied_is_under_way_no_more_and_waives_nothing() -> None:
    found = told(ASKED, APPLIED)
    assert (found.attempts, found.waivers) == ({}, {})


def test_conflicts_that_did_not_change_keep_their_record_and_new_ones_begin_with_none() -> None:
    before = {"C-1": ONE}
    known = Resolutions(records={"C-1": Record(4, (1,), 1, at(9))})
    found = compared(known, before, {"C-1": ONE, "C-2": TWO}, 12)
    assert found.records == {"C-1": Record(4, (1,), 1, at(9)), "C-2": Record(12)}


def test_what_is_gone_is_forgotten_and_what_changed_begins_anew() -> None:
    wider = ONE.model_copy(update={"text": "now otherwise"})
    known = replace(KNOWN, records={"C-1": Record(4, (1,), 1, at(9)), "C-2": Record(5)})
    assert compared(known, OPEN, {"C-1": wider}, 12).records == {"C-1": Record(12)}


def test_the_same_conflicts_change_nothing() -> None:
    assert compared(KNOWN, OPEN, OPEN, 12) is KNOWN


HELD = replace(KNOWN, waivers={"C-1": Waiver("R-1", "ada", "not live", at(2), 60)})


def test_a_waiver_outlives_new_versions_suggestions_and_texts() -> None:
    parties = tuple(party.model_copy(update={"version": 2, "sequence": 9, "purpose": "x"}) for party in ONE.parties)
    again = ONE.model_copy(update={"parties": parties, "text": "x", "suggestions": ()})
    assert compared(HELD, OPEN, {**OPEN, "C-1": again}, 12).waivers == HELD.waivers


@pytest.mark.parametrize(
    "changed",
    [
        {"causes": (("api", "cli"),)},
        {"severity": Severity.LOW},
        {"subject": "pandas"},
        {"parties": tuple(party.model_copy(update={"constraint": ">=9"}) for party in ONE.parties)},
        {"parties": tuple(party.model_copy(update={"reference": "./x"}) for party in ONE.parties)},
        {"parties": ONE.parties[:1]},
    ],
)
def test_a_waiver_falls_when_other_declarations_clash_than_were_waived(changed: dict[str, object]) -> None:
    assert compared(HELD, OPEN, {**OPEN, "C-1": ONE.model_copy(update=changed)}, 12).waivers == {}


def test_a_waiver_of_what_is_gone_falls() -> None:
    assert compared(HELD, OPEN, {"C-2": TWO}, 12).waivers == {}
    assert compared(HELD, {"C-2": TWO}, OPEN, 12).waivers == {}, "an id that was not open is another conflict"


def test_the_number_of_a_resolution_is_in_its_id() -> None:
    assert number("R-17") == 17


def test_a_resolution_goes_through_the_table_and_no_stage_is_a_dead_end() -> None:
    assert set(FOLLOWS) == set(Stage)
    assert {event for row in FOLLOWS.values() for event in row} == set(get_args(ResolutionEvent))
    for stage in Stage:
        reached, new = set[Stage](), {stage}
        while new:
            reached |= new
            new = {to for origin in new for to in FOLLOWS[origin].values()} - reached
        assert reached == set(Stage), f"from {stage} everything can come, the end too"


EXAMPLES: dict[type[ResolutionEvent], ResolutionEvent] = {
    ResolutionRequested: ASKED,
    ResolutionProposed: PROPOSED,
    ResolutionAnswered: ANSWERED,
    ResolutionApplied: WAIVED,
    ResolutionRefused: REFUSED,
    ResolutionFailed: FAILED,
    WaiverExpired: EXPIRED,
}
BEFORE: dict[Stage, tuple[ResolutionEvent, ...]] = {
    Stage.NONE: (),
    Stage.REQUESTED: (ASKED,),
    Stage.PROPOSED: (ASKED, PROPOSED),
    Stage.APPLIED: (WAIVE, WAIVED),
}


@pytest.mark.parametrize(("stage", "event"), [(stage, event) for stage, row in FOLLOWS.items() for event in row])
def test_the_fold_goes_where_the_table_says(stage: Stage, event: type[ResolutionEvent]) -> None:
    found = told(*BEFORE[stage], EXAMPLES[event])
    names = [Stage[each.stage.upper()] for each in found.attempts.values()]
    names += [Stage.APPLIED for _ in found.waivers]
    assert (names or [Stage.NONE]) == [FOLLOWS[stage][event]]


def test_the_diagram_in_the_documentation_is_the_one_of_the_table() -> None:
    arrows = re.findall(r"^ +(\S+) --> (\S+): (\S+)$", diagram(), re.MULTILINE)
    assert arrows == [(a.value, b.value, event.KIND) for a, row in FOLLOWS.items() for event, b in row.items()]
    for page in ("lifecycle.md", "resolution.md"):
        assert f"```mermaid\n{diagram()}```" in (ROOT / "docs" / page).read_text()
