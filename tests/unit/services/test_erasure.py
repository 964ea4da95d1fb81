"""Who may erase, and that what is folded does not depend on whether it can still be opened."""

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.personal.sealing import opened
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.words.commands import EraseSubject, PlaceHold, ReleaseHold, SetRetention
from psmp.words.events import Event, HoldPlaced, HoldReleased, RetentionChanged, SubjectErased
from psmp.words.ids import OPERATOR
from psmp.words.refusals import Code, Refused
from psmp_intake.rules import decide
from psmp_intake.rules.keeping import Wish
from tests.golden import erased, story
from tests.histories import History

ERASE = EraseSubject(tenant="default", subject="maria", reason="request 17", approver="privacy-office")


def founded_by(creator: str) -> Project | None:
    history = History()
    history.add(erased.STEPS[0].event, actor=creator)
    view = View(history.key, PROJECT_FOLD)
    for record in history.records:
        view.advance(record)
    return view.state


WISHES: list[tuple[Wish, Event]] = [
    (
        ERASE,
        SubjectErased(tenant="default", subject="maria", keys=(), reason="request 17", approver="privacy-office"),
    ),
    (PlaceHold(tenant="psmp", project="system", reason="case 4"), HoldPlaced(reason="case 4")),
    (ReleaseHold(tenant="psmp", project="system", reason="closed"), HoldReleased(reason="closed")),
    (SetRetention(tenant="default", days=9, reason="p"), RetentionChanged(tenant="default", days=9, reason="p")),
    (SetRetention(tenant="default", reason="p"), RetentionChanged(tenant="default", reason="p")),
]


@pytest.mark.parametrize(("wish", "event"), WISHES)
def test_the_operator_alone_is_heard_and_in_our_own_project_alone(wish: Wish, event: Event) -> None:
    ours, theirs = founded_by("psmp_watchdog"), founded_by(OPERATOR)
    assert decide(ours, OPERATOR, wish) == event
    for project, agent in ((ours, "maria"), (theirs, OPERATOR), (theirs, "maria")):
        refused = decide(project, agent, wish)
        assert isinstance(refused, Refused)
        assert refused.code is Code.NOT_ALLOWED


def test_a_project_is_folded_from_sealed_texts_and_is_the_same_before_and_after_an_erasure() -> None:
    view = View(erased.KEY, PROJECT_FOLD)
    for record in story.fourth():
        view.advance(record)
        assert not [text for text in erased.SAID if text.encode() in record.body]
    assert view.state is not None
    status = describe(erased.KEY, view.state).model_dump_json()
    assert not [text for text in erased.SAID if text in status]
    first = {(erased.KEY.project, "maria", erased.FIRST.id): erased.FIRST.secret}
    assert erased.SAID[2] in opened("default", status, first)
    assert "maria asks for a person: [erased]" in opened("default", status, {})
