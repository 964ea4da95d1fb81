"""What must be found, found out in another way: by trying every version, or by a rule that is plain to see."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from packaging.specifiers import SpecifierSet

from psmp.deep.causes import Core
from psmp.deep.clashes import Clash
from psmp.deep.problem import Need
from psmp.deep.resolution import Finding, Resolution
from psmp.deep.resolution import Verdict as Found
from psmp.rules.project import Project
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from psmp_checker.transitive import Asked
from tests.unit.deep.saying import LINUX, problem, root, unsolvable

PACKAGES: Final = ("numpy", "pandas")
VERSIONS: Final = ("0.5", "1.0", "1.5", "2.0", "3.0")
"""Enough versions to tell the constraints below apart."""
WINDOWS: Final = "sys_platform == 'win32'"
"""Where some of them count."""


def clashing(project: Project) -> set[str]:
    """The packages of which in some environment no version satisfies everybody, found by trying each."""
    live = [artifact.declaration for artifact in project.artifacts.values() if not artifact.withdrawn]
    rooms = {each.environment for each in live}
    needs = [
        [need for each in live if each.environment == room for need in each.dependencies if _counts(need, target)]
        for room in rooms
        for target in project.targets
    ]
    return {
        name
        for name in PACKAGES
        for there in needs
        if not any(all(_admits(n.constraint, v) for n in there if n.name == name) for v in VERSIONS)
    }


def unfit(project: Project) -> set[str]:
    """The interpreter, if some artifact does not run on one that the project must run on."""
    wanted = [each.declaration.requires_python for each in project.artifacts.values() if not each.withdrawn]
    pythons = [target.python for target in project.targets]
    return {"python" for each in wanted for python in pythons if each and not _admits(each, python)}


def _counts(need: Dependency, target: Target) -> bool:
    return need.marker is None or target.platform == "windows"


@cache
def _admits(constraint: str, version: str) -> bool:
    return SpecifierSet(constraint).contains(version)


def is_in_hand(project: Project) -> bool:
    """Whether a person has in hand what blocks it."""
    return any(each.taken is not None and each.conflict in project.blockers for each in project.alerts.values())


def apart(declarations: Iterable[Declaration]) -> list[tuple[str, ...]]:
    """Who cannot be installed together, if every pandas needs a numpy below 3 and somebody asks for a later one.

    Of environments of their own it says nothing.
    """
    needs = {
        each.artifact: {need.name: need.constraint for need in each.dependencies}
        for each in declarations
        if not each.environment
    }
    return sorted(
        {
            tuple(sorted({old, new}))
            for old in needs
            for new in needs
            if "pandas" in needs[old] and needs[new].get("numpy") == ">=2"
        }
    )


def resolved(asked: Asked, *, known: bool) -> Resolution:
    """What a resolver says of it; nothing at all unless it is ``known``."""
    causes = apart(asked.declarations()) if known else []
    roots = [root(artifact, Need("numpy")) for artifact in sorted({each for cause in causes for each in cause})]
    whole = problem(*roots)
    cores = tuple(Core(tuple((each, Need("numpy")) for each in cause), unsolvable(whole)) for cause in causes)
    clash = Clash(
        kind="transitive",
        subject="deep",
        environment=None,
        group="runtime",
        targets=(str(LINUX),),
        causes=tuple(causes),
        complete=True,
        text="they cannot be installed together",
        chain=(),
        cores=cores,
        agents=tuple((each.artifact, each.agent) for each in roots),
    )
    verdict: Found = "unknown" if not known else "conflict" if causes else "compatible"
    return Resolution("0" * 64, None, (Finding(None, LINUX, "runtime", verdict),), (clash,) if causes else ())
