"""The wheel holds what the project is made of: every package, all its files, and nothing else."""

import re
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = (ROOT / "services", ROOT / "shared")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(wheel: Path) -> Message:
    (name,) = (each for each in files(wheel) if each.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(name).decode())


def on_disk() -> set[str]:
    """Where in the wheel each file of a package belongs; what is in TypeScript is a package of its own, for npm."""
    found = {
        file.relative_to(source).as_posix()
        for source in SOURCES
        for package in source.glob("*/__init__.py")
        for file in package.parent.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    return {file for file in found if not file.endswith("README.md")}


def test_top_level_names_are_the_packages_on_disk(wheel: Path) -> None:
    names = {file.partition("/")[0] for file in files(wheel)}
    packages = {init.parent.name for source in SOURCES for init in source.glob("*/__init__.py")}
    assert {name for name in names if not name.endswith(".dist-info")} == packages


def test_every_file_of_a_package_is_in_the_wheel_and_no_other(wheel: Path) -> None:
    assert {file for file in files(wheel) if ".dist-info/" not in file} == on_disk()


def test_the_stack_carries_the_configuration_of_the_servers(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("psmp/stack/nats.conf") == (ROOT / "nats.conf").read_bytes()


def test_the_wheel_asks_for_the_thin_core_alone(wheel: Path) -> None:
    asked = [Requirement(each) for each in metadata(wheel).get_all("Requires-Dist", [])]
    core = {each.name for each in asked if each.marker is None or "extra" not in str(each.marker)}
    assert core == {"nats-py", "packaging", "pydantic"}


def test_the_wheel_is_what_python_imports(wheel: Path) -> None:
    program = f"import sys; sys.path.insert(0, {str(wheel)!r}); import psmp; print(psmp.__file__, psmp.__version__)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"{wheel}/psmp/__init__.py", metadata(wheel)["Version"]]


def test_the_command_line_starts_a_module_that_is_there(wheel: Path) -> None:
    (name,) = (each for each in files(wheel) if each.endswith(".dist-info/entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        points = archive.read(name).decode()
    modules = re.findall(r"= ([a-z_.]+):", points)
    assert modules
    assert {f"{module.replace('.', '/')}.py" for module in modules} <= files(wheel)
