"""The hook's first look: it says yes only to what is clearly free, and knows when it does not know."""

import json
from pathlib import Path

import pytest

from psmp.cli import glimpse
from psmp.rules.lifecycle import STOPPED
from psmp.wire import brief
from psmp.words import spelling, subjects
from psmp.words.ids import SYSTEM
from psmp.words.values import Phase

ASKS = {"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": "/x"}}


def given(monkeypatch: pytest.MonkeyPatch, said: object) -> None:
    monkeypatch.setattr(glimpse, "said", lambda: json.dumps(said).encode())


def answering(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[tuple[str, str, str]]:
    """What would be asked, with an answer in its place: of the socket itself an integration test tells."""
    asked = []

    def take(url: str, subject: str, inbox: str, *_: object) -> bytes | None:
        asked.append((url, subject, inbox))
        return None if answer is None else json.dumps(answer).encode()

    monkeypatch.setattr(brief, "asked", take)
    return asked


def status(state: str, project: str = "rag", tenant: str = "default") -> dict[str, str]:
    return {"tenant": tenant, "project": project, "state": state}


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "psmp.toml").write_text('project = "rag"\nagent = "bob"\n')
    return {"CLAUDE_PROJECT_DIR": str(tmp_path), "PSMP_URL": "nats://127.0.0.1:4222", "XDG_STATE_HOME": str(tmp_path)}


def test_it_knows_every_state_in_which_work_may_go_on() -> None:
    assert {Phase(each) for each in glimpse.FREE} == set(Phase) - STOPPED
    assert (subjects.question, subjects.inbox, subjects.is_id) == (spelling.question, spelling.inbox, spelling.is_id)
    assert SYSTEM.tenant == spelling.SYSTEM_TENANT


@pytest.mark.parametrize("state", [each.value for each in Phase])
def test_a_free_project_is_a_yes_and_a_blocked_one_is_left_to_the_hook(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str], state: str
) -> None:
    given(monkeypatch, ASKS)
    asked = answering(monkeypatch, status(state))
    assert glimpse.is_free([], place) is (state in glimpse.FREE)
    assert asked == [("nats://127.0.0.1:4222", "psmp.qry.default.bob.status", "_INBOX.bob")]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"code": "UNKNOWN_PROJECT", "reason": "no", "hint": ""},
        {"state": "PLANNING"},
        status("PLANNING", project="other"),
        status("PLANNING", tenant="other"),
        status("planning"),
        {**status("PLANNING"), "state": None},
        {**status("PLANNING"), "state": ["PLANNING"]},
    ],
)
def test_an_answer_that_is_no_clear_yes_is_left_to_the_hook(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str], answer: object
) -> None:
    given(monkeypatch, ASKS)
    answering(monkeypatch, answer)
    assert not glimpse.is_free([], place)


@pytest.mark.parametrize("said", [[], {}, 3, {"hook_event_name": 3}, {**ASKS, "tool_input": "x"}])
def test_json_that_is_no_hooks_is_left_to_the_hook(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str], said: object
) -> None:
    given(monkeypatch, said)
    asked = answering(monkeypatch, status("PLANNING"))
    assert not glimpse.is_free([], place)
    assert asked == []


def test_other_events_and_ways_out_need_no_question(monkeypatch: pytest.MonkeyPatch, place: dict[str, str]) -> None:
    asked = answering(monkeypatch, None)
    for said in (
        {"hook_event_name": "Stop"},
        {**ASKS, "tool_name": "Bash", "tool_input": {"command": "psmp status rag"}},
    ):
        given(monkeypatch, said)
        assert glimpse.is_free([], place)
    assert asked == []


@pytest.mark.parametrize(
    "words",
    [
        ["--nonsense"],
        ["--help"],
        ["--project"],
        ["--project", "rag", "more"],
        ["--unreachable", "perhaps"],
        ["--timeout", "soon"],
        ["--project", "not an id"],
        ["--tenant", "psmp"],
        ["--agent", "b o b"],
    ],
)
def test_flags_that_it_does_not_read_are_left_to_the_hook(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str], words: list[str]
) -> None:
    given(monkeypatch, ASKS)
    answering(monkeypatch, status("PLANNING"))
    assert not glimpse.is_free(words, place)


def test_flags_come_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str]
) -> None:
    given(monkeypatch, ASKS)
    asked = answering(monkeypatch, status("PLANNING", "web", "acme"))
    flags = ["--project=web", "--tenant", "acme", "--agent", "eve", "--url", "tls://h", "--timeout", "1"]
    assert glimpse.is_free([*flags, "--unreachable", "block"], {**place, "PSMP_PROJECT": "env", "PSMP_AGENT": "env"})
    assert asked == [("tls://h", "psmp.qry.acme.eve.status", "_INBOX.eve")]
    assert glimpse.is_free([], {**place, "PSMP_PROJECT": "web", "PSMP_TENANT": "acme"})


@pytest.mark.parametrize(
    "otherwise",
    [
        {"PSMP_CREDENTIALS": "/creds"},
        {"PSMP_KEY": "psmp_1_2"},
        {"PSMP_URL": ""},
        {"CLAUDE_PROJECT_DIR": "/nowhere/at/all"},
    ],
)
def test_another_login_no_address_and_no_folder_are_left_to_the_hook(
    monkeypatch: pytest.MonkeyPatch, place: dict[str, str], otherwise: dict[str, str]
) -> None:
    given(monkeypatch, ASKS)
    answering(monkeypatch, status("PLANNING"))
    assert not glimpse.is_free([], {**place, **otherwise})


def test_a_file_that_cannot_be_read_is_left_to_the_hook(monkeypatch: pytest.MonkeyPatch, place: dict[str, str]) -> None:
    (Path(place["CLAUDE_PROJECT_DIR"]) / "psmp.toml").write_text("project = 3\n")
    given(monkeypatch, ASKS)
    answering(monkeypatch, status("PLANNING"))
    assert not glimpse.is_free([], place)
