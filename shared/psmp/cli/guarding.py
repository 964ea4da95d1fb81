"""What a hook decides: may a model's tool run while the project stands as it does."""

import shlex
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from psmp.client.errors import sentence
from psmp.rules.lifecycle import STOPPED
from psmp.words.answers import Status

EVENT: Final = "PreToolUse"
OWN_TOOLS: Final = "mcp__psmp__"
"""How Claude Code calls the tools of a server that is configured as ``psmp``."""

_STEERING: Final = frozenset(";&|<>$`(){}\n\r\\")
"""Characters by which a shell does more than run one command with plain words."""


class Call(NamedTuple):
    """A tool that is about to run, as Claude Code tells it."""

    event: str
    tool: str
    given: Mapping[str, Any]


def read(said: Any) -> Call | None:  # noqa: ANN401 - JSON of anybody's
    """The call in a hook's JSON; None where it is not one."""
    if not isinstance(said, dict):
        return None
    event, tool, given = said.get("hook_event_name"), said.get("tool_name", ""), said.get("tool_input", {})
    if not (isinstance(event, str) and isinstance(tool, str) and isinstance(given, dict)):
        return None
    return Call(event, tool, given)


def is_way_out(call: Call) -> bool:
    """Whether the call is PSMP's own, which must stay free: by it a conflict is cleared.

    In a shell that is one plain command ``psmp ...``, and not ``psmp run``, which runs others.
    """
    if call.tool.startswith(OWN_TOOLS):
        return True
    command = call.given.get("command")
    if call.tool != "Bash" or not isinstance(command, str) or _STEERING & set(command):
        return False
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return words[:1] == ["psmp"] and words[1:2] != ["run"]


def reason(status: Status) -> str:
    """Why no tool may run now, and what to do; "" where it may."""
    if status.state not in STOPPED:
        return ""
    texts = "\n".join(f"{each.id}: {each.text}" for each in status.conflicts)
    names = ", ".join(each.id for each in status.conflicts) or "a conflict that is being resolved"
    first = status.conflicts[0].id if status.conflicts else "C-1"
    hint = (
        f"change nothing now; call explain_conflict with conflict {first} (or psmp status {status.project}), "
        "then accept_suggestion or declare_artifact with amend"
    )
    return f"PROJECT_BLOCKED: {sentence(f'{status.project} is {status.state} by {names}', '')}\n{sentence(texts, hint)}"
