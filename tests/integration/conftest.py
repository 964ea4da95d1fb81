"""What several files of tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli import Shell


@pytest.fixture(scope="session")
def shared_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """One ``psmp dev`` for tests that only use projects of their own: where its addresses are, and what it said.

    The files whose tests use it are one worker's: see tests/sharing_out.py.
    """
    shell = Shell.at(tmp_path_factory.mktemp("shared"))
    with shell.dev() as said:
        yield Path(shell.environment["XDG_STATE_HOME"]), said
