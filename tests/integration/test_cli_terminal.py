"""The command in a real terminal: colour and a live page there, and none of it where it is not wanted."""

import contextlib
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.client import connect_sync
from tests.integration.cli import PSMP, WITHIN, Shell
from tests.little_index import LittleIndex, serving

pytestmark = pytest.mark.integration

ESCAPE = "\x1b["


class Terminal:
    """A command whose output is a terminal of so many columns."""

    def __init__(self, shell: Shell, *words: str, columns: int = 80, **variables: str) -> None:
        self._screen, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = {**shell.environment, "TERM": "xterm-256color", **variables}
        self.process = subprocess.Popen(
            [*PSMP, *words], cwd=shell.folder, env=environment, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self.shown = ""

    def until(self, wanted: str) -> str:
        """What was shown, as soon as ``wanted`` was, or at the command's end."""
        deadline = time.monotonic() + WITHIN
        while wanted not in self.shown and time.monotonic() < deadline:
            if select.select([self._screen], [], [], 0.1)[0] and not self._read():
                break
        return self.shown

    def end(self) -> tuple[int, str]:
        """How it ended, and everything that was shown."""
        while self._read():
            continue
        return self.process.wait(timeout=WITHIN), self.shown

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=WITHIN)
        os.close(self._screen)

    def _read(self) -> bool:
        try:
            read = os.read(self._screen, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # the other side is closed
                raise
            return False
        self.shown += read.decode()
        return bool(read)


@contextlib.contextmanager
def terminal(shell: Shell, *words: str, columns: int = 80, **variables: str) -> Iterator[Terminal]:
    opened = Terminal(shell, *words, columns=columns, **variables)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    """A stack with a project that is blocked."""
    shell = Shell.at(tmp_path_factory.mktemp("dev"))
    with shell.dev() as said:
        with connect_sync(said["url"], agent="coder") as client:
            client.create_project("rag")
            client.transition("rag", "PLANNING", reason="go")
            client.declare("rag", "backend", dependencies=["langchain>=0.1.0"])
            client.declare("rag", "pipeline", dependencies=["langchain==0.0.350"])
        yield shell, said


@pytest.fixture
def shell(dev: tuple[Shell, dict[str, Any]], tmp_path: Path) -> Shell:
    return Shell(tmp_path, dev[0].environment)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_page_is_coloured_and_fits_but_for_what_is_to_be_typed(shell: Shell, columns: int) -> None:
    with terminal(shell, "status", "rag", columns=columns) as screen:
        code, shown = screen.end()
    assert code == 0
    assert f"{ESCAPE}1;31mBLOCKED" in shown
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in shown.splitlines()]
    assert all(len(line) <= columns for line in lines if "psmp amend" not in line)
    assert any(line.endswith("--set 'langchain>=0.1.0'") for line in lines)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}])
def test_no_colour_is_shown_where_it_is_not_wanted(shell: Shell, variables: dict[str, str]) -> None:
    for words in (("status", "rag"), ("status", "nope"), ("doctor",)):
        with terminal(shell, *words, columns=80, **variables) as screen:
            assert ESCAPE not in screen.end()[1]


def test_a_fault_is_coloured_in_a_terminal_and_says_what_to_type(shell: Shell) -> None:
    with terminal(shell, "begin", "rag", "--agent", "nb") as screen:
        code, shown = screen.end()
    assert code == 3
    assert f"{ESCAPE}1;31mpsmp:{ESCAPE}0m PROJECT_BLOCKED" in shown
    assert "psmp status rag" in shown


def test_what_happens_is_seen_on_a_live_page(shell: Shell, dev: tuple[Shell, dict[str, Any]]) -> None:
    with terminal(shell, "watch") as screen, connect_sync(dev[1]["url"], agent="ada") as client:
        assert "rag" in screen.until("BLOCKED")
        client.create_project("seen-live")
        assert "seen-live" in screen.until("created as 'seen-live'")
        screen.process.send_signal(signal.SIGINT)
        code, shown = screen.end()
    assert code == 130
    assert "\x1b[?25h" in shown[-200:]  # the cursor is given back


def test_what_the_resolver_is_at_is_shown_and_taken_away_again(tmp_path: Path) -> None:
    shell = Shell.at(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    (tmp_path / "set.json").write_text(
        '{"targets": [{}], "declarations": [{"artifact": "a", "dependencies": [{"name": "x"}]}]}'
    )
    with (
        serving(LittleIndex([], silent=frozenset({"x"}))) as index,
        terminal(shell, "check", "--transitive", "--index", index.url, "set.json") as screen,
    ):
        assert "solving: python3.11-linux (1 of 1, 1 asked)" in screen.until("1 asked)")
        screen.process.send_signal(signal.SIGINT)
        code, shown = screen.end()
    assert code == 130
    assert f"{ESCAPE}?25h" in shown[-200:]  # the cursor is given back
