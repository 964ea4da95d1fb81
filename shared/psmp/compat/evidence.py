"""From a clash to the conflict that is told: one form for the log, the client and the command line."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from psmp.compat.direct import Clash
from psmp.compat.paths.clashes import PathClash
from psmp.compat.requirement import PYTHON, Requirement, Subject
from psmp.compat.standing import Touched
from psmp.words.values import Conflict, Party, Scope, Severity

SEVERITIES: Final[Mapping[Scope, Severity]] = MappingProxyType(
    {"runtime": Severity.CRITICAL, "dev": Severity.HIGH, "build": Severity.HIGH}
)
"""How much a clash weighs in each scope: what runs cannot be helped, what builds or tests can wait."""


def conflict(clash: Clash | PathClash, name: str, versions: Mapping[str, int]) -> Conflict:
    """The conflict called ``name`` that a clash is; ``versions`` has the version of every artifact."""
    if isinstance(clash, PathClash):
        return clash.word(name, versions)
    subject = clash.subject
    return Conflict(
        id=name,
        kind=clash.kind,
        ecosystem="npm" if subject.ecosystem == "npm" else "pypi",
        subject=subject.name,
        scope=clash.scope,
        severity=SEVERITIES[clash.scope],
        environments=clash.environments,
        causes=clash.causes,
        parties=tuple(_party(each, versions) for each in clash.parties),
        text=clash.text,
        suggestions=clash.suggestions,
        complete=clash.complete,
        environment=subject.environment or None,
    )


def topics(touched: Touched) -> frozenset[tuple[str, ...]]:
    """What the identities of all conflicts on what was touched begin with."""
    return frozenset((*map(_topic, touched.subjects), *(("path", "", path, "") for path in touched.paths)))


def identity(clash: Clash | PathClash) -> tuple[str, ...]:
    """What ``Conflict.identity`` of the conflict will be."""
    if isinstance(clash, PathClash):
        return "path", "", clash.subject, "", ""
    return (*_topic(clash.subject), clash.scope)


def _topic(subject: Subject) -> tuple[str, ...]:
    ecosystem = "npm" if subject.ecosystem == "npm" else "pypi"
    family = "python" if subject.ecosystem == PYTHON else "direct"
    return family, ecosystem, subject.name, subject.environment


def _party(requirement: Requirement, versions: Mapping[str, int]) -> Party:
    ask = requirement.ask
    return Party(
        artifact=requirement.artifact,
        version=versions[requirement.artifact],
        agent=requirement.agent,
        constraint=ask.constraint,
        purpose=requirement.purpose,
        sequence=requirement.position,
        scope=ask.scope,
        marker=ask.marker or None,
        reference=ask.reference or None,
        location=requirement.location or None,
    )
