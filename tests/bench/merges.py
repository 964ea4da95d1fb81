"""A bare repository of the bench's own, in which trees are kept, compared and merged by git."""

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from psmp.cli.diffs import git
from psmp.cli.diffs.unified import parse
from psmp.compat.paths.edits import FileChange

_WHO: Final = (
    "-c",
    "user.name=bench",
    "-c",
    "user.email=bench@localhost",
    "-c",
    "gc.auto=0",
    "-c",
    "core.compression=0",
)
_MARK: Final = b"committer bench <bench@localhost> 0 +0000\ndata 0\n"


class Merged(NamedTuple):
    """What git made of two trees: the tree, and the paths at which it stopped."""

    tree: str
    stopped: frozenset[str]


class Merges:
    """What git does with trees: it is asked, never imitated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.exists():
            run(folder.parent, "init", "--quiet", "--bare", str(folder)).check_returncode()

    def plant(self, trees: Iterable[Mapping[str, bytes | str]]) -> list[str]:
        """A commit for each of ``trees``, which has the content of each path, or the id of a blob that is there."""
        stream: list[bytes] = []
        for number, files in enumerate(trees, start=1):
            stream.append(b"commit refs/heads/t%d\nmark :%d\n%sdeleteall\n" % (number, number, _MARK))
            for path, content in sorted(files.items()):
                if isinstance(content, str):
                    stream.append(f"M 100644 {content} {path}\n".encode())
                else:
                    stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
        marks = self.folder / "marks"
        words = ("fast-import", "--quiet", "--force", f"--export-marks={marks}")
        argv = ["git", *_WHO, *words]
        done = subprocess.run(argv, cwd=self.folder, input=b"".join(stream), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        ids = dict(line.split() for line in marks.read_text().splitlines())
        return [ids[f":{number}"] for number in range(1, len(ids) + 1)]

    def patch(self, old: str, new: str) -> tuple[FileChange, ...]:
        """The changes from the one commit to the other, read as ``--from-diff`` reads them."""
        return parse(git.diff(git.States(self.folder, old, new), new))

    def renamed(self, old: str, new: str) -> dict[str, str]:
        """The files that git takes to be renamed from the one commit to the other, by their old names."""
        words = self.ask("diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", old, new).split("\0")
        return dict(zip(words[1::3], words[2::3], strict=False))

    def merge(self, base: str, one: str, other: str) -> Merged:
        """The trees merged as from ``base``, as git merges by default: files that were renamed are followed."""
        root = self.commit(f"{base}^{{tree}}")
        sides = [self.commit(f"{each}^{{tree}}", root) for each in (one, other)]
        words = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", *sides)
        done = run(self.folder, *words)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stderr)
        tree, *stopped = done.stdout.split("\0")
        return Merged(tree, frozenset(filter(None, stopped)))

    def commit(self, tree: str, *parents: str) -> str:
        """A commit of that tree."""
        of = [word for parent in parents for word in ("-p", parent)]
        return self.ask("commit-tree", tree, *of, "-m", "x")

    def contents(self, blobs: Sequence[str]) -> list[bytes]:
        """What is in each of ``blobs``."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        argv = ["git", "cat-file", "--batch"]
        data = subprocess.run(argv, cwd=self.folder, input=asked, capture_output=True, check=True).stdout
        found: list[bytes] = []
        at = 0
        for _ in blobs:
            end = data.index(b"\n", at)
            size = int(data[at:end].split()[2])
            found.append(data[end + 1 : end + 1 + size])
            at = end + size + 2
        return found

    def ask(self, *words: str) -> str:
        """What git answers."""
        done = run(self.folder, *words)
        done.check_returncode()
        return done.stdout.strip()


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Git, run in ``folder``."""
    argv = ["git", *_WHO, *words]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
