"""Real git repositories for tests."""

import os
import subprocess
from pathlib import Path

from psmp.cli import diffs
from psmp.cli.diffs import FromDiff


class Repository:
    """A git repository that nobody's own settings reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "test")
        self.git("config", "user.email", "test@localhost")

    def git(self, *words: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        argv = ["git", *words]
        done = subprocess.run(argv, cwd=self.folder, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, **files: str) -> None:
        self.put({name.replace("__", "."): text for name, text in files.items()})

    def put(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")
        return self.git("rev-parse", "HEAD")

    def blob(self, name: str) -> str:
        return self.git("rev-parse", f"HEAD:{name}")

    def read(self, text: str) -> FromDiff:
        return diffs.read(text, folder=self.folder)


def numbered(*lines: int | str) -> str:
    return "".join(f"{line}\n" for line in lines)
