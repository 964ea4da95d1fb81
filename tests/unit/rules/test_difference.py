"""What changed between two states: laws over every pair of states of a whole life, and what is said of each thing."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.difference import differences
from psmp.rules.status import describe
from psmp.words.answers import Status
from psmp.words.differences import Difference, Field
from psmp.words.events import ArtifactWithdrawn, Event
from psmp.words.values import Phase
from tests.histories import KEY, LAST, History, amended, conflict, created, declared, detected, lifetime, moved


def statuses() -> list[Status]:
    """The project after each event of its life."""
    view, found = View(KEY, PROJECT_FOLD), []
    for record in lifetime().records:
        view.advance(record)
        assert view.state is not None
        found.append(describe(KEY, view.state))
    return found


LIFE = statuses()
STATES = st.sampled_from(LIFE)


def told(status: Status) -> object:
    """What a difference is about: the status but for where it stands in the log, and what was withdrawn."""
    said = status.model_dump(mode="json", exclude={"sequence", "time", "told", "since", "created", "transitive"})
    said["artifacts"] = {
        each["artifact"]: {name: value for name, value in each.items() if name not in {"sequence", "time"}}
        for each in said["artifacts"]
        if each["status"] != "ARCHIVED"
    }
    return said


@given(STATES)
def test_nothing_differs_from_itself(state: Status) -> None:
    assert differences(state, state).differences == ()


def spelled(found: Difference, *, backward: bool = False) -> str:
    """A difference as one text; ``backward`` as it would be the other way round."""
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    fields = {each.name: [each.after, each.before] if backward else [each.before, each.after] for each in found.fields}
    became = turned[found.became] if backward else found.became
    return json.dumps([found.what, found.name, became, fields], sort_keys=True)


@given(STATES, STATES)
def test_what_came_one_way_goes_the_other(before: Status, after: Status) -> None:
    there, back = differences(before, after), differences(after, before)
    assert (there.at, there.to) == (back.to, back.at)
    assert {spelled(each) for each in there.differences} == {spelled(each, backward=True) for each in back.differences}


@given(STATES, STATES)
def test_states_that_say_the_same_do_not_differ_and_others_do(before: Status, after: Status) -> None:
    found = differences(before, after).differences
    verdicts = {(each.transitive.verdict, each.transitive.reasons) for each in (before, after)}
    assert bool(found) == (told(before) != told(after) or len(verdicts) > 1)


def test_every_thing_that_a_project_has_comes_and_goes() -> None:
    seen = {(each.what, each.became) for pair in pairwise(LIFE) for each in differences(*pair).differences}
    things = ("artifact", "conflict", "slot", "waiting", "resolution", "waiver", "alert")
    assert {(what, became) for what in things for became in ("added", "removed")} <= seen
    assert ("project", "changed") in seen


def between(*events: Event, since: int) -> list[Difference]:
    """What changed by the events behind number ``since``."""
    history, view, found = History(), View(KEY, PROJECT_FOLD), []
    for event in events:
        view.advance(history.add(event))
        assert view.state is not None
        found.append(describe(KEY, view.state))
    return list(differences(found[since - 1], found[-1]).differences)


BEGUN = (created(), moved(Phase.INITIALIZED, Phase.PLANNING), declared("api", 2))


def test_of_lists_what_is_gone_and_what_has_come_is_said() -> None:
    (found,) = between(*BEGUN, amended("api", 1, 2), since=3)
    assert (found.what, found.name, found.became) == ("artifact", "api", "changed")
    fields = {each.name: each for each in found.fields}
    assert set(fields) == {"version", "summary", "dependencies", "paths", "metadata"}
    assert fields["version"] == Field(name="version", before=1, after=2)
    assert [each["name"] for each in fields["dependencies"].before] == ["Package_1"]
    assert fields["dependencies"].after == []
    assert fields["summary"] == Field(name="summary", before="what api does", after=None)


def test_what_was_withdrawn_is_gone_and_tells_what_it_was() -> None:
    (found,) = between(*BEGUN, ArtifactWithdrawn(artifact="api", version=1, reason="no"), since=3)
    assert (found.became, {each.after is None or each.after == [] for each in found.fields}) == ("removed", {True})
    assert (
        between(*BEGUN, ArtifactWithdrawn(artifact="api", version=1, reason="no"), declared("api"), since=4)[-1]
        == (between(*BEGUN, since=2)[-1])
    )


def test_a_conflict_opens_with_its_text_and_blocks() -> None:
    project, *_, opened = between(*BEGUN, detected("api", conflict(1, "api")), since=3)
    assert project.fields == (Field(name="state", before="PLANNING", after="BLOCKED"),)
    assert (opened.what, opened.name, opened.became) == ("conflict", "C-1", "added")
    assert "they cannot stand together" in str(opened.fields)


@pytest.mark.parametrize(("field", "value"), [("strict_mode", False), ("lease_seconds", 7), ("resolvers", ("eve",))])
def test_a_policy_that_is_otherwise_is_told_field_by_field(field: str, value: object) -> None:
    changed = LIFE[0].policy.model_copy(update={field: value})
    (found,) = differences(LIFE[0], LIFE[0].model_copy(update={"policy": changed})).differences
    assert (found.what, [each.name for each in found.fields]) == ("policy", [field])


def test_positions_are_told() -> None:
    found = differences(LIFE[2], LIFE[-1])
    assert (found.at.sequence, found.to.sequence) == (3, LAST)
