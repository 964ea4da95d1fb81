"""The real command as a process of its own, and a real stack for it to talk to."""

import atexit
import contextlib
import functools
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PSMP = (sys.executable, "-m", "psmp.cli.app")
WITHIN = 120
LOADED_WITHIN = 300
STARTED = frozenset({"dev", "demo", "run", "witness", "mcp", "hook"})
"""Commands that start programs, live long or have to be quick: they are never forked off."""


class Forking:
    """Runs commands in forks of a process that has loaded them, for most of a short command's time is loading."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._sending = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.forking", str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(self, words: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> "Ended":
        """One command to its end; raises TimeoutError when that does not come."""
        asked = {"words": words, "environment": dict(environment), "folder": str(folder)}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                with self._sending:
                    socket.send_fds(self._control, [b"x"], [out.fileno(), err.fileno(), theirs.fileno()])
                theirs.close()
                ours.settimeout(LOADED_WITHIN)
                with ours.makefile("rw", encoding="utf-8") as lines:
                    lines.write(json.dumps(asked) + "\n")
                    lines.flush()
                    pid = int(lines.readline())
                    ours.settimeout(WITHIN)
                    try:
                        code = int(lines.readline())
                    except TimeoutError:
                        os.kill(pid, signal.SIGKILL)
                        raise
            return Ended(code, _text(out), _text(err))

    def close(self) -> None:
        """End the process."""
        self._control.close()
        self._process.wait(timeout=WITHIN)


def _text(file: Any) -> str:  # noqa: ANN401 - an open file
    file.seek(0)
    with io.TextIOWrapper(file, encoding="utf-8") as text:
        return text.read()


@functools.cache
def forking() -> Forking:
    """The one of this worker; it ends with it."""
    made = Forking()
    atexit.register(made.close)
    return made


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """What it wrote, as one document."""
        return json.loads(self.out)

    @property
    def jsonl(self) -> list[Any]:
        """What it wrote, one document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


CHECKPOINTS = ("checkpoints", "-o", "jsonl")


def covered(ended: Ended) -> list[Any]:
    """Of the logs that ``psmp checkpoints`` shows, those that are signed to the end."""
    return [each for each in ended.jsonl if each["covered"] and each["covered"] == each["records"]]


@dataclass(frozen=True)
class Shell:
    """A place to run commands in: a folder, and an environment with no PSMP_* but those given."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def at(cls, folder: Path, **variables: str) -> "Shell":
        """A shell in ``folder``, whose state is kept below it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PSMP_")}
        plain = {name: value for name, value in inherited.items() if name not in ("COLUMNS", "NO_COLOR", "CI")}
        return cls(folder, {**plain, "XDG_STATE_HOME": str(folder / "state"), **variables})

    def run(self, *words: str, **variables: str) -> Ended:
        """One command to its end."""
        environment = {**self.environment, **variables}
        if words and words[0] not in STARTED and not any(name.startswith("PYTHON") for name in variables):
            return forking().run(words, environment, self.folder)
        done = subprocess.run(
            [*PSMP, *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def until(self, condition: Callable[[Ended], bool], *words: str) -> Ended:
        """One command again and again until it ends as wanted: what follows the log does so a moment later."""
        deadline = time.monotonic() + WITHIN
        while not condition(ended := self.run(*words)):
            assert time.monotonic() < deadline, ended
        return ended

    def recorded(self, *projects: str) -> None:
        """Until ledger, projections and checkpoints have all that these projects have, and there is an anchor."""
        wanted = {("psmp", "system"), ("_", "anchor"), *(("default", each) for each in projects)}
        self.until(lambda ended: {(each["tenant"], each["project"]) for each in covered(ended)} == wanted, *CHECKPOINTS)
        self.until(lambda ended: ended.code == 0 and "to come" not in ended.out, "verify")
        self.until(lambda ended: ended.code == 0, "replay", "--check")

    @contextlib.contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """One command while the block runs; killed at its end where it has not ended by itself."""
        process = subprocess.Popen(
            [*PSMP, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=WITHIN)

    @contextlib.contextmanager
    def dev(self, *words: str) -> Iterator[dict[str, Any]]:
        """A running ``psmp dev``: what it said of itself. It is asked to stop, and must do so well."""
        with self.running("dev", "-o", "jsonl", *words) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate(timeout=WITHIN)[1])
            yield json.loads(line)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=WITHIN) == 0
