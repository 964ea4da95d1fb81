"""``psmp init``: a psmp.toml, so that the project need not be named each time."""

import os
import re
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.settings import FILE
from psmp.words.subjects import is_id

HERE: Final = Path()


def init(
    folder: Annotated[Path, Parameter(help="Where to write it; left out, here.")] = HERE,
    *,
    project: Annotated[str | None, Parameter(help="The project's id; left out, the folder's name.")] = None,
    agent: Annotated[str | None, Parameter(help="Who speaks from here, if it is always the same.")] = None,
    tenant: Annotated[str | None, Parameter(help="Whose project it is, if not the default tenant's.")] = None,
    answering: Answering = ANSWERING,
) -> Exit:
    """Write a psmp.toml, which the other commands look for in this folder and the ones above."""
    out = answering.out
    ids = {"project": project or _named_after(folder), "agent": agent, "tenant": tenant}
    for key, value in ids.items():
        if value is not None and not is_id(value):
            hint = "an id is letters, digits, _ and -, at most 64 of them, not _ or - first"
            raise Complaint(Exit.USAGE, f"--{key} {value!r} is not an id", hint)
    path = folder / FILE
    _write(path, {key: value for key, value in ids.items() if value is not None})
    out.one({"path": str(path), **ids}, lambda: f"wrote {path}")
    out.say("next: psmp create, with --agent NAME unless it is written down; then psmp declare", "dim")
    return Exit.DONE


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
        raise Complaint(Exit.USAGE, f"{path} exists already", "edit it, or remove it first") from None
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{path}: {error.strerror}", "name a folder that exists") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
