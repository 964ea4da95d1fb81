"""``pyproject.toml`` by the book: PEP 621 (project), PEP 735 (dependency groups) and PEP 518 (build system).

Nothing is built or run to learn what a project needs. Extras and groups are of scope ``dev``, build requirements of
scope ``build``.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

from psmp.cli.manifests import requirements
from psmp.cli.manifests.found import Found, ManifestFault, Place, requirement, text_of, together
from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.pypi.ranges import parse
from psmp.words.values import Scope

_WHERE: Final = re.compile(r"\(at line (?P<line>\d+)")


def read(path: Path, *, root: Path | None = None, purpose: str = "") -> Found:
    """What the project asks for; raises ``ManifestFault``."""
    text = text_of(path)
    return together(_Project(path, text, _parsed(path, text), root, purpose).parts())


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = _WHERE.search(str(error))
        problem = f"not TOML: {str(error).partition(' (at ')[0]}"
        raise ManifestFault(path, int(where["line"]) if where else None, problem) from None


class _Project:
    """One file being read; every fault names the line that holds the text in question."""

    def __init__(self, path: Path, text: str, parsed: Mapping[str, Any], root: Path | None, purpose: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._parsed = parsed
        self._root = root
        self._purpose = purpose

    def parts(self) -> Iterator[Found]:
        """Every section's requirements, but for those that mean the project itself: its extras are all read anyway."""
        own = canonicalize_name(str(self._table(self._parsed, "project").get("name", "")))
        for part in self._sections():
            others = tuple(need for need in part.dependencies if canonicalize_name(need.name) != own)
            yield replace(part, dependencies=others)

    def _sections(self) -> Iterator[Found]:
        project = self._table(self._parsed, "project")
        if not project and "poetry" in self._table(self._parsed, "tool"):
            hint = "declare from an exported requirements.txt, or move to a [project] table"
            raise self._at("[tool.poetry").fault("has Poetry's own table only, which PEP 621 tools cannot read", hint)
        yield Found(requires_python=self._interpreters(project))
        yield from self._listed(project.get("dependencies", []), "project.dependencies", "runtime")
        yield from self._dynamic(project)
        for name, listed in self._table(project, "optional-dependencies").items():
            yield from self._listed(listed, f"project.optional-dependencies.{name}", "dev", f"extra {name}")
        named = self._table(self._parsed, "dependency-groups").items()
        groups: dict[str, object] = {canonicalize_name(name): each for name, each in named}
        for name in groups:
            yield from self._group(groups, name, ())
        build = self._table(self._parsed, "build-system")
        yield from self._listed(build.get("requires", []), "build-system.requires", "build")

    def _interpreters(self, project: Mapping[str, Any]) -> str:
        asked = project.get("requires-python", "")
        if not isinstance(asked, str):
            raise self._at("requires-python").fault("requires-python is not text")
        try:
            parse(asked)
        except InvalidConstraint as fault:
            raise self._at("requires-python").fault(f"requires-python: {fault}", fault.hint) from None
        return asked

    def _table(self, parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = parent.get(name, {})
        if not isinstance(table, dict):
            raise self._at(name).fault(f"{name} is not a table")
        return table

    def _listed(self, listed: object, name: str, scope: Scope, purpose: str = "") -> Iterator[Found]:
        if not isinstance(listed, list):
            raise self._at(name.rpartition(".")[2]).fault(f"{name} is not a list")
        for each in listed:
            if not isinstance(each, str):
                raise self._at(name.rpartition(".")[2]).fault(f"{name} holds {each!r}, which is not text")
            yield requirement(each, self._at(each, scope, self._purpose or purpose))

    def _group(self, groups: Mapping[str, object], name: str, including: tuple[str, ...]) -> Iterator[Found]:
        listed = groups.get(name)
        if listed is None or name in including:
            problem = "is included, but there is none" if listed is None else "includes itself"
            raise self._at("include-group").fault(f"group {name} {problem}")
        if not isinstance(listed, list):
            raise self._at(name).fault(f"dependency-groups.{name} is not a list")
        for each in listed:
            match each:
                case {"include-group": str(other)} if len(each) == 1:
                    yield from self._group(groups, canonicalize_name(other), (*including, name))
                case _:
                    yield from self._listed([each], f"dependency-groups.{name}", "dev", f"group {name}")

    def _dynamic(self, project: Mapping[str, Any]) -> Iterator[Found]:
        """Dependencies that a build makes: readable where setuptools takes them from files, else a fault."""
        if "dependencies" not in project.get("dynamic", []):
            return
        setuptools = self._table(self._table(self._table(self._parsed, "tool"), "setuptools"), "dynamic")
        match setuptools.get("dependencies"):
            case {"file": str(one)}:
                files = [one]
            case {"file": [*several]} if all(isinstance(each, str) for each in several):
                files = several
            case _:
                hint = "declare them with --from requirements.txt or --dep, which need no build"
                raise self._at("dynamic").fault("the dependencies are dynamic: only a build could tell them", hint)
        root = self._root or self._path.parent
        for file in files:
            yield requirements.read(self._path.parent / file, root=root, purpose=self._purpose)

    def _at(self, text: str, scope: Scope = "runtime", purpose: str = "") -> Place:
        """The first line that holds ``text``, quoted if it can be so found."""
        spellings = (f'"{text}"', f"'{text}'", text.replace('"', '\\"'), text)
        found = (n for spelling in spellings for n, line in enumerate(self._lines, 1) if spelling in line)
        return Place(self._path, next(found, None), scope, purpose)
