"""``psmp completion``: the script that lets a shell complete our commands."""

import os
from pathlib import Path
from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.output import writing

Shell = Literal["bash", "zsh", "fish"]


def completion(
    shell: Annotated[Shell | None, Parameter(help="Which shell; left out, the one of this login.")] = None,
) -> None:
    """Print the completion script for a shell."""
    from psmp.cli.app import build  # noqa: PLC0415 - the application imports this module

    script = build().generate_completion(shell=shell or _mine())
    with writing() as stdout:
        stdout.write(script)


def _mine() -> Shell:
    name = Path(os.environ.get("SHELL", "")).name
    known: tuple[Shell, ...] = get_args(Shell)
    for each in known:
        if each == name:
            return each
    raise Complaint(Exit.USAGE, "which shell?", f"psmp completion {'|'.join(known)}")
