"""What comes back reads well and says exactly what was decided."""

import pytest

from psmp.client import refusals
from psmp.client.errors import (
    Closed,
    DeadlinePassed,
    NotAcknowledged,
    NotAllowed,
    Order,
    Refusal,
    Unreachable,
    VerdictPending,
    sentence,
)
from psmp.client.refusals import ERRORS, ProjectBlocked, refused
from psmp.client.results import Settled, Verdict
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, open_event, seal_event
from psmp.words.events import (
    ArtifactAccepted,
    CommandRefused,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectStalled,
)
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code, Gs
from psmp.words.values import Conflict, Party, Phase, Severity, Suggestion

KEY = ProjectKey("default", "rag")
ID = uuid7(1, bytes(10))
ORDER = Order(ID, KEY, "coder", "artifact.declare", "psmp.cmd.default.rag.coder.artifact.declare", b"{}")
CLASH = Conflict(
    id="C-1",
    kind="version",
    ecosystem="pypi",
    subject="pandas",
    scope="runtime",
    severity=Severity.CRITICAL,
    environments=("3.11-linux",),
    causes=(("a", "b"),),
    parties=tuple(
        Party(artifact=name, version=1, agent=name, constraint=constraint, sequence=1)
        for name, constraint in (("a", "<2"), ("b", ">=2"))
    ),
    text="Because a requires pandas<2 and b requires pandas>=2, nothing satisfies both.",
    suggestions=(Suggestion(n=1, changes=(), text="b: pandas<2"), Suggestion(n=2, changes=(), text="a: pandas>=2")),
)


def settled(event: Event, kind: type[Settled] = Settled) -> Settled:
    raw = seal_event(
        KEY, event, Link(3, GENESIS), Provenance("/psmp/test", "coder", ID, ID), Stamp(ID, "2026-08-01T12:00:00Z")
    )
    return kind(7, open_event(raw), raw, ID)


def verdict(event: Event) -> Verdict:
    given = settled(event, Verdict)
    assert isinstance(given, Verdict)
    return given


def test_an_acceptance_is_a_verdict_that_stands() -> None:
    found = verdict(ArtifactAccepted(artifact="a", version=1))
    assert (found.accepted, found.conflicts, found.cleared, found.sequence) == (True, (), (), 3)
    assert found.text == "a version 1 is accepted: it stands together with every other declaration."


def test_a_conflict_is_a_verdict_with_its_proof_and_numbered_ways_out() -> None:
    found = verdict(ConflictDetected(artifact="b", version=1, conflicts=(CLASH,), cleared=("C-9",)))
    assert (found.accepted, found.conflicts, found.cleared) == (False, (CLASH,), ("C-9",))
    assert found.text.splitlines() == [f"C-1: {CLASH.text}", "  1. b: pandas<2", "  2. a: pandas>=2"]


def test_who_is_no_party_to_a_conflict_that_its_change_altered_is_accepted() -> None:
    found = verdict(ConflictDetected(artifact="c", version=2, conflicts=(CLASH,)))
    assert (found.accepted, found.conflicts) == (True, (CLASH,))


def test_a_clearing_is_an_acceptance_too() -> None:
    found = verdict(ConflictCleared(artifact="b", version=2, cleared=("C-1",)))
    assert (found.accepted, found.cleared) == (True, ("C-1",))
    assert found.text == "b version 2 is accepted; C-1 cleared."


def test_every_code_has_one_error_of_its_own() -> None:
    assert set(ERRORS) == {*Code, *Gs}
    own = {each for each in vars(refusals).values() if isinstance(each, type) and issubclass(each, Refusal)} - {Refusal}
    assert set(ERRORS.values()) == own
    assert len(own) == len(Code) + len(Gs)


def test_a_refusal_says_what_is_the_matter_and_what_to_do_next() -> None:
    event = CommandRefused(
        command="slot.request",
        code=Code.PROJECT_BLOCKED,
        reason="blocked by C-1",
        hint="amend b",
        conflicts=("C-1",),
    )
    recorded = settled(event)
    error = refused(event, recorded)
    assert isinstance(error, ProjectBlocked)
    assert str(error) == "blocked by C-1. Next: amend b."
    assert (error.code, error.conflicts, error.settled) == ("PROJECT_BLOCKED", ("C-1",), recorded)


@pytest.mark.parametrize(
    ("reason", "hint", "text"),
    [
        ("no", "", "no."),
        ("no.", "yes!", "no. Next: yes!"),
        ("first\nsecond", "do this", "first\nsecond.\nNext: do this."),
        ("", "", ""),
    ],
)
def test_sentences_end_once_and_with_what_to_do(reason: str, hint: str, text: str) -> None:
    assert sentence(reason, hint) == text


def test_an_unsettled_command_says_what_is_known_and_how_to_ask_again() -> None:
    lost, stored = NotAcknowledged(ORDER, 5, "not connected"), VerdictPending(ORDER, 5, 12)
    assert (lost.command_id, stored.command_id, stored.position) == (ID, ID, 12)
    assert f"command_id='{ID}'" in str(lost)
    assert "is not known to be stored after 5 s: not connected" in str(lost)
    assert str(stored).startswith(
        "artifact.declare for default/rag is stored, but has no outcome after 5 s. Next: it is not"
    )


def test_errors_can_be_caught_as_what_python_calls_them() -> None:
    assert issubclass(DeadlinePassed, TimeoutError)
    assert isinstance(NotAllowed("no"), PermissionError)
    assert isinstance(Unreachable("no", "see"), ConnectionError)
    assert str(Unreachable("no", "see")) == "no. Next: see."
    assert str(Closed()) == "the client is closed. Next: open another one with connect()."


def test_an_event_of_another_kind_is_named() -> None:
    assert verdict(ProjectStalled(phase=Phase.PLANNING, since="x")).text == "project.stalled"
