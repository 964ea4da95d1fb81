"""Which record settled which command: what makes sending a command twice the same as sending it once."""

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.view import Answers, View
from psmp.words.envelope import Link, Provenance, Stamp, open_event, seal_event
from psmp.words.events import (
    ArtifactAccepted,
    ArtifactWithdrawn,
    CommandRefused,
    ConflictCleared,
    Event,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    SlotExpired,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRequested,
)
from psmp.words.ids import uuid7
from psmp.words.refusals import Code
from psmp.words.values import Change, Phase
from tests.golden import story
from tests.histories import KEY, amended, conflict, created, declared, detected, moved

COMMAND, OTHER = uuid7(1, bytes(10)), uuid7(2, bytes(10))
OWN = uuid7(3, bytes(10))


def note(answers: Answers, position: int, event: Event, *, service: str = "intake", command: str = COMMAND) -> None:
    provenance = Provenance(f"/psmp/{service}", "ada", command, command)
    body = seal_event(KEY, event, Link(1, "0" * 64), provenance, Stamp(OWN, "2026-11-21T10:00:00Z"))
    answers.note(Record(position, KEY, event.KIND, body), open_event(body))


def test_a_command_that_was_never_seen_is_not_found() -> None:
    answers = Answers()
    note(answers, 7, created(), command=OTHER)
    assert answers.find(COMMAND) is None
    assert answers.find(OTHER) == 7


@pytest.mark.parametrize(
    "event",
    [
        created(),
        moved(Phase.INITIALIZED, Phase.PLANNING),
        ArtifactWithdrawn(artifact="api", version=1, reason="no"),
        SlotGranted(agent="ada", lease_seconds=1),
        CommandRefused(command="slot.request", code=Code.SLOT_HELD, reason="held"),
    ],
)
def test_what_intake_says_settles_a_command(event: Event) -> None:
    answers = Answers()
    note(answers, 7, event)
    assert answers.find(COMMAND) == 7


@pytest.mark.parametrize("declaration", [declared("api"), amended("api", 1, 2)])
@pytest.mark.parametrize(
    "verdict",
    [
        ArtifactAccepted(artifact="api", version=1),
        detected("api", conflict(1, "api")),
        ConflictCleared(artifact="api", version=1, cleared=("C-1",)),
    ],
)
def test_a_declaration_is_settled_by_its_verdict_and_pending_until_then(declaration: Event, verdict: Event) -> None:
    answers = Answers()
    note(answers, 7, declaration)
    assert answers.find(COMMAND) == -7
    note(answers, 9, verdict, service="checker")
    assert answers.find(COMMAND) == 9


def test_what_follows_from_a_command_later_does_not_settle_it_again() -> None:
    answers = Answers()
    note(answers, 7, declared("api"))
    note(answers, 8, detected("api", conflict(1, "api")), service="checker")
    note(answers, 9, moved(Phase.PLANNING, Phase.BLOCKED), service="keeper")
    note(answers, 10, SlotExpired(agent="ada", last_seen="2026-11-21T10:00:00Z"), service="watchdog")
    assert answers.find(COMMAND) == 8


def test_a_withdrawal_is_settled_by_itself_not_by_what_it_clears() -> None:
    answers = Answers()
    note(answers, 7, ArtifactWithdrawn(artifact="api", version=1, reason="no"))
    note(answers, 8, ConflictCleared(artifact="api", version=1, cleared=("C-1",)), service="checker")
    assert answers.find(COMMAND) == 7


WAITS = SlotRequested(agent="ada", wait_seconds=60)
GRANTED = SlotGranted(agent="ada", lease_seconds=1, request=COMMAND)
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="retry", reason="go")
CHANGE = Change(artifact="api", agent="ada", name="numpy", constraint="")


@pytest.mark.parametrize(
    ("service", "end"),
    [
        ("keeper", GRANTED),
        ("keeper", SlotRefused(agent="ada", request=COMMAND, reason="archived")),
        ("watchdog", SlotRefused(agent="ada", request=COMMAND, reason="too long")),
    ],
)
def test_who_waits_is_answered_when_the_waiting_ends(service: str, end: Event) -> None:
    answers = Answers()
    note(answers, 7, WAITS)
    assert answers.find(COMMAND) == -7
    note(answers, 9, end, service=service)
    assert answers.find(COMMAND) == 9


def test_who_leaves_the_queue_has_both_its_commands_settled_at_once() -> None:
    answers = Answers()
    note(answers, 7, WAITS)
    note(answers, 9, SlotLeft(agent="ada", request=COMMAND), command=OTHER)
    assert (answers.find(COMMAND), answers.find(OTHER)) == (9, 9)


def test_who_was_granted_a_slot_already_is_not_answered_anew_by_leaving() -> None:
    answers = Answers()
    note(answers, 7, WAITS)
    note(answers, 8, GRANTED, service="keeper")
    note(answers, 9, SlotLeft(agent="ada", request=COMMAND), command=OTHER)
    assert (answers.find(COMMAND), answers.find(OTHER)) == (8, 9)


@pytest.mark.parametrize(
    "end",
    [
        ResolutionApplied(resolution="R-1", conflict="C-1", strategy="retry", reason="go"),
        ResolutionFailed(resolution="R-1", conflict="C-1", reason="no"),
        ResolutionRefused(resolution="R-1", conflict="C-1", reason="no"),
    ],
)
def test_a_resolution_is_settled_by_how_it_ends_and_pending_until_then(end: Event) -> None:
    answers = Answers()
    note(answers, 7, ASKED)
    note(answers, 8, proposed(), service="resolver")
    note(answers, 9, ResolutionAnswered(resolution="R-1", agent="ada", answer="yes"), command=OTHER)
    assert (answers.find(COMMAND), answers.find(OTHER)) == (-7, 9)
    note(answers, 10, end, service="resolver")
    note(answers, 11, moved(Phase.BLOCKED, Phase.RESOLVING), service="keeper")
    assert answers.find(COMMAND) == 10


def proposed() -> ResolutionProposed:
    return ResolutionProposed(
        resolution="R-1", conflict="C-1", changes=(CHANGE,), agents=("ada",), seconds=60, text="api"
    )


def test_a_declaration_is_not_settled_again_by_a_resolution_that_followed_from_it() -> None:
    answers = Answers()
    note(answers, 7, declared("api"))
    note(answers, 8, detected("api", conflict(1, "api")), service="checker")
    note(answers, 9, ASKED, service="resolver")
    note(answers, 10, ResolutionFailed(resolution="R-1", conflict="C-1", reason="no"), service="resolver")
    assert answers.find(COMMAND) == 8


def test_what_was_written_down_is_read_back() -> None:
    answers = Answers()
    note(answers, 7, declared("api"))
    note(answers, 8, created(), command=OTHER)
    again = Answers.load(answers.dump())
    assert (again.find(COMMAND), again.find(OTHER), again.find(OWN)) == (-7, 8, None)
    assert Answers.load({}).dump() == {}


def test_every_command_of_the_story_is_settled() -> None:
    view = View(story.KEY, PROJECT_FOLD)
    asked: dict[str, int] = {}
    for record in story.log():
        envelope = view.advance(record)
        if envelope.source == "/psmp/intake":
            asked[envelope.correlationid] = record.position
    found = {command: view.answers.find(command) for command in asked}
    judged = {record.position: record.kind for record in story.log()}
    assert None not in found.values()
    assert {judged[position] for position in found.values() if position} == {
        "project.created",
        "project.transitioned",
        "slot.granted",
        "slot.finished",
        "artifact.accepted",
        "artifact.withdrawn",
        "conflict.detected",
        "conflict.cleared",
        "command.refused",
    }
