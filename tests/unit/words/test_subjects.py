"""Every subject is made and read by one contract, and nothing outside its grammar is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.words import subjects
from psmp.words.commands import COMMANDS, Command
from psmp.words.events import EVENTS, Event
from psmp.words.ids import ProjectKey
from psmp.words.subjects import LetterSubject

KEY = ProjectKey("acme", "rag-chatbot")
TOKEN = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")


def test_the_subject_contract() -> None:
    assert subjects.command(KEY, "ada", "artifact.declare") == "psmp.cmd.acme.rag-chatbot.ada.artifact.declare"
    assert subjects.log(KEY, "artifact.declared") == "psmp.log.acme.rag-chatbot.artifact.declared"
    assert subjects.log_of(KEY) == "psmp.log.acme.rag-chatbot.>"
    assert subjects.live(KEY) == "psmp.evt.acme.rag-chatbot.>"
    assert subjects.live(KEY, "conflict.*") == "psmp.evt.acme.rag-chatbot.conflict.*"
    assert subjects.outcome(KEY, "ada", "7") == "psmp.out.acme.ada.rag-chatbot.7"
    assert subjects.task(KEY, "ada") == "psmp.task.acme.rag-chatbot.ada"
    assert subjects.dispatch(KEY, "ada") == "psmp.dispatch.acme.rag-chatbot.ada"
    assert subjects.commands_of("acme", "ada") == "psmp.cmd.acme.*.ada.>"
    assert subjects.key("acme", "maria", "rag-chatbot") == "psmp.key.acme.maria.rag-chatbot"
    assert subjects.key("acme", "maria") == "psmp.key.acme.maria._"
    assert subjects.outcomes("acme", "ada") == "psmp.out.acme.ada.>"
    assert subjects.heartbeat(KEY, "ada") == "psmp.hb.acme.rag-chatbot.ada"
    assert subjects.question("acme", "ada", "status") == "psmp.qry.acme.ada.status"
    assert subjects.snapshot("intake", KEY) == "psmp.snap.intake.acme.rag-chatbot"
    assert subjects.dead_letter("intake", "intake", 7, KEY) == "psmp.dlq.intake.acme.rag-chatbot.intake.7"
    assert subjects.dead_letter("checker", "solver", 7) == "psmp.dlq.checker._._.solver.7"
    assert subjects.turn("checker", KEY) == "psmp.turn.checker.acme.rag-chatbot"
    assert subjects.progress(KEY) == "psmp.live.acme.rag-chatbot.compatibility.progressed"
    assert subjects.read_progress(subjects.progress(KEY)) == KEY
    assert subjects.inbox("ada") == "_INBOX.ada"


@given(TOKEN, TOKEN, TOKEN, st.sampled_from(COMMANDS))
def test_a_command_subject_is_read_as_it_was_made(
    tenant: str, project: str, agent: str, command: type[Command]
) -> None:
    key = ProjectKey(tenant, project)
    made = subjects.command(key, agent, command.KIND)
    assert subjects.read_command(made) == subjects.CommandSubject(key, agent, command.KIND)


@given(TOKEN, TOKEN, st.sampled_from(EVENTS))
def test_an_event_subject_is_read_as_it_was_made(tenant: str, project: str, event: type[Event]) -> None:
    key = ProjectKey(tenant, project)
    assert subjects.read_log(subjects.log(key, event.KIND)) == (key, event.KIND)
    assert subjects.read_log(subjects.live(key, event.KIND)) == (key, event.KIND)


@given(TOKEN, TOKEN, TOKEN)
def test_a_heartbeat_subject_is_read_as_it_was_made(tenant: str, project: str, agent: str) -> None:
    key = ProjectKey(tenant, project)
    assert subjects.read_heartbeat(subjects.heartbeat(key, agent)) == (key, agent)


@given(TOKEN, TOKEN, st.integers(min_value=1))
def test_the_subject_of_a_dead_letter_is_read_as_it_was_made(tenant: str, project: str, position: int) -> None:
    for key in (ProjectKey(tenant, project), None):
        made = subjects.dead_letter("checker", "solver", position, key)
        assert subjects.read_dead_letter(made) == subjects.LetterSubject("checker", key, "solver", position)


def test_a_dead_letter_of_an_older_version_is_read_too() -> None:
    assert subjects.read_dead_letter("psmp.dlq.intake.acme.rag") == LetterSubject(
        "intake", ProjectKey("acme", "rag"), "", 0
    )
    assert subjects.read_dead_letter("psmp.dlq.intake") == LetterSubject("intake", None, "", 0)
    assert subjects.read_dead_letter("psmp.dlq.intake.acme.rag.intake.x") is None
    assert subjects.read_dead_letter("psmp.log.intake") is None


@pytest.mark.parametrize(
    "subject",
    [
        "psmp.cmd.acme.rag.ada",
        "psmp.cmd.acme.rag.ada.artifact",
        "psmp.cmd.acme.rag.ada.artifact.declare.now",
        "psmp.cmd.acme.rag.ada.Artifact.declare",
        "psmp.cmd.acme.rag.ada.artifact.*",
        "psmp.cmd.acme.rag.ada.artifact.>",
        "psmp.cmd.acme.*.ada.artifact.declare",
        "psmp.cmd..rag.ada.artifact.declare",
        "psmp.cmd.acme.rag.a da.artifact.declare",
        "psmp.cmd.acme.rag.ада.artifact.declare",
        "psmp.cmd.acme.rag.ada.artifact.declare\n",
        "psmp.log.acme.rag.ada.artifact.declare",
        "gov.cmd.acme.rag.ada.artifact.declare",
        "",
    ],
)
def test_what_is_no_command_subject_is_not_read(subject: str) -> None:
    assert subjects.read_command(subject) is None


@pytest.mark.parametrize("subject", ["psmp.hb.acme.rag", "psmp.hb.acme.rag.ada.x", "psmp.hb.acme.*.ada", "a.b.c.d.e"])
def test_what_is_no_heartbeat_subject_is_not_read(subject: str) -> None:
    assert subjects.read_heartbeat(subject) is None


def test_no_subject_of_one_tenant_is_covered_by_the_filters_of_another() -> None:
    other = ProjectKey("acme2", "rag-chatbot")
    assert not subjects.log(other, "slot.granted").startswith(subjects.log_of(KEY).removesuffix(">"))
    assert not subjects.outcome(other, "ada", "7").startswith(subjects.outcomes("acme", "ada").removesuffix(">"))
