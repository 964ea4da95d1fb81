"""What a hook decides: may a model's tool run while the project stands as it does."""

import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from psmp.words.answers import Status

EVENT: Final = "PreToolUse"
OWN_TOOLS: Final = "mcp__psmp__"
"""How Claude Code calls the tools of a server that is configured as ``psmp``."""

OWN: Final = frozenset({"psmp", str(Path(sys.executable).with_name("psmp"))})
"""How this very program is called; any other of that name may be somebody's script."""

_EXPANDING: Final = frozenset("$`\\\n\r")
"""Characters that a shell may heed within quotes too."""

_JOINING: Final = frozenset("();<>|&")
"""Characters by which a shell runs several commands or writes files, outside of quotes."""


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


def is_way_out(call: Call, own: Collection[str] = ("psmp",)) -> bool:
    """Whether the call is PSMP's own, which must stay free: by it a conflict is cleared.

    In a shell that is one plain command ``psmp ...``, called by one of its ``own`` names, and not ``psmp run``, which
    runs others.
    """
    if call.tool.startswith(OWN_TOOLS):
        return True
    command = call.given.get("command")
    if call.tool != "Bash" or not isinstance(command, str):
        return False
    words = _words(command)
    return bool(words) and words[0] in own and words[1:2] != ["run"]


def _words(command: str) -> list[str]:
    """The words of one plain command; none where a shell would do anything besides."""
    import shlex  # noqa: PLC0415 - only where a shell is asked for

    if _EXPANDING & set(command):
        return []
    reader = shlex.shlex(command, posix=True, punctuation_chars="".join(_JOINING))
    reader.whitespace_split, reader.commenters = True, ""
    try:
        words = list(reader)
    except ValueError:
        return []
    return [] if any(_JOINING.issuperset(word) for word in words if word) else words


def reason(status: "Status") -> str:
    """Why no tool may run now, and what to do; "" where it may."""
    from psmp.client.errors import sentence  # noqa: PLC0415 - what takes long to load, a clear yes does without
    from psmp.rules.lifecycle import STOPPED  # noqa: PLC0415 - as above

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
