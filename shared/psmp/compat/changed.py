"""Changes applied to what an artifact declares: what a suggestion, a person or an owner wants it to say instead."""

from collections.abc import Iterable
from functools import reduce
from typing import assert_never

from psmp.compat.needs import about
from psmp.compat.paths.names import normal
from psmp.words.events import ArtifactAmended, ArtifactDeclared
from psmp.words.values import Change, Dependency, Ecosystem, PathClaim

Declaration = ArtifactDeclared | ArtifactAmended


class Inapplicable(ValueError):
    """A change is of something that the declaration does not have."""


def changed(
    declaration: Declaration, changes: Iterable[Change], *, ecosystem: Ecosystem | None = None, reason: str = ""
) -> ArtifactAmended:
    """The declaration's next version, with these changes and all else as it was; raises ``Inapplicable``.

    ``ecosystem`` is whose packages are meant; without it those of any. What it makes may still not be readable.
    """
    first = ArtifactAmended(
        artifact=declaration.artifact,
        version=declaration.version + 1,
        type=declaration.type,
        summary=declaration.summary,
        dependencies=declaration.dependencies,
        paths=declaration.paths,
        metadata=declaration.metadata,
        reason=reason,
        requires_python=declaration.requires_python,
        environment=declaration.environment,
        flexible=declaration.flexible,
    )
    return reduce(lambda so_far, change: _after(so_far, change, ecosystem), changes, first)


def _after(declaration: ArtifactAmended, change: Change, ecosystem: Ecosystem | None) -> ArtifactAmended:
    match change.action:
        case "require" | None:
            return declaration.model_copy(update={"dependencies": _required(declaration, change, ecosystem)})
        case "isolate":
            return declaration.model_copy(update={"environment": change.environment or declaration.artifact})
        case "python":
            return declaration.model_copy(update={"requires_python": change.constraint or None})
        case "release":
            return declaration.model_copy(update={"paths": _released(declaration, change.name)})
        case never:
            assert_never(never)


def _released(declaration: ArtifactAmended, path: str) -> tuple[PathClaim, ...]:
    """The claims but those on ``path``: as it is spelled, else on what it names, else on what lies in it."""
    spelled, name = normal(path), named(path)
    ways = (
        [normal(claim.path) != spelled for claim in declaration.paths],
        [named(claim.path) != name for claim in declaration.paths],
        [not named(claim.path).startswith(f"{name}/") for claim in declaration.paths],
    )
    for stays in ways:
        if not all(stays):
            return tuple(claim for claim, kept in zip(declaration.paths, stays, strict=True) if kept)
    raise Inapplicable(f"{declaration.artifact} does not claim {path}")


def _required(declaration: ArtifactAmended, change: Change, ecosystem: Ecosystem | None) -> tuple[Dependency, ...]:
    meant = [place for place, need in enumerate(declaration.dependencies) if _is_of(need, change, ecosystem)]
    exact = [place for place in meant if _is_there(declaration.dependencies[place], change)]
    if not exact:
        raise Inapplicable(f"{declaration.artifact} needs no {change.name}{change.where}")
    said = {"constraint": "" if change.reference else change.constraint, "reference": change.reference}
    return tuple(
        need.model_copy(update=said) if place in exact else need for place, need in enumerate(declaration.dependencies)
    )


def _is_of(need: Dependency, change: Change, ecosystem: Ecosystem | None) -> bool:
    if ecosystem not in (None, need.ecosystem):
        return False
    return about(need).name == about(need.model_copy(update={"name": change.name})).name


def _is_there(need: Dependency, change: Change) -> bool:
    """Whether it is the need of that scope and marker; a scope without a marker is the one without a marker."""
    if change.scope is None:
        return change.marker in (None, need.marker)
    return (need.scope, need.marker or None) == (change.scope, change.marker or None)


def without(claims: tuple[PathClaim, ...], released: Iterable[str]) -> tuple[PathClaim, ...]:
    """The claims but those on the paths ``released``; raises ``InvalidPath`` for what is none."""
    gone = {named(path) for path in released}
    return tuple(claim for claim in claims if named(claim.path) not in gone)


def named(path: str) -> str:
    """A path by the name that a claim on the file and one on the folder share."""
    return normal(path).removesuffix("/")
