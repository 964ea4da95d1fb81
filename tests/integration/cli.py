"""The real command as a process of its own, and a real stack for it to talk to."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PSMP = (sys.executable, "-m", "psmp.cli.app")
WITHIN = 60


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
        done = subprocess.run(
            [*PSMP, *words],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

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
