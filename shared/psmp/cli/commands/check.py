"""``psmp check``: can these declarations stand together; the checker's engine, with no server and no network.

Only with ``--transitive`` a package index is asked, through the resolver.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SHARED
from psmp.cli.indexes import Index, IndexUrl, Moment, index
from psmp.cli.output import Format, Output, writing
from psmp.cli.pages import check as pages
from psmp.cli.sets import opened, read_set, sets
from psmp.compat.answer import answer
from psmp.words.checks import CheckAnswer, CheckSet
from psmp.words.values import Target

ENDS: Final = {"invalid": Exit.USAGE, "conflict": Exit.GOVERNED, "unknown": Exit.STALE, "compatible": Exit.DONE}
"""How the command ends; of several sets the worst one counts, in this order."""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Answered:
    """How the command answers."""

    output: Annotated[
        Format | None,
        Parameter(name=("--output", "-o"), help="table, json or jsonl; default: table in a terminal, else jsonl."),
    ] = None

    @property
    def out(self) -> Output:
        """Where the answer goes."""
        return Output(self.output or (Format.TABLE if sys.stdout.isatty() else Format.JSONL))


def check(
    file: Annotated[
        Path, Parameter(help="A set as JSON, or one set a line; - is standard input.", allow_leading_hyphen=True)
    ] = Path("-"),
    *,
    transitive: Annotated[
        bool, Parameter(help="Ask a package index too: can everything be installed together, with all that it needs?")
    ] = False,
    index_url: IndexUrl = None,
    exclude_newer: Moment = None,
    answered: Answered = Answered(),
) -> Exit:
    """Say whether declarations can stand together, why not, and what would help.

    Ends with 0, 3 (conflict), 8 (unknown) or 2 (invalid), the worst of several sets.
    """
    targets = (Target(python=f"3.{sys.version_info.minor}"),)
    out, worst = answered.out, len(ENDS) - 1
    ends = list(ENDS.values())
    if not transitive and (index_url or exclude_newer):
        raise Complaint(Exit.USAGE, "an index is asked with --transitive alone", "add --transitive")
    asked = index(index_url, exclude_newer) if transitive else None
    with ExitStack() as exits:
        judge = _judge(exits, asked, targets, out)
        for raw in sets(opened(file, exits)):
            read = read_set(raw)
            given = judge(read) if isinstance(read, CheckSet) else read
            worst = min(worst, list(ENDS).index(given.verdict))
            _write(out, given)
    return ends[worst]


def _judge(
    exits: ExitStack, at: Index | None, targets: tuple[Target, ...], out: Output
) -> Callable[[CheckSet], CheckAnswer]:
    """What answers a set: the direct check, and the index if one is to be asked."""
    if at is None:
        return lambda asked: answer(asked, targets)
    from psmp.cli.resolving import judging  # noqa: PLC0415 - not without an index, and the extra that it takes

    return exits.enter_context(judging(at, targets, out))


def _write(out: Output, given: CheckAnswer) -> None:
    if out.format is Format.TABLE:
        out.show(pages.answered(given))
        return
    with writing() as stdout:
        stdout.write(given.model_dump_json(exclude_none=True, indent=2 if out.format is Format.JSON else None) + "\n")
