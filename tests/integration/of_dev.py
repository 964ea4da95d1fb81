"""The stack that several files of tests share: commands that find it, a project on it, and who made that."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.client import BlockingClient, connect_sync
from tests.integration.cli import Shell


@pytest.fixture(scope="module")
def dev(
    tmp_path_factory: pytest.TempPathFactory, shared_dev: tuple[Path, dict[str, Any]]
) -> tuple[Shell, dict[str, Any]]:
    return Shell.at(tmp_path_factory.mktemp("dev"), XDG_STATE_HOME=str(shared_dev[0])), shared_dev[1]


@pytest.fixture
def shell(dev: tuple[Shell, dict[str, Any]], tmp_path: Path) -> Shell:
    """A folder of the test's own that finds the module's stack."""
    return Shell(tmp_path, dev[0].environment)


@pytest.fixture
def project(dev: tuple[Shell, dict[str, Any]], request: pytest.FixtureRequest) -> str:
    """A project in PLANNING."""
    name = f"p-{hashlib.sha256(request.node.name.encode()).hexdigest()[:16]}"
    with connect_sync(dev[1]["url"], agent="ada") as client:
        client.create_project(name, name="Überprüfung")
        client.transition(name, "PLANNING", reason="go")
    return name


def declare(shell: Shell, project: str, agent: str, need: str, *words: str) -> int:
    ended = shell.run("declare", project, "--agent", agent, "--artifact", f"of-{agent}", "--dep", need, *words)
    return ended.code


@pytest.fixture
def ada(dev: tuple[Shell, dict[str, Any]]) -> Iterator[BlockingClient]:
    """Who has made the projects, for what need not be done by a command here."""
    with connect_sync(dev[1]["url"], agent="ada", timeout=60) as client:
        yield client
