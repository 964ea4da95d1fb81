"""``psmp init``: a psmp.toml, so that the project need not be named each time, and what editors need."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli import editors
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.settings import FILE, defaults
from psmp.words.subjects import is_id

HERE: Final = Path()
CLAUDE_CODE: Final = ".mcp.json"
CURSOR: Final = ".cursor/mcp.json"
SETTINGS: Final = ".claude/settings.json"

Adding = Callable[[str | None], str | None]


def init(
    folder: Annotated[Path, Parameter(help="Where to write it; left out, here.")] = HERE,
    *,
    project: Annotated[str | None, Parameter(help="The project's id; left out, the folder's name.")] = None,
    agent: Annotated[str | None, Parameter(help="Who speaks from here, if it is always the same.")] = None,
    tenant: Annotated[str | None, Parameter(help="Whose project it is, if not the default tenant's.")] = None,
    mcp: Annotated[bool, Parameter(help=f"Have Claude Code start psmp mcp: a line in {CLAUDE_CODE}.")] = False,
    cursor: Annotated[bool, Parameter(help=f"Have Cursor start psmp mcp: a line in {CURSOR}.")] = False,
    hook: Annotated[
        bool, Parameter(help=f"Have Claude Code stop while the project is blocked: a hook in {SETTINGS}.")
    ] = False,
    answering: Answering = ANSWERING,
) -> Exit:
    """Write a psmp.toml, which the other commands look for in this folder and the ones above.

    One that is there is kept where only --mcp, --cursor or --hook is asked for.
    """
    out = answering.out
    ids = {"project": project or _named_after(folder), "agent": agent, "tenant": tenant}
    for key, value in ids.items():
        if value is not None and not is_id(value):
            hint = "an id is letters, digits, _ and -, at most 64 of them, not _ or - first"
            raise Complaint(Exit.USAGE, f"--{key} {value!r} is not an id", hint)
    path, kept = folder / FILE, False
    if mcp or cursor or hook:
        kept = path.exists() and not (project or agent or tenant)
    if kept:
        ids |= {"project": defaults(folder).project or ids["project"]}
    texts = _planned(folder, ids, mcp=mcp, cursor=cursor, hook=hook)
    if not kept:
        _write(path, {key: value for key, value in ids.items() if value is not None})
    for file, text in texts.items():
        _put(file, text)
    said = {"configured": list(map(str, texts))} if mcp or cursor or hook else {}
    wrote = ", ".join(map(str, (*(() if kept else (path,)), *texts)))
    out.one({"path": str(path), **ids, **said}, lambda: f"wrote {wrote}" if wrote else "all of it is there already")
    out.say("next: psmp create, with --agent NAME unless it is written down; then psmp declare", "dim")
    return Exit.DONE


def _planned(folder: Path, ids: dict[str, str | None], *, mcp: bool, cursor: bool, hook: bool) -> dict[Path, str]:
    """The files of editors that are to be written, and what will stand in them; raises ``Complaint``."""
    command = _command()
    entry = editors.server(command, ids["project"], ids["agent"])
    wanted: dict[str, tuple[bool, Adding]] = {
        CLAUDE_CODE: (mcp, lambda text: editors.with_server(text, entry)),
        CURSOR: (cursor, lambda text: editors.with_server(text, entry)),
        SETTINGS: (hook, lambda text: editors.with_hook(text, editors.hook(shlex.quote(command)))),
    }
    planned: dict[Path, str] = {}
    for name, (asked, adding) in wanted.items():
        file = folder / name
        text = _added(file, adding) if asked else None
        if text is not None:
            planned[file] = text
    return planned


def _command() -> str:
    """How the command is called from here: by its name where that finds it, else by where it is."""
    return "psmp" if shutil.which("psmp") else str(Path(sys.executable).with_name("psmp"))


def _added(file: Path, adding: Adding) -> str | None:
    try:
        return adding(file.read_text(encoding="utf-8") if file.exists() else None)
    except (editors.Unfit, OSError, UnicodeDecodeError) as fault:
        raise Complaint(
            Exit.USAGE, f"{file}: {fault}", "mend that file, or add the lines by hand (docs/mcp.md)"
        ) from None


def _put(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror}", "add the lines by hand (docs/mcp.md)") from None


def _named_after(folder: Path) -> str:
    """An id made of the folder's name."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-_")[:64]
    if not name:
        raise Complaint(Exit.USAGE, "this folder's name makes no id", "psmp init --project NAME")
    return name


def _write(path: Path, ids: dict[str, str]) -> None:
    """The file, unless there is one; an id needs no quoting rules beyond the quotes."""
    text = "# What psmp takes for granted here; a flag or PSMP_* in the environment wins.\n"
    text += "".join(f'{key} = "{value}"\n' for key, value in ids.items())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise Complaint(
            Exit.USAGE,
            f"{path} exists already",
            "edit it, or remove it first; with --mcp, --cursor or --hook alone it is kept",
        ) from None
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{path}: {error.strerror}", "name a folder that exists") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
