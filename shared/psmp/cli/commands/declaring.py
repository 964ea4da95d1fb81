"""``psmp declare``, ``amend`` and ``withdraw``: what an artifact is, needs and touches, and the verdict on it."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli import changes, diffs, manifests, needs, settings
from psmp.cli.diffs import FromDiff
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, ArtifactName, Fence, ProjectName, Reason, Speaking
from psmp.cli.manifests import Found
from psmp.cli.manifests.found import together
from psmp.cli.opened import speaking
from psmp.cli.output import Output, stored
from psmp.cli.pages import settled as pages
from psmp.client import Client, NoAnswer, Refusal, Verdict
from psmp.compat.paths.claims import claims_of
from psmp.words.answers import ArtifactStatus
from psmp.words.values import ArtifactType

Manifests = Annotated[
    tuple[Path, ...],
    Parameter(name="--from", help="Read what it needs from a pyproject.toml, requirements.txt or package.json."),
]
Needs = Annotated[
    tuple[str, ...],
    Parameter(name="--dep", help="A need: 'pandas==1.5.*', 'dev:pytest>=8', 'npm:react@^18'; '  # why' may follow."),
]
Paths = Annotated[
    tuple[str, ...], Parameter(name="--path", help="A file it touches: app/main.py, or with a mode: app/main.py:read.")
]
Python = Annotated[
    str | None, Parameter(name="--requires-python", help="The interpreters it runs on: '>=3.10,<3.14'; '' for any.")
]
Environment = Annotated[
    str | None, Parameter(help="A named environment of its own for what it needs; '' for the one that all share.")
]
Change = Annotated[
    str | None,
    Parameter(
        name="--from-diff",
        help="Claim what a change touches, and read what it needs from the manifests that it changes: a revision or "
        "range (HEAD~1, main...feature), --from-diff=--staged, a file with a diff, or - for stdin.",
    ),
]
Flexible = Annotated[
    bool | None,
    Parameter(negative="--no-flexible", help="Others may change what it needs to clear a conflict, without asking."),
]
Root = Annotated[Path | None, Parameter(help="How far up files that a manifest includes may lie; default: its folder.")]
Why = Annotated[str, Parameter(help="What its needs are for, where they do not say themselves.")]

_NO_CHANGE: Final = FromDiff((), (), None)
_KEPT: Final = "the declaration is kept, and stands in the way until one of the ways out is taken"


async def declare(
    project: ProjectName = None,
    *,
    artifact: ArtifactName,
    type: Annotated[ArtifactType, Parameter(help="What kind of thing it is.")] = "code",  # noqa: A002 - the option's name
    summary: Annotated[str, Parameter(help="What it is, for people.")] = "",
    manifest: Manifests = (),
    dep: Needs = (),
    path: Paths = (),
    from_diff: Change = None,
    requires_python: Python = None,
    environment: Environment = None,
    flexible: Flexible = None,
    fence: Fence = None,
    why: Why = "",
    root: Root = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Say what an artifact is, what it needs and what it touches."""
    name, out = settings.project_of(project), common.out
    made = _made(out, from_diff, why)
    wanted = _wanted(out, manifest, dep, why, root, made)
    async with speaking(common) as client:
        made = await _bridged(out, client, name, made)
        claims = [*(needs.claim(each) for each in path), *made.claims]
        began = time.perf_counter()
        verdict = await client.declare(
            name,
            artifact,
            type=type,
            summary=summary,
            dependencies=wanted.dependencies,
            paths=claims,
            requires_python=wanted.requires_python if requires_python is None else requires_python,
            environment=environment or None,
            flexible=flexible,
            fence=fence,
            command_id=common.command_id,
        )
        return _judged(out, name, verdict, time.perf_counter() - began)


async def amend(  # noqa: PLR0913 - each is an option of its own
    project: ProjectName = None,
    *,
    artifact: ArtifactName,
    change: Annotated[
        tuple[str, ...], Parameter(name="--set", help="Change one need, leave the others: 'langchain>=0.1.0'.")
    ] = (),
    drop: Annotated[tuple[str, ...], Parameter(help="Take one need out by its name, leave the others.")] = (),
    release: Annotated[tuple[str, ...], Parameter(help="Give up the claim on one path, leave the others.")] = (),
    manifest: Manifests = (),
    dep: Needs = (),
    path: Paths = (),
    from_diff: Change = None,
    requires_python: Python = None,
    environment: Environment = None,
    summary: Annotated[str | None, Parameter(help="What it is now, for people.")] = None,
    flexible: Flexible = None,
    fence: Fence = None,
    why: Why = "",
    reason: Reason = "",
    root: Root = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Change a declaration; what is not named stays as it was."""
    name, out = settings.project_of(project), common.out
    made = _made(out, from_diff, why)
    whole = bool(manifest or dep or made.found)
    if whole and (change or drop):
        hint = "--dep and --from replace all needs, --set and --drop change single ones; use either"
        raise Complaint(Exit.USAGE, "both all needs and single ones are given", hint)
    if release and (path or from_diff):
        raise Complaint(Exit.USAGE, "both all paths and single ones are given", "use either --release, or all of them")
    replaced = _wanted(out, manifest, dep, why, root, made) if whole else None
    single = _wanted(out, (), change, why, root).dependencies
    async with speaking(common) as client:
        made = await _bridged(out, client, name, made)
        claims = (*(needs.claim(each) for each in path), *made.claims) if path or from_diff else None
        wanted = replaced.dependencies if replaced else None
        if change or drop or release:
            now = await _declared(client, name, artifact)
            wanted = changes.needs_after(now.dependencies, single, drop) if change or drop else wanted
            claims = changes.claims_after(now.paths, release) if release else claims
        if requires_python is None and replaced and replaced.requires_python:
            requires_python = replaced.requires_python
        began = time.perf_counter()
        verdict = await client.amend(
            name,
            artifact,
            dependencies=wanted,
            paths=claims,
            requires_python=requires_python,
            environment=environment,
            flexible=flexible,
            fence=fence,
            summary=summary,
            reason=reason,
            command_id=common.command_id,
        )
        return _judged(out, name, verdict, time.perf_counter() - began)


async def withdraw(
    project: ProjectName = None,
    *,
    artifact: ArtifactName,
    reason: Reason,
    fence: Fence = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Take an artifact out of the project; what it needs counts no more."""
    async with speaking(common) as client:
        settled = await client.withdraw(
            settings.project_of(project), artifact, reason=reason, fence=fence, command_id=common.command_id
        )
    common.out.one(stored(settled), lambda: pages.line(settled))
    return Exit.DONE


def _wanted(
    out: Output,
    files: tuple[Path, ...],
    texts: tuple[str, ...],
    why: str,
    root: Path | None,
    made: FromDiff = _NO_CHANGE,
) -> Found:
    """Everything that files, options and a change ask for; what could not be declared is said."""
    read = [manifests.read(each, root=root, purpose=why) for each in files]
    found: Found = together((*read, *((made.found,) if made.found else ()), *(needs.need(each, why) for each in texts)))
    for remark in found.unread:
        out.say(f"! {remark}", "yellow")
    return found


def _made(out: Output, text: str | None, why: str) -> FromDiff:
    """What follows from the change that ``--from-diff`` names; what cannot be told from it is said."""
    made = _NO_CHANGE if text is None else diffs.read(text, purpose=why)
    for remark in made.remarks:
        out.say(f"! {remark}", "yellow")
    return made


async def _bridged(out: Output, client: Client, project: str, made: FromDiff) -> FromDiff:
    """The change with the passages that make its claims comparable with what others claim now.

    It goes on without where nobody says what they claim: whether they meet is unknown then, and the verdict says so.
    """
    if not any(claim.base for claim in made.claims):
        return made
    try:
        status = await client.status(project)
    except Refusal:  # the declaration itself will be refused
        return made
    except NoAnswer as error:
        out.say(f"! what others claim is not known: {error}", "yellow")
        return made
    others = [
        claim
        for each in status.artifacts
        if each.agent != client.agent and each.status != "ARCHIVED"
        for claim in claims_of(each.artifact, each.agent, each.sequence, each.paths)
    ]
    bridged = await asyncio.to_thread(diffs.with_passages, made, others)
    for remark in bridged.remarks[len(made.remarks) :]:
        out.say(f"! {remark}", "yellow")
    return bridged


async def _declared(client: Client, project: str, artifact: str) -> ArtifactStatus:
    """The artifact as it is declared now; raises ``Complaint`` when there is no such artifact."""
    status = await client.status(project)
    found = next((each for each in status.artifacts if each.artifact == artifact), None)
    if found is None:
        raise Complaint(Exit.NOT_FOUND, f"{project} has no artifact {artifact}", f"psmp status {project}")
    return found


def _judged(out: Output, project: str, verdict: Verdict, seconds: float) -> Exit:
    out.one(stored(verdict), lambda: pages.verdict(verdict, project, seconds))
    if verdict.accepted:
        return Exit.DONE
    out.say(_KEPT, "dim")
    return Exit.GOVERNED
