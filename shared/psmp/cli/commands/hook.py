"""``psmp hook claude-code``: a PreToolUse hook that really blocks, for it is a command and ends with 2.

Whatever is not a clear yes is a no: a project that is blocked or unknown, a hook's JSON that cannot be read, any fault.
Only when PSMP cannot be reached ``--unreachable allow`` lets the tool run, and says so. A clear yes is given before any
of this is loaded, by ``psmp.cli.glimpse``.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from psmp.cli import guarding, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint, explain
from psmp.cli.flags import REACHING, Reaching
from psmp.cli.glimpse import said
from psmp.cli.opened import asking
from psmp.client.errors import sentence
from psmp.wire.announced import running_dev

NO: Final = Exit.USAGE
"""Claude Code stops the tool at 2 and at nothing else; that it is also the code for wrong usage is as well."""

Unreachable = Literal["block", "allow"]


async def claude_code(
    *,
    project: Annotated[
        str | None, Parameter(env_var="PSMP_PROJECT", help="The project's id; left out, what psmp.toml says.")
    ] = None,
    unreachable: Annotated[
        Unreachable,
        Parameter(env_var="PSMP_HOOK_UNREACHABLE", help="What becomes of the tool when PSMP cannot be reached."),
    ] = "block",
    reaching: Reaching = REACHING,
) -> Exit:
    """Read a PreToolUse hook's JSON and end with 2, and the reason, while the project is blocked; else with 0."""
    try:
        why = await _why_not(project, reaching)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong lets nothing through
        fault = explain(error)
        text = sentence(fault.text, fault.hint) if fault else f"unexpected {type(error).__name__}: {error}"
        if fault and fault.end is Exit.UNREACHABLE:
            return _unreachable(text, unreachable)
        why = f"{fault.code if fault and fault.code else 'NOT_KNOWN'}: it is not known whether work may go on: {text}"
    return _no(why) if why else Exit.DONE


async def _why_not(project: str | None, reaching: Reaching) -> str:
    call = guarding.read(json.loads(said()))
    if call is None:
        raise Complaint(Exit.USAGE, "this is no hook's JSON", "configure it as psmp init --hook does")
    if call.event != guarding.EVENT or guarding.is_way_out(call, guarding.OWN):
        return ""
    # The session may have gone elsewhere; what it works on is where it was started.
    if root := os.environ.get("CLAUDE_PROJECT_DIR"):
        os.chdir(Path(root))
    name = settings.project_of(project)
    if not (reaching.url or running_dev(os.environ).get("url")):
        raise Complaint(Exit.UNREACHABLE, "nobody said where NATS is", "start psmp dev, or set PSMP_URL")
    async with asking(reaching) as client:
        return guarding.reason(await client.status(name))


def _unreachable(text: str, wanted: Unreachable) -> Exit:
    if wanted == "block":
        return _no(f"UNAVAILABLE: PSMP cannot be reached, so nothing is changed: {text}")
    sys.stderr.write(f"psmp: PSMP cannot be reached; the tool runs ungoverned: {text}\n")
    return Exit.DONE


def _no(why: str) -> Exit:
    sys.stderr.write(f"psmp: {why}\n")
    return NO
