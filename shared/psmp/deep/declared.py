"""What a project declares as a bill of materials: CycloneDX 1.6, every package with who needs it and how, unresolved.

It says what was asked for, not what an installation would bring: a version only where all ask for one and the same.
What was resolved, with hashes and everything that packages need themselves, is ``psmp.deep.sbom``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from psmp.compat.ecosystems import canonical
from psmp.compat.npm.versions import read as read_npm
from psmp.deep.sbom import SCHEMA, package_url
from psmp.words.answers import ArtifactStatus, Status
from psmp.words.values import Dependency, Ecosystem

_ROOT: Final = "project"


class _Use(NamedTuple):
    """One artifact's need of a package."""

    artifact: ArtifactStatus
    need: Dependency


def declared_bill(status: Status, *, tool: str) -> str:
    """The bill of all that stands declared in a project, as JSON.

    ``tool`` is the version of PSMP that writes it; its time is that of the project's last event. The same status gives
    the same bytes.
    """
    packages = _packages(status.artifacts)
    components = [_component(ecosystem, name, uses) for (ecosystem, name), uses in sorted(packages.items())]
    references = [each["bom-ref"] for each in components]
    about: dict[str, Any] = {
        "timestamp": status.time,
        "tools": {"components": [{"type": "application", "name": "psmp", "version": tool}]},
        "component": {"type": "application", "bom-ref": _ROOT, "name": status.project},
        "properties": _properties(_about(status)),
    }
    body = {
        "metadata": about,
        "components": components,
        "dependencies": [{"ref": _ROOT, "dependsOn": references}, *({"ref": each} for each in references)],
        "compositions": [{"aggregate": "incomplete", "assemblies": [_ROOT], "dependencies": references}],
    }
    document = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps(body, sort_keys=True))}",
        "version": 1,
        **body,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _packages(artifacts: Iterable[ArtifactStatus]) -> Mapping[tuple[Ecosystem, str], list[_Use]]:
    """Who needs each package, in the order of the artifacts' ids; of what was withdrawn nothing."""
    found: dict[tuple[Ecosystem, str], list[_Use]] = {}
    for artifact in sorted(artifacts, key=lambda each: each.artifact):
        if artifact.status != "ARCHIVED":
            for need in artifact.dependencies:
                name = canonical(need.name) if need.ecosystem == "pypi" else need.name
                found.setdefault((need.ecosystem, name), []).append(_Use(artifact, need))
    return found


def _about(status: Status) -> Iterable[tuple[str, str]]:
    yield from (("psmp:tenant", status.tenant), ("psmp:sequence", str(status.sequence)), ("psmp:state", status.state))
    for target in status.targets:
        yield "psmp:target", str(target)
    checked = status.transitive
    yield "psmp:transitive:verdict", checked.verdict
    if checked.sequence is not None:
        yield "psmp:transitive:sequence", str(checked.sequence)
    if checked.exclude_newer is not None:
        yield "psmp:transitive:exclude-newer", checked.exclude_newer


def _component(ecosystem: Ecosystem, name: str, uses: Sequence[_Use]) -> dict[str, Any]:
    versions = {_exact(use.need) for use in uses}
    version = versions.pop() if len(versions) == 1 else ""
    purl = package_url(name, version) if ecosystem == "pypi" else _npm_url(name, version)
    group, _, plain = name.rpartition("/")
    scopes = {use.need.scope for use in uses}
    links = sorted({use.need.reference for use in uses if use.need.reference and _is_address(use.need.reference)})
    return {
        "type": "library",
        "bom-ref": f"{ecosystem}/{name}",
        **({"group": group} if group else {}),
        "name": plain,
        **({"version": version} if version else {}),
        "scope": "required" if "runtime" in scopes else "excluded",
        "purl": purl,
        **({"externalReferences": [{"type": "distribution", "url": each} for each in links]} if links else {}),
        "properties": _properties(each for use in uses for each in _told(use)),
    }


def _told(use: _Use) -> Iterable[tuple[str, str]]:
    """Who needs it, how, and why."""
    artifact, need = use
    where = f"psmp:artifact:{artifact.artifact}"
    yield f"{where}:agent", artifact.agent
    yield f"{where}:version", str(artifact.version)
    yield f"{where}:constraint", need.constraint
    yield f"{where}:scope", need.scope
    more = (
        ("extras", ",".join(need.extras)),
        ("marker", need.marker),
        ("reference", need.reference),
        ("purpose", need.purpose),
        ("location", need.location),
        ("environment", artifact.environment),
    )
    yield from ((f"{where}:{name}", value) for name, value in more if value)


def _exact(need: Dependency) -> str:
    """The one version that a need admits, where its constraint names it; "" where there may be others."""
    if need.reference:
        return ""
    if need.ecosystem == "npm":
        return str(read_npm(need.constraint.removeprefix("=")) or "")
    try:
        found = list(SpecifierSet(need.constraint))
        return str(Version(found[0].version)) if [each.operator for each in found] == ["=="] else ""
    except (InvalidSpecifier, InvalidVersion):
        return ""


def _npm_url(name: str, version: str) -> str:
    """The address of a release on npm as a package URL."""
    path = "/".join(quote(each, safe=".-_~") for each in name.split("/"))
    return f"pkg:npm/{path}" + (f"@{quote(version, safe='.-_~')}" if version else "")


def _is_address(reference: str) -> bool:
    return urlsplit(reference).scheme in ("http", "https")


def _properties(told: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in told]
