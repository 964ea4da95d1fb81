"""``psmp manifest``: what a project needs, resolved, as a requirements file with hashes or a bill of materials."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from psmp import __version__
from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import deliver
from psmp.cli.flags import REACHING, ProjectName, Reaching
from psmp.cli.indexes import IndexUrl, Moment, index
from psmp.cli.opened import asking
from psmp.cli.output import Format, Output
from psmp.cli.pages.conflict import explained, proof
from psmp.cli.pages.wording import counted, shown
from psmp.cli.past import At, when
from psmp.cli.resolving import resolve
from psmp.cli.sets import opened, read_set, sets
from psmp.compat.answer import answer
from psmp.deep.answer import joined
from psmp.deep.manifest import requirements
from psmp.deep.problem import Group
from psmp.deep.resolution import Resolution
from psmp.deep.sbom import sbom
from psmp.deep.selection import NotSettled
from psmp.words.answers import Status
from psmp.words.checks import CheckAnswer, CheckSet, Declaration
from psmp.words.values import Conflict, Target

Written = Literal["requirements", "cyclonedx"]

_AGAIN: Final = "mend what is named above, or the same again when the index answers"


@dataclass(frozen=True, slots=True)
class Declared:
    """All that is declared somewhere, as of one position.

    ``source`` says where, in a line; ``time`` is that of the last event, None where there is no log; ``project`` is
    None for a file.
    """

    name: str
    project: str | None
    declarations: tuple[Declaration, ...]
    targets: tuple[Target, ...]
    source: str
    described: tuple[tuple[str, str], ...] = ()
    time: datetime | None = None
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The part that is written down: one environment (None is the shared one), with what development needs or not."""

    environment: str | None
    dev: bool

    def of(self, declarations: Sequence[Declaration]) -> tuple[Declaration, ...]:
        """What bears on it: Python packages in its scopes."""
        scopes = {"runtime", "dev"} if self.dev else {"runtime"}
        return tuple(
            each.model_copy(
                update={
                    "dependencies": tuple(
                        need for need in each.dependencies if need.ecosystem == "pypi" and need.scope in scopes
                    ),
                    "paths": (),
                }
            )
            for each in declarations
            if each.environment == self.environment
        )

    def group(self, found: Resolution) -> Group:
        """The group to write; where nothing is needed for development alone, that of run time is the same."""
        asked = {(each.environment, each.group) for each in found.findings}
        return "dev" if self.dev and (self.environment, "dev") in asked else "runtime"

    def unknown(self, found: Resolution) -> Iterator[str]:
        """Why it is not known."""
        own = (self.environment, self.group(found))
        for each in found.findings:
            if each.verdict == "unknown" and (each.environment, each.group) == own:
                yield f"{each.place}: {each.reason}"


async def manifest(
    project: ProjectName = None,
    *,
    index_url: IndexUrl = None,
    exclude_newer: Moment = None,
    format: Annotated[  # noqa: A002 - the option's name
        Written, Parameter(help="A requirements.txt with hashes, or a bill of materials (CycloneDX 1.6).")
    ] = "requirements",
    environment: Annotated[str | None, Parameter(help="The named environment; left out, the one that all share.")] = (
        None
    ),
    dev: Annotated[bool, Parameter(help="With what is needed for development.")] = False,
    source: Annotated[
        Path | None, Parameter(name="--from", help="A set as JSON instead of a project; needs no server. - is stdin.")
    ] = None,
    at: At = None,
    output: Annotated[Path | None, Parameter(help="The file to write; left out, standard output.")] = None,
    reaching: Reaching = REACHING,
) -> Exit:
    """Write what a project needs as one set of packages that can be installed together, by hash.

    Ends with 3 where something clashes and 8 where that is not known; then nothing is written.
    """
    if source and (project or at):
        raise Complaint(Exit.USAGE, "a project and a file are given", "--from FILE takes the place of a project")
    where, out, part = index(index_url, exclude_newer), Output(Format.TABLE), Part(environment, dev)
    asked = _of_file(out, source) if source else await _of_project(settings.project_of(project), at, reaching)
    moment = asked.time or where.exclude_newer
    if moment is None and format == "cyclonedx":
        raise Complaint(
            Exit.USAGE, "a bill of a file has no time", "add --exclude-newer TIME: it is the bill's time too"
        )
    _known(asked, environment)
    _peaceful(out, asked, asked.conflicts)
    direct = _direct(out, asked)
    _peaceful(out, asked, direct.conflicts)
    found = await resolve(asked.declarations, asked.targets, where, out)
    whole = joined(direct, found, asked.declarations)
    _peaceful(out, asked, whole.conflicts)
    _settled(out, asked, part, found, whole)
    text = _text(asked, part, found, moment if format == "cyclonedx" else None)
    deliver(text, output)
    if output is not None and str(output) != "-":
        out.say(f"{output} written", "dim")
    return Exit.DONE


async def _of_project(name: str, at: str | None, reaching: Reaching) -> Declared:
    async with asking(reaching) as client:
        return of_status(await client.status(name, **when(at)))


def of_status(status: Status) -> Declared:
    """What is declared in a project and not withdrawn."""
    return Declared(
        status.project,
        status.project,
        tuple(
            Declaration(
                artifact=each.artifact,
                agent=each.agent,
                dependencies=each.dependencies,
                paths=each.paths,
                requires_python=each.requires_python,
                environment=each.environment,
            )
            for each in status.artifacts
            if each.status != "ARCHIVED"
        ),
        status.targets,
        f"project {status.project} as of event {status.sequence}, {status.time}",
        (("psmp:sequence", str(status.sequence)),),
        datetime.fromisoformat(status.time),
        status.conflicts,
    )


def _of_file(out: Output, file: Path) -> Declared:
    with ExitStack() as exits:
        read = [read_set(raw) for raw in islice(sets(opened(file, exits)), 2)]
    if len(read) > 1:
        raise Complaint(Exit.USAGE, f"{file} holds several sets", "one set has one manifest: name a file with one")
    (given,) = read
    if isinstance(given, CheckAnswer):
        raise _invalid(out, given, Exit.USAGE)
    name = str(given.id) if given.id is not None else "declarations"
    targets = given.targets or (Target(python=f"3.{sys.version_info.minor}"),)
    return Declared(name, None, given.declarations, targets, f"set {name}")


def _invalid(out: Output, given: CheckAnswer, end: Exit) -> Complaint:
    for error in given.errors:
        out.say(f"! {shown(error)}", "yellow")
    return Complaint(end, "what is declared cannot be read", "mend what is named above")


def _known(asked: Declared, environment: str | None) -> None:
    """Raises ``Complaint`` where nothing is declared in that environment."""
    there = sorted({each.environment for each in asked.declarations if each.environment})
    if environment is not None and environment not in there:
        hint = f"there are {', '.join(there)}" if there else "leave --environment out: all share one"
        raise Complaint(Exit.NOT_FOUND, f"{asked.name} has no environment {environment}", hint)


def _peaceful(out: Output, asked: Declared, conflicts: Sequence[Conflict]) -> None:
    """Raises ``Complaint`` where there are conflicts, after each was explained."""
    for conflict in conflicts:
        out.say(explained(conflict, asked.project) if asked.project else proof(conflict))
        out.say("")
    if conflicts:
        text = f"{asked.name} has {counted(len(conflicts), 'conflict')}; no manifest is written"
        raise Complaint(Exit.GOVERNED, text, "take one of the ways out, then the same again")


def _direct(out: Output, asked: Declared) -> CheckAnswer:
    """What the constraints alone say; raises ``Complaint`` where they cannot be read."""
    given = _answered(asked.declarations, asked.targets)
    if given.verdict == "invalid":
        raise _invalid(out, given, Exit.STALE if asked.project else Exit.USAGE)
    return given


def _answered(declarations: tuple[Declaration, ...], targets: tuple[Target, ...]) -> CheckAnswer:
    return answer(CheckSet.model_construct(declarations=declarations), targets)  # of a project: however many


def _settled(out: Output, asked: Declared, part: Part, found: Resolution, whole: CheckAnswer) -> None:
    """Say what is to be known besides; raises ``Complaint`` where what is to be written is not known to be right."""
    direct = _answered(part.of(asked.declarations), asked.targets)
    reasons = dict.fromkeys((*direct.unknown, *part.unknown(found)))
    for warning in whole.warnings:
        out.say(f"! {shown(warning)}", "yellow")
    for reason in dict.fromkeys((*reasons, *whole.unknown)):
        out.say(f"? {shown(reason)}", "yellow")
    if reasons:
        text = f"it is not known whether all of {asked.name} can be installed together; no manifest is written"
        raise Complaint(Exit.STALE, text, _AGAIN)


def _text(asked: Declared, part: Part, found: Resolution, billed: datetime | None) -> str:
    """The requirements, or the bill of this time."""
    environment, group = part.environment, part.group(found)
    try:
        if billed is None:
            return requirements(found, source=asked.source, environment=environment, group=group)
        return sbom(
            found,
            project=asked.name,
            tool=__version__,
            timestamp=billed,
            described=asked.described,
            environment=environment,
            group=group,
        )
    except NotSettled as unsettled:
        raise Complaint(Exit.STALE, unsettled.reason, _AGAIN) from None
