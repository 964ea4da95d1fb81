"""``psmp check``: can these declarations stand together; the checker's engine, with no server and no network.

Only with ``--transitive`` a package index is asked, through the resolver.
With ``--from`` and ``--from-diff`` the declarations are what a repository's manifests and changes say.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from pydantic import ValidationError

from psmp.cli.diffs import DiffFault
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SHARED
from psmp.cli.gathered import Gathered, gathered
from psmp.cli.indexes import Index, IndexUrl, Moment, index
from psmp.cli.manifests import ManifestFault
from psmp.cli.output import Format, Output, writing
from psmp.cli.pages import check as pages
from psmp.cli.pages import marks
from psmp.cli.pages.marks import Mark
from psmp.cli.sets import opened, read_set, sets
from psmp.compat.answer import answer
from psmp.words.checks import CheckAnswer, CheckSet
from psmp.words.values import Target

ENDS: Final = {"invalid": Exit.USAGE, "conflict": Exit.GOVERNED, "unknown": Exit.STALE, "compatible": Exit.DONE}
"""How the command ends; of several sets the worst one counts, in this order."""

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""Where a job of GitHub says which file its summary is."""


class Written(StrEnum):
    """How answers are written: for people, for programs, or as marks on the lines of a change."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    GITHUB = "github"
    GITLAB = "gitlab"


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Answered:
    """How the command answers."""

    output: Annotated[
        Written | None,
        Parameter(
            name=("--output", "-o"),
            help="table, json or jsonl; github: annotations, and the job's summary; gitlab: a code quality report. "
            "Default: table in a terminal, else jsonl.",
        ),
    ] = None

    @property
    def form(self) -> Written:
        """The form of the answers."""
        return self.output or (Written.TABLE if sys.stdout.isatty() else Written.JSONL)


def check(
    file: Annotated[
        Path | None,
        Parameter(
            help="A set as JSON, or one set a line; - is standard input, as is nothing at all. With --from and "
            "--from-diff it is one set, to which they are added.",
            allow_leading_hyphen=True,
        ),
    ] = None,
    *,
    manifest: Annotated[
        tuple[Path, ...],
        Parameter(
            name="--from",
            help="Check what a pyproject.toml, requirements.txt or package.json needs, each as an artifact by itself.",
        ),
    ] = (),
    from_diff: Annotated[
        tuple[str, ...],
        Parameter(
            help="Check what a change touches and needs, each as an artifact by itself: a revision or range "
            "(main...feature), --from-diff=--staged, a file with a diff, or - for stdin."
        ),
    ] = (),
    python: Annotated[
        tuple[str, ...],
        Parameter(
            help="The Python to check for: 3.12; several are several targets. Default: the set's, else this one's."
        ),
    ] = (),
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
    form, worst = answered.form, len(ENDS) - 1
    ends = list(ENDS.values())
    if not transitive and (index_url or exclude_newer):
        raise Complaint(Exit.USAGE, "an index is asked with --transitive alone", "add --transitive")
    asked = index(index_url, exclude_newer) if transitive else None
    out, targets = Output(Format.TABLE), _targets(python)
    writer = Writer(out, form, str(file or next(iter(manifest), "-")))
    with ExitStack() as exits:
        judge = _judge(exits, asked, targets or (Target(python=f"3.{sys.version_info.minor}"),), out)
        given = _given(file, exits) if file or not (manifest or from_diff) else iter((CheckSet(declarations=()),))
        if manifest or from_diff:
            given = iter((_joined(list(given), manifest, from_diff, writer),))
        for read in given:
            asks = read.model_copy(update={"targets": targets}) if targets and isinstance(read, CheckSet) else read
            said = judge(asks) if isinstance(asks, CheckSet) else asks
            worst = min(worst, list(ENDS).index(said.verdict))
            writer.write(said)
    writer.close()
    return ends[worst]


def _targets(pythons: tuple[str, ...]) -> tuple[Target, ...]:
    try:
        return tuple(Target(python=each) for each in dict.fromkeys(pythons))
    except ValidationError:
        raise Complaint(
            Exit.USAGE, f"--python {' '.join(pythons)}: not a Python", "write it so: --python 3.12"
        ) from None


def _given(file: Path | None, exits: ExitStack) -> Iterator[CheckSet | CheckAnswer]:
    return map(read_set, sets(opened(file or Path("-"), exits)))


def _joined(
    given: list[CheckSet | CheckAnswer], manifest: tuple[Path, ...], changes: tuple[str, ...], writer: "Writer"
) -> CheckSet | CheckAnswer:
    """One set of what was given and what is gathered."""
    if len(given) != 1:
        raise Complaint(Exit.USAGE, "several sets are given", "--from and --from-diff are added to one set")
    (known,) = given
    if isinstance(known, CheckAnswer):
        return known
    try:
        found = gathered(manifest, changes, known.declarations)
    except (ManifestFault, DiffFault) as fault:
        writer.fault(fault)
        raise
    writer.gathered(found)
    return known.model_copy(update={"declarations": (*known.declarations, *found.declarations)})


def _judge(
    exits: ExitStack, at: Index | None, targets: tuple[Target, ...], out: Output
) -> Callable[[CheckSet], CheckAnswer]:
    """What answers a set: the direct check, and the index if one is to be asked."""
    if at is None:
        return lambda asked: answer(asked, targets)
    from psmp.cli.resolving import judging  # noqa: PLC0415 - not without an index, and the extra that it takes

    return exits.enter_context(judging(at, targets, out))


class Writer:
    """Writes each answer as it comes, but for what must be one document. ``source`` is where sets come from."""

    def __init__(self, out: Output, form: Written, source: str) -> None:
        self._out, self._form, self._source = out, form, source
        self._files: dict[str, str] = {}
        self._marks: list[Mark] = []

    def gathered(self, found: Gathered) -> None:
        """Where artifacts come from; what could not be declared is said."""
        self._files.update(found.files)
        for remark in found.remarks:
            self._out.say(f"! {remark}", "yellow")

    def fault(self, fault: ManifestFault | DiffFault) -> None:
        """A manifest or a change cannot be read, which ends the command: mark it, where marks are written."""
        if self._form is Written.GITHUB:
            path = str(fault.path) if isinstance(fault, ManifestFault) else ""
            _print(marks.github([Mark("error", "it cannot be read", f"{fault}\n{fault.hint}", path, fault.line)]))

    def write(self, given: CheckAnswer) -> None:
        """One answer."""
        match self._form:
            case Written.TABLE:
                self._out.show(pages.answered(given))
            case Written.JSON | Written.JSONL:
                _print(
                    given.model_dump_json(exclude_none=True, indent=2 if self._form is Written.JSON else None) + "\n"
                )
            case Written.GITHUB:
                _print(marks.github(marks.marks(given, self._files)))
                if named := os.environ.get(SUMMARY):
                    with Path(named).open("a", encoding="utf-8") as page:
                        page.write(marks.summary(given, self._files))
            case Written.GITLAB:
                self._marks += marks.marks(given, self._files)

    def close(self) -> None:
        """The end of the answers."""
        if self._form is Written.GITLAB:
            _print(json.dumps(marks.gitlab(self._marks, self._source), indent=1, ensure_ascii=False) + "\n")


def _print(text: str) -> None:
    with writing() as stdout:
        stdout.write(text)
