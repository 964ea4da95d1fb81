"""The validated set as a software bill of materials: CycloneDX 1.6, with who declared what and why."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from psmp.deep.problem import Group
from psmp.deep.resolution import Resolution
from psmp.deep.selection import Choice, choices

SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"

_ALGORITHMS: Final = {"md5": "MD5", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_ROOT: Final = "project"


def sbom(
    resolution: Resolution,
    *,
    project: str,
    tool: str,
    timestamp: datetime,
    described: Sequence[tuple[str, str]] = (),
    environment: str | None = None,
    group: Group = "runtime",
) -> str:
    """A CycloneDX 1.6 document in JSON of what is installed for ``project``.

    ``tool`` is the version of PSMP that writes it, ``timestamp`` when; ``described`` are properties that the document
    has besides. The serial number is derived from all but the timestamp, so that the same set has the same number, and
    the same arguments give the same bytes. ``hashes`` are of every file that the index has of a version. Raises
    NotSettled where there is no validated set, and ValueError where the timestamp has no time zone.
    """
    if timestamp.tzinfo is None:
        raise ValueError("the timestamp has no time zone")
    selected = choices(resolution, environment=environment, group=group)
    about: dict[str, Any] = {
        "tools": {"components": [{"type": "application", "name": "psmp", "version": tool}]},
        "component": {"type": "application", "bom-ref": _ROOT, "name": project},
        "properties": _properties([*described, *_about(resolution, selected, environment, group)]),
    }
    body = {
        "metadata": about,
        "components": [_component(choice) for choice in selected],
        "dependencies": _dependencies(selected),
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(body, sort_keys=True))
    document = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
        "metadata": {"timestamp": timestamp.isoformat(), **about},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def package_url(name: str, version: str) -> str:
    """The address of a release on PyPI as a package URL; ``name`` is canonical (PEP 503)."""
    return f"pkg:pypi/{name}" + (f"@{quote(version, safe='.-_~')}" if version else "")


def _about(
    resolution: Resolution, selected: Sequence[Choice], environment: str | None, group: Group
) -> list[tuple[str, str]]:
    targets = sorted({target for choice in selected for target in choice.targets})
    told = [("psmp:question", resolution.digest), ("psmp:scope", group)]
    told += [("psmp:environment", environment)] if environment else []
    told += [("psmp:target", target) for target in targets]
    told += [("psmp:exclude-newer", resolution.exclude_newer.isoformat())] if resolution.exclude_newer else []
    return told


def _component(choice: Choice) -> dict[str, Any]:
    address = package_url(choice.name, choice.version)
    told: list[tuple[str, str]] = []
    for root, need in choice.declared:
        each = f"psmp:artifact:{root.artifact}"
        told += [(f"{each}:agent", root.agent), (f"{each}:requires", need.line)]
        told += [(f"{each}:purpose", need.purpose)] if need.purpose else []
    told += [("psmp:target", target) for target in choice.targets] if choice.marker else []
    hashes = [each.partition(":") for each in choice.hashes]
    known = [{"alg": _ALGORITHMS[name], "content": value} for name, _, value in hashes if name in _ALGORITHMS]
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _reference(choice.name, choice.version),
        "name": choice.name,
        **({"version": choice.version} if choice.version else {}),
        **({"hashes": known} if known else {}),
        "purl": address,
        **({"externalReferences": [{"type": "distribution", "url": choice.url}]} if choice.url else {}),
        **({"properties": _properties(told)} if told else {}),
    }
    return component


def _dependencies(selected: Sequence[Choice]) -> list[dict[str, Any]]:
    """What needs what, from the project down; a package that needs nothing is named too: that is known."""
    edges: dict[str, set[str]] = {_ROOT: set()}
    for choice in selected:
        own = _reference(choice.name, choice.version)
        edges.setdefault(own, set())
        if choice.declared:
            edges[_ROOT].add(own)
        for name, version in choice.needed_by:
            edges.setdefault(_reference(name, version), set()).add(own)
    return [{"ref": each, "dependsOn": sorted(edges[each])} for each in sorted(edges)]


def _reference(name: str, version: str) -> str:
    return package_url(name, version)


def _properties(told: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in told]
