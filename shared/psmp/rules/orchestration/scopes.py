"""Scopes and lanes: whether one lies within another, and whether what was done lies within both."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from typing import Any

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.ecosystems import ECOSYSTEMS
from psmp.compat.paths.names import InvalidPath, normal
from psmp.rules.orchestration.schemas import Path
from psmp.words.orchestration.graph import Allowance, Scope
from psmp.words.values import Dependency, Ecosystem


def narrowed(parent: Scope, own: Scope) -> Scope:
    """What holds for a Sub-PAC: what it says itself, and its parent's word where it says nothing."""
    said = {name: value for name in Scope.model_fields if (value := getattr(own, name)) is not None}
    return parent.model_copy(update=said)


def malformed(scope: Scope) -> Iterator[tuple[Path, str]]:
    """The paths and constraints of a scope that cannot be understood, each with its place in it."""
    for number, path in enumerate(scope.paths or ()):
        if fault := path_fault(path):
            yield ("paths", number), fault
    for number, each in enumerate(scope.dependencies or ()):
        try:
            _span(each.ecosystem, each.constraint)
        except InvalidConstraint as error:
            yield ("dependencies", number, "constraint"), str(error)


def path_fault(path: str) -> str:
    """Why a path cannot be understood; "" when it can."""
    try:
        normal(path)
    except InvalidPath as error:
        return str(error)
    return ""


def widened(parent: Scope, own: Scope) -> Iterator[tuple[Path, str]]:
    """Where a scope goes beyond its parent's, each with its place in it; both are well formed."""
    if parent.paths is not None:
        for number, path in enumerate(own.paths or ()):
            if not within(path, parent.paths):
                yield ("paths", number), f"{path} is not among the paths of the PAC"
    if parent.dependencies is not None:
        for number, each in enumerate(own.dependencies or ()):
            if not allows(parent.dependencies, each):
                yield (
                    ("dependencies", number),
                    f"{each.name} {each.constraint}".rstrip() + " is more than the PAC allows",
                )
    if parent.tools is not None:
        for number, tool in enumerate(own.tools or ()):
            if tool not in parent.tools:
                yield ("tools", number), f"{tool} is not among the tools of the PAC"
    for name in ("budget_micros", "seconds"):
        most, wanted = getattr(parent, name), getattr(own, name)
        if None not in (most, wanted) and wanted > most:
            yield (name,), f"{wanted} is more than the PAC has, {most}"


def within(path: str, allowed: Sequence[str]) -> bool:
    """Whether a path lies in one of the allowed: a folder covers all below it, a file itself. Case counts."""
    wanted = normal(path)
    return any(wanted == each or (each.endswith("/") and wanted.startswith(each)) for each in map(normal, allowed))


def allows(allowed: Sequence[Allowance], wanted: Allowance | Dependency) -> bool:
    """Whether every version of a package that is wanted is allowed; what comes from elsewhere never is."""
    if isinstance(wanted, Dependency) and wanted.reference is not None:
        return False
    canonical = ECOSYSTEMS[wanted.ecosystem].canonical
    spans = [
        _span(each.ecosystem, each.constraint)
        for each in allowed
        if each.ecosystem == wanted.ecosystem and canonical(each.name) == canonical(wanted.name)
    ]
    if not spans:
        return False
    beyond: Any = reduce(lambda left, span: left - span, spans, _span(wanted.ecosystem, wanted.constraint))
    return bool(beyond.is_empty)


@lru_cache(maxsize=4096)
def _span(ecosystem: Ecosystem, constraint: str) -> Any:  # noqa: ANN401 - each ecosystem has its own set of versions
    return ECOSYSTEMS[ecosystem].parse(constraint).span
