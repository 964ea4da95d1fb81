"""Who may erase, and that what is folded does not depend on whether it can still be opened."""

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.personal.sealing import opened
from psmp.rules.status import describe
from psmp.words.commands import EraseSubject
from psmp.words.events import SubjectErased
from psmp.words.ids import OPERATOR
from psmp.words.refusals import Code, Refused
from psmp_intake.rules import decide
from tests.golden import erased, story
from tests.histories import History

ERASE = EraseSubject(tenant="default", subject="maria", reason="request 17", approver="privacy-office")


def founded_by(creator: str) -> View[object]:
    history = History()
    history.add(erased.STEPS[0].event, actor=creator)
    view = View(history.key, PROJECT_FOLD)
    for record in history.records:
        view.advance(record)
    return view  # type: ignore[return-value]


def test_the_operator_alone_erases_and_in_our_own_project_alone() -> None:
    ours, theirs = founded_by("psmp_watchdog").state, founded_by(OPERATOR).state
    event = decide(ours, OPERATOR, ERASE)  # type: ignore[arg-type]
    assert event == SubjectErased(
        tenant="default", subject="maria", keys=(), reason="request 17", approver="privacy-office"
    )
    for project, agent in ((ours, "maria"), (theirs, OPERATOR), (theirs, "maria")):
        refused = decide(project, agent, ERASE)  # type: ignore[arg-type]
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
