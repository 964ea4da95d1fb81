"""The hook's first look: is it clearly free to work on? From standard library alone, in a tenth of the time.

It can say nothing but yes. Whatever it does not know for certain (a flag that it does not read, another kind of login,
no answer, a project that is blocked) it leaves to the hook itself, which decides and says why.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from psmp.cli import guarding, settings
from psmp.wire import brief
from psmp.wire.announced import running_dev
from psmp.words import spelling

FREE: Final = frozenset({"INITIALIZED", "PLANNING", "IN_PROGRESS", "COMPLETED", "ARCHIVED"})
"""States in which no conflict stands in the way of work."""

LONGEST: Final = 2.0
"""Seconds after which it looks no longer, and the hook itself does."""

_FLAGS: Final = {
    "--project": "PSMP_PROJECT",
    "--unreachable": "PSMP_HOOK_UNREACHABLE",
    "--url": "PSMP_URL",
    "--tenant": "PSMP_TENANT",
    "--agent": "PSMP_AGENT",
    "--timeout": "",
}


@cache
def said() -> bytes:
    """What stands on standard input, however often it is asked for."""
    return sys.stdin.buffer.read()


def is_free(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether the tool may run, as far as can be said at once. ``words`` are what follows ``psmp hook claude-code``."""
    given = _flags(words, environment)
    if given is None:
        return False
    with suppress(Exception):  # whatever it is: the hook itself meets it again, and tells
        return _is_free(given, environment)
    return False


def _is_free(given: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    call = guarding.read(json.loads(said()))
    if call is None:
        return False
    if call.event != guarding.EVENT or guarding.is_way_out(call, guarding.OWN):
        return True
    root = Path(environment.get("CLAUDE_PROJECT_DIR") or Path.cwd()).resolve(strict=True)
    written = settings.defaults(root)
    dev = running_dev(environment)
    project = given["--project"] or written.project
    tenant = given["--tenant"] or written.tenant or (None if given["--url"] else dev.get("tenant")) or "default"
    agent = given["--agent"] or written.agent or dev.get("agent") or settings.reader()
    url = given["--url"] or dev.get("url")
    if not (url and project and all(map(spelling.is_id, (project, tenant, agent)))):
        return False
    if tenant == spelling.SYSTEM_TENANT or environment.get("PSMP_CREDENTIALS") or environment.get("PSMP_KEY"):
        return False
    ca = environment.get("PSMP_CA")
    answer = brief.asked(
        url,
        spelling.question(tenant, agent, "status"),
        spelling.inbox(agent),
        json.dumps({"project": project}).encode(),
        min(float(given["--timeout"] or LONGEST), LONGEST),
        Path(ca).expanduser() if ca else None,
    )
    return _says_yes(json.loads(answer or b"null"), tenant, project)


def _says_yes(answer: Any, tenant: str, project: str) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(answer, dict) or (answer.get("tenant"), answer.get("project")) != (tenant, project):
        return False
    return answer.get("state") in FREE


def _flags(words: Sequence[str], environment: Mapping[str, str]) -> dict[str, str] | None:
    """The flags, or what the environment says in their place; None when there is anything else among the words."""
    found = {flag: environment.get(variable, "") for flag, variable in _FLAGS.items()}
    left = list(words)
    while left:
        flag, equals, value = left.pop(0).partition("=")
        if flag not in _FLAGS or not (equals or left):
            return None
        found[flag] = value if equals else left.pop(0)
    return found if found["--unreachable"] in ("", "block", "allow") else None
