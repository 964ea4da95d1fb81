"""What a hook lets through: PSMP's own ways out, and everything while the project is free."""

from typing import Any

import pytest

from psmp.cli import guarding
from psmp.cli.guarding import Call
from psmp.rules.status import describe
from psmp.words.events import Event
from psmp.words.values import Phase
from tests.histories import KEY, conflict, created, declared, detected, moved
from tests.unit.rules.folding import told


def bash(command: object) -> Call:
    return Call("PreToolUse", "Bash", {"command": command})


@pytest.mark.parametrize(
    "command", ["psmp status rag", "psmp resolve rag C-1 --accept-suggestion 1", "psmp amend rag --dep 'pandas>=2'"]
)
def test_psmps_own_commands_are_a_way_out_as_long_as_they_do_nothing_else(command: str) -> None:
    assert guarding.is_way_out(bash(command))


@pytest.mark.parametrize(
    "command",
    [
        "ls",
        "psmp run -- make",
        "psmp status; rm -rf x",
        "psmp status && make",
        "psmp status | tee x",
        "psmp status > x",
        "psmp amend rag --set pandas>=2",
        "psmp 'status'>x",
        "psmp status&",
        "(psmp status)",
        'psmp status "$(make)"',
        "psmp status 'a\\' ; make '",
        "./psmp status",
        "psmp $(make)",
        "psmp `make`",
        "psmp status\nmake",
        "FOO=1 psmp status",
        "psmpx status",
        "psmp 'open",
        "",
        None,
    ],
)
def test_no_other_command_is_a_way_out(command: object) -> None:
    assert not guarding.is_way_out(bash(command))


def test_psmp_is_known_by_its_own_place_too_and_by_no_other() -> None:
    own = ("psmp", "/opt/bin/psmp")
    assert guarding.is_way_out(bash("/opt/bin/psmp status"), own)
    assert not guarding.is_way_out(bash("/srv/psmp status"), own)


def test_the_tools_of_psmps_server_are_a_way_out_and_no_others() -> None:
    assert guarding.is_way_out(Call("PreToolUse", "mcp__psmp__accept_suggestion", {}))
    assert not guarding.is_way_out(Call("PreToolUse", "mcp__psmpx__write", {}))
    assert not guarding.is_way_out(Call("PreToolUse", "Write", {"command": "psmp status"}))


@pytest.mark.parametrize(
    "said", [None, [], {}, {"hook_event_name": 1}, {"hook_event_name": "PreToolUse", "tool_input": 3}]
)
def test_what_is_no_hooks_json_is_no_call(said: Any) -> None:  # noqa: ANN401 - JSON of anybody's
    assert guarding.read(said) is None


def test_a_free_project_stops_nothing_and_a_blocked_one_says_why_and_what_to_do() -> None:
    begun: list[tuple[str, Event]] = [
        ("ada", created()),
        ("ada", moved(Phase.INITIALIZED, Phase.PLANNING)),
        ("ada", declared("web")),
        ("bob", declared("api")),
    ]
    assert guarding.reason(describe(KEY, told(*begun))) == ""
    blocked = guarding.reason(describe(KEY, told(*begun, ("ada", detected("api", conflict(1, "api", "web"))))))
    assert blocked.startswith("PROJECT_BLOCKED: rag is BLOCKED by C-1.")
    assert "explain_conflict with conflict C-1" in blocked.rpartition("Next: ")[2]
