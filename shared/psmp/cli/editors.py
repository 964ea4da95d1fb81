"""What Claude Code and Cursor are told of PSMP: lines in their files, beside whatever these have already."""

import json
from typing import Any, Final

GUARDED: Final = "Write|Edit|MultiEdit|NotebookEdit|Bash"
"""The tools of Claude Code that change something."""

SERVER: Final = "psmp"
LONGEST: Final = 30
"""Seconds after which Claude Code would let the tool run; the hook itself has given up, and said no, long before."""


class Unfit(ValueError):
    """A file is not what such a file must be, or says something else of PSMP already."""


def server(command: str, project: str | None, agent: str | None) -> dict[str, Any]:
    """How the server is started."""
    named = [*(("--project", project) if project else ()), *(("--agent", agent) if agent else ())]
    return {"command": command, "args": ["mcp", *named]}


def with_server(text: str | None, entry: dict[str, Any]) -> str | None:
    """The file with the server in it; None where it has it. Raises ``Unfit``."""
    said = _object(text)
    servers = _below(said, "mcpServers", {})
    if servers.get(SERVER) == entry:
        return None
    if SERVER in servers:
        raise Unfit(f"it has another server {SERVER} already")
    servers[SERVER] = entry
    return _written(said)


def hook(command: str) -> dict[str, Any]:
    """The hook. Where the command itself cannot be run, or dies, the shell says no for it."""
    line = f"{command} hook claude-code || exit 2"
    return {"matcher": GUARDED, "hooks": [{"type": "command", "command": line, "timeout": LONGEST}]}


def with_hook(text: str | None, entry: dict[str, Any]) -> str | None:
    """The file with the hook in it; None where it has one of ours. Raises ``Unfit``."""
    said = _object(text)
    before = _below(_below(said, "hooks", {}), "PreToolUse", [])
    if " hook claude-code" in json.dumps(before):
        return None
    before.append(entry)
    return _written(said)


def _object(text: str | None) -> dict[str, Any]:
    try:
        said = json.loads(text) if text and text.strip() else {}
    except ValueError as error:
        raise Unfit(f"it is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise Unfit("it is not a JSON object")
    return said


def _below(said: dict[str, Any], key: str, empty: Any) -> Any:  # noqa: ANN401 - as JSON has it
    found = said.setdefault(key, empty)
    if type(found) is not type(empty):
        raise Unfit(f"its {key} is not what it must be")
    return found


def _written(said: dict[str, Any]) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
