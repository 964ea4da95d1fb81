"""The questions that declarations put to a resolver: one for each named environment, target and scope."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from psmp.compat.ecosystems import canonical
from psmp.deep.names import root_name
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target

Group = Literal["runtime", "dev"]
"""What is installed together: ``runtime`` alone, or with ``dev`` what development needs besides."""

USUAL_MACHINE: Final = {"linux": "x86_64", "macos": "arm64", "windows": "x86_64"}
"""The machine that is asked for where none is named."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One dependency of an artifact as a requirement of PEP 508.

    # Invariant: ``name`` and ``extras`` are normalised (PEP 503, 685), extras sorted.
    """

    name: str
    constraint: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    scope: Group = "runtime"
    purpose: str = field(default="", compare=False)
    url: str = ""

    @property
    def package(self) -> str:
        """The package with its extras, ``httpx[http2]``."""
        return f"{self.name}[{','.join(self.extras)}]" if self.extras else self.name

    @property
    def said(self) -> str:
        """How a sentence names it: ``httpx[http2]>=0.27``."""
        return f"{self.package} @ {self.url}" if self.url else f"{self.package}{self.constraint}"

    @property
    def line(self) -> str:
        """The requirement as uv reads it."""
        return f"{self.said} ; {self.marker}" if self.marker else self.said


@dataclass(frozen=True, slots=True, order=True)
class Root:
    """One artifact and what it needs, sorted."""

    artifact: str
    agent: str
    needs: tuple[Need, ...]

    @property
    def name(self) -> str:
        """Its name as a package."""
        return root_name(self.artifact)


@dataclass(frozen=True, slots=True)
class Problem:
    """Can all ``roots`` be installed together in ``target``?

    ``environment`` is the named one of the artifacts, None the shared one. ``left_out`` says, a sentence each, what
    cannot be asked: then the answer is at best unknown. ``foreign`` are packages that come from somewhere else than the
    index: what a proof says of these from the index is no proof.

    # Invariant: ``roots`` are sorted by artifact, and each needs something.
    """

    environment: str | None
    target: Target
    group: Group
    roots: tuple[Root, ...]
    left_out: tuple[str, ...] = ()
    foreign: frozenset[str] = frozenset()

    @property
    def artifacts(self) -> tuple[str, ...]:
        """The ids of all artifacts in it, sorted."""
        return tuple(root.artifact for root in self.roots)

    @property
    def elements(self) -> tuple["Element", ...]:
        """Every need with the artifact that has it, in order."""
        return tuple((root.artifact, need) for root in self.roots for need in root.needs)

    def only(self, elements: Collection["Element"]) -> "Problem":
        """The same of these needs alone; an artifact that needs nothing then is gone."""
        kept = (
            replace(root, needs=tuple(n for n in root.needs if (root.artifact, n) in elements)) for root in self.roots
        )
        return replace(self, roots=tuple(root for root in kept if root.needs))

    def exchange(self, changes: Mapping["Element", Need]) -> "Problem":
        """The same where these needs are others."""
        changed = (
            replace(root, needs=tuple(sorted({changes.get((root.artifact, need), need) for need in root.needs})))
            for root in self.roots
        )
        return replace(self, roots=tuple(changed))


Element = tuple[str, Need]
"""An artifact and one of its needs."""


def problems(
    declarations: Iterable[Declaration], targets: Iterable[Target], *, fetch_references: bool = False
) -> tuple[Problem, ...]:
    """Every question that ``declarations`` put, by environment, target and group; those that nobody puts are absent.

    Only dependencies on ``pypi`` packages count, of scope runtime, and of scope dev where there are any. What PEP 508
    or the resolver cannot read is left out and said. A direct reference is left out unless ``fetch_references``, and
    then only a wheel at an https address is taken (PEP 508 ``name @ url``): nothing may be built or read from a disk.
    """
    environments: dict[str, list[Declaration]] = {}
    for declaration in sorted(declarations, key=lambda each: each.artifact):
        environments.setdefault(declaration.environment or "", []).append(declaration)
    found: list[Problem] = []
    for name, members in sorted(environments.items()):
        for target in sorted(targets, key=str):
            groups = _groups(members)
            found.extend(_problem(name or None, target, group, members, fetch=fetch_references) for group in groups)
    return tuple(found)


def digest(problems: Iterable[Problem], *, index: str, exclude_newer: datetime | None) -> str:
    """The SHA-256 of the question: equal for equal declarations, targets, index and time, in whatever order given."""
    asked = sorted(
        [problem.environment or "", str(problem.target), problem.group, sorted(problem.left_out)]
        + [[root.artifact, root.agent, [[n.line, n.scope, n.purpose] for n in root.needs]] for root in problem.roots]
        for problem in problems
    )
    moment = exclude_newer.isoformat() if exclude_newer else ""
    return sha256(json.dumps([public(index), moment, asked]).encode()).hexdigest()


def public(index: str) -> str:
    """The address without a name and password."""
    parts = urlsplit(index)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _groups(members: Iterable[Declaration]) -> tuple[Group, ...]:
    scopes = {each.scope for member in members for each in member.dependencies if each.ecosystem == "pypi"}
    return tuple(group for group in _GROUPS if group in scopes)


_GROUPS: Final[tuple[Group, ...]] = ("runtime", "dev")
_TOGETHER: Final[dict[Group, tuple[str, ...]]] = {"runtime": ("runtime",), "dev": ("runtime", "dev")}


def _problem(
    environment: str | None, target: Target, group: Group, members: Iterable[Declaration], *, fetch: bool
) -> Problem:
    roots, left_out, foreign = [], [], set()
    for member in members:
        needs = []
        for dependency in member.dependencies:
            if dependency.ecosystem != "pypi" or dependency.scope not in _TOGETHER[group]:
                continue
            need = _need(dependency, fetch=fetch)
            if isinstance(need, Need):
                needs.append(need)
            else:
                left_out.append(f"{member.agent or member.artifact} requires {need} ({member.artifact})")
                foreign.update([canonical(dependency.name)] if dependency.reference else [])
        if needs:
            roots.append(Root(member.artifact, member.agent or member.artifact, tuple(sorted(set(needs)))))
    return Problem(environment, target, group, tuple(sorted(roots)), tuple(sorted(left_out)), frozenset(foreign))


def _need(dependency: Dependency, *, fetch: bool) -> Need | str:
    """The need, or what is wrong with it, to follow "requires"."""
    scope: Group = "dev" if dependency.scope == "dev" else "runtime"
    constraint = "".join(dependency.constraint.split())
    name, marker = canonical(dependency.name), dependency.marker or ""
    extras = tuple(sorted(map(canonical, dependency.extras)))
    url = dependency.reference or ""
    need = Need(name, "" if url else constraint, extras, marker, scope, dependency.purpose, url)
    if url and not (fetch and url.startswith("https://") and url.partition("#")[0].endswith(".whl")):
        return f"{name} from {url}, which is not fetched"
    if not _readable(need):
        return f"{need.line}, which is not a requirement of PEP 508"
    if "===" in constraint:
        return f"{need.said}, which compares spellings and not versions"
    return need


def _readable(need: Need) -> bool:
    try:
        SpecifierSet(need.constraint)
        read = Requirement(need.line)
    except (InvalidRequirement, InvalidSpecifier):
        return False
    return "\n" not in need.line and canonical(read.name) == need.name
