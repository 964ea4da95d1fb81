"""The validated set over all targets: which version of which package goes where, and who asked for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from psmp.deep.problem import USUAL_MACHINE, Group, Need, Root
from psmp.deep.resolution import Finding, Resolution
from psmp.deep.solution import Package
from psmp.words.values import Target

_SYSTEMS: Final = {"linux": "linux", "macos": "darwin", "windows": "win32"}
_MACHINES: Final = {
    ("linux", "arm64"): "aarch64",
    ("windows", "x86_64"): "AMD64",
    ("windows", "arm64"): "ARM64",
}


class NotSettled(ValueError):
    """There is no validated set to write down: ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        """Keep the reason; it is the whole sentence."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Choice:
    """One version of one package, the ``targets`` it is for, and what the artifacts say of it.

    ``needed_by`` are the names and versions of the packages that need it; ``marker`` (PEP 508) tells its targets from
    the others, "" where it is for all.
    """

    name: str
    version: str
    url: str
    hashes: tuple[str, ...]
    targets: tuple[str, ...]
    marker: str
    declared: tuple[tuple[Root, Need], ...]
    needed_by: tuple[tuple[str, str], ...]

    @property
    def pin(self) -> str:
        """The requirement that admits this version alone."""
        return f"{self.name} @ {self.url}" if self.url else f"{self.name}=={self.version}"


def choices(resolution: Resolution, *, environment: str | None = None, group: Group = "runtime") -> tuple[Choice, ...]:
    """What is installed in the named environment (None is the shared one), by name and version.

    Raises NotSettled where a target's set is not known to be compatible, or nothing was asked there.
    """
    findings = [each for each in resolution.findings if (each.environment, each.group) == (environment, group)]
    if not findings:
        raise NotSettled(f"nothing needs a package in the {group} scope of {environment or 'the shared environment'}")
    for finding in findings:
        if finding.verdict != "compatible":
            why = f": {finding.reason}" if finding.reason else ""
            raise NotSettled(f"{finding.target} is {finding.verdict}{why}")
    found: dict[tuple[str, str, str], list[tuple[Finding, Package]]] = {}
    for finding in findings:
        for package in finding.packages:
            found.setdefault((package.name, package.version, package.url), []).append((finding, package))
    every = [finding.target for finding in findings]
    return tuple(_choice(key, found[key], every) for key in sorted(found))


def _choice(key: tuple[str, str, str], found: Sequence[tuple[Finding, Package]], every: Sequence[Target]) -> Choice:
    name, version, url = key
    targets = [finding.target for finding, _ in found]
    declared = {
        (root, need)
        for finding, package in found
        for root in finding.roots
        for need in root.needs
        if need.name == name and root.artifact in package.direct
    }
    needed_by = {
        (other.name, other.version)
        for finding, package in found
        for other in finding.packages
        if other.name in package.via
    }
    return Choice(
        name,
        version,
        url,
        tuple(sorted({each for _, package in found for each in package.hashes})),
        tuple(sorted(map(str, targets))),
        "" if len(targets) == len(every) else _marker(targets, every),
        tuple(sorted(declared)),
        tuple(sorted(needed_by)),
    )


def _marker(targets: Iterable[Target], every: Sequence[Target]) -> str:
    """A marker (PEP 508) that holds in ``targets`` and in none of the others of ``every``."""
    terms = sorted({" and ".join(_terms(target, every)) for target in targets})
    return " or ".join(terms)


def _terms(target: Target, every: Sequence[Target]) -> list[str]:
    """What tells this target from others: only the properties in which targets differ."""
    terms = []
    if len({each.python for each in every}) > 1:
        series = target.python.count(".") == 1
        terms.append(f'{"python_version" if series else "python_full_version"} == "{target.python}"')
    if len({each.platform for each in every}) > 1:
        terms.append(f'sys_platform == "{_SYSTEMS[target.platform]}"')
    if len({(each.platform, each.machine) for each in every}) > len({each.platform for each in every}):
        machine = target.machine or USUAL_MACHINE[target.platform]
        terms.append(f'platform_machine == "{_MACHINES.get((target.platform, machine), machine)}"')
    return terms
