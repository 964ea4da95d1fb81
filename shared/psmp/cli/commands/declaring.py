"""``psmp declare``, ``amend`` and ``withdraw``: what an artifact is, needs and touches, and the verdict on it."""

import time
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from packaging.utils import canonicalize_name

from psmp.cli import manifests, needs, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, ArtifactName, ProjectName, Reason, Speaking
from psmp.cli.manifests import Found
from psmp.cli.manifests.found import together
from psmp.cli.opened import speaking
from psmp.cli.output import Output, stored
from psmp.cli.pages import settled as pages
from psmp.client import Client, Verdict
from psmp.words.values import ArtifactType, Dependency

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
Root = Annotated[Path | None, Parameter(help="How far up files that a manifest includes may lie; default: its folder.")]
Why = Annotated[str, Parameter(help="What its needs are for, where they do not say themselves.")]

_KEPT: Final = "the declaration is kept, and stands in the way until one of the ways out is taken"


async def declare(  # noqa: PLR0913 - each is an option of its own
    project: ProjectName = None,
    *,
    artifact: ArtifactName,
    type: Annotated[ArtifactType, Parameter(help="What kind of thing it is.")] = "code",  # noqa: A002 - the option's name
    summary: Annotated[str, Parameter(help="What it is, for people.")] = "",
    manifest: Manifests = (),
    dep: Needs = (),
    path: Paths = (),
    why: Why = "",
    root: Root = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Say what an artifact is, what it needs and what it touches."""
    name, out = settings.project_of(project), common.out
    wanted = _wanted(out, manifest, dep, why, root)
    claims = [needs.claim(each) for each in path]
    async with speaking(common) as client:
        began = time.perf_counter()
        verdict = await client.declare(
            name,
            artifact,
            type=type,
            summary=summary,
            dependencies=wanted,
            paths=claims,
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
    manifest: Manifests = (),
    dep: Needs = (),
    path: Paths = (),
    summary: Annotated[str | None, Parameter(help="What it is now, for people.")] = None,
    why: Why = "",
    reason: Reason = "",
    root: Root = None,
    common: Speaking = SPEAKING,
) -> Exit:
    """Change a declaration; what is not named stays as it was."""
    name, out = settings.project_of(project), common.out
    if (manifest or dep) and (change or drop):
        hint = "--dep and --from replace all needs, --set and --drop change single ones; use either"
        raise Complaint(Exit.USAGE, "both all needs and single ones are given", hint)
    replaced = _wanted(out, manifest, dep, why, root) if manifest or dep else None
    single = _wanted(out, (), change, why, root)
    claims = [needs.claim(each) for each in path] or None
    async with speaking(common) as client:
        if change or drop:
            replaced = _changed(await _declared(client, name, artifact), single, drop)
        began = time.perf_counter()
        verdict = await client.amend(
            name,
            artifact,
            dependencies=replaced,
            paths=claims,
            summary=summary,
            reason=reason,
            command_id=common.command_id,
        )
        return _judged(out, name, verdict, time.perf_counter() - began)


async def withdraw(
    project: ProjectName = None, *, artifact: ArtifactName, reason: Reason, common: Speaking = SPEAKING
) -> Exit:
    """Take an artifact out of the project; what it needs counts no more."""
    async with speaking(common) as client:
        settled = await client.withdraw(
            settings.project_of(project), artifact, reason=reason, command_id=common.command_id
        )
    common.out.one(stored(settled), lambda: pages.line(settled))
    return Exit.DONE


def _wanted(
    out: Output, files: tuple[Path, ...], texts: tuple[str, ...], why: str, root: Path | None
) -> tuple[Dependency, ...]:
    """Everything that files and options ask for; what could not be declared is said."""
    read = [manifests.read(each, root=root, purpose=why) for each in files]
    found: Found = together((*read, *(needs.need(each, why) for each in texts)))
    for remark in found.unread:
        out.say(f"! {remark}", "yellow")
    return found.dependencies


async def _declared(client: Client, project: str, artifact: str) -> tuple[Dependency, ...]:
    """What the artifact is declared to need now; raises ``Complaint`` when there is no such artifact."""
    status = await client.status(project)
    found = next((each for each in status.artifacts if each.artifact == artifact), None)
    if found is None:
        raise Complaint(Exit.NOT_FOUND, f"{project} has no artifact {artifact}", f"psmp status {project}")
    return found.dependencies


def _changed(
    kept: tuple[Dependency, ...], changes: tuple[Dependency, ...], drop: tuple[str, ...]
) -> tuple[Dependency, ...]:
    """The needs with single ones changed in place, added at the end where they are new, or taken out.

    A change that says no purpose leaves the one there was.
    """
    gone = {canonicalize_name(each) for each in drop}
    unknown = gone - {canonicalize_name(need.name) for need in kept}
    if unknown:
        known = ", ".join(need.name for need in kept)
        raise Complaint(Exit.USAGE, f"--drop {', '.join(sorted(unknown))}: it is not needed", f"needed are {known}")
    by_identity = {_identity(each): each for each in changes}
    changed = [_merged(need, by_identity.pop(_identity(need), None)) for need in kept]
    return tuple(each for each in changed if canonicalize_name(each.name) not in gone) + tuple(by_identity.values())


def _identity(need: Dependency) -> tuple[str, str, str]:
    return need.ecosystem, need.scope, canonicalize_name(need.name)


def _merged(need: Dependency, change: Dependency | None) -> Dependency:
    if change is None:
        return need
    kept = {name: getattr(need, name) for name in ("purpose", "extras", "marker") if not getattr(change, name)}
    return change.model_copy(update={"name": need.name, **kept})


def _judged(out: Output, project: str, verdict: Verdict, seconds: float) -> Exit:
    out.one(stored(verdict), lambda: pages.verdict(verdict, project, seconds))
    if verdict.accepted:
        return Exit.DONE
    out.say(_KEPT, "dim")
    return Exit.GOVERNED
