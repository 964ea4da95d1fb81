"""What git knows of two states of the project. It is run with fixed arguments and without a shell.

It is told to run no hook, no external diff, no text conversion and no pager itself.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psmp.cli.diffs.faults import DiffFault
from psmp.compat.paths.names import InvalidPath, normal

SECONDS: Final = 60
"""How long git may take."""

LARGEST: Final = 67_108_864
"""Bytes of a diff that are read at most."""

STAGED: Final = ("--staged", "--cached")

_ALONE: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=true")
# Whatever is configured, the same change gives the same lines: claims of two agents have to be comparable.
_DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-renames",
    "--no-relative",
    "--full-index",
    "--unified=0",
    "--inter-hunk-context=0",
    "--diff-algorithm=histogram",
    "--no-indent-heuristic",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


@dataclass(frozen=True, slots=True)
class States:
    """Two states of a repository: ``old`` is a commit; ``new`` a commit too, "" for the index, None for the files."""

    folder: Path
    old: str
    new: str | None

    @property
    def words(self) -> list[str]:
        """How git is told which two."""
        return ["--cached", self.old] if self.new == "" else [self.old, *([self.new] if self.new else [])]


def states(text: str, folder: Path) -> States:
    """What ``A``, ``A..B``, ``A...B`` or ``--staged`` names, with top folder; raises ``DiffFault``.

    ``A`` alone is compared with the files as they are; ``A...B`` starts where the two parted.
    """
    top = Path(_run(folder, text, "rev-parse", "--show-toplevel").decode().removesuffix("\n"))
    if text in STAGED:
        return States(top, _commit(top, text, "HEAD"), "")
    for dots in ("...", ".."):
        left, between, right = text.partition(dots)
        if between:
            old, new = (_commit(top, text, name or "HEAD") for name in (left, right))
            if dots == "...":
                old = _run(top, text, "merge-base", old, new).decode().strip()
            return States(top, old, new)
    return States(top, _commit(top, text, text), None)


def diff(two: States, source: str) -> bytes:
    """The diff from the one state to the other, with full blob ids and no context; raises ``DiffFault``."""
    return _run(two.folder, source, *_DIFF, *two.words, "--")


def files(two: States, source: str) -> tuple[str, ...]:
    """The plain files that the newer state, a commit or the index, has; raises ``DiffFault``."""
    tree = ("ls-tree", "-r", "-z", "--full-tree", two.new) if two.new else ("ls-files", "-z", "--stage", "--full-name")
    listed = [entry.partition(b"\t") for entry in _run(two.folder, source, *tree).split(b"\0")]
    names = [name.decode("utf-8", "replace") for about, _, name in listed if about.startswith(b"100")]
    return tuple(name for name in names if _is_inside(name))


def untracked(two: States, source: str) -> tuple[str, ...]:
    """The files that git neither tracks nor ignores; raises ``DiffFault``."""
    listed = _run(two.folder, source, "ls-files", "-z", "--others", "--exclude-standard")
    return tuple(name.decode("utf-8", "replace") for name in listed.split(b"\0") if name)


def _is_inside(name: str) -> bool:
    try:
        return normal(name) == name
    except InvalidPath:
        return False


def content(two: States, path: str, source: str) -> bytes:
    """What the newer state, a commit or the index, has in ``path``; raises ``DiffFault``."""
    return _run(two.folder, source, "cat-file", "blob", f"{two.new}:{path}")


def blobs(folder: Path, short: Iterable[str]) -> dict[str, str]:
    """The full ids of blobs that are named short, as far as a repository round ``folder`` knows them."""
    return {name: full for name in short if (full := _blob(folder, name)) is not None}


def _blob(folder: Path, short: str) -> str | None:
    try:
        return _run(folder, short, "rev-parse", "--quiet", "--verify", f"{short}^{{blob}}").decode().strip()
    except DiffFault:
        return None


def _commit(folder: Path, source: str, name: str) -> str:
    if name.startswith("-"):
        raise DiffFault(source, None, "is no revision", "give a revision, a range, --staged, a file, or - for stdin")
    verify = ("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
    return _run(folder, source, *verify).decode().strip()


def _run(folder: Path, source: str, *words: str) -> bytes:
    hint = "give a revision or range that git log knows, a file with a unified diff, or - for stdin"
    argv = ["git", "--no-pager", "--no-optional-locks", *_ALONE, *words]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a revision where git takes nothing else
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise DiffFault(source, None, "git is not installed", "install git, or give a file with a diff") from None
    except subprocess.TimeoutExpired:
        raise DiffFault(source, None, f"git took more than {SECONDS} s", "give a smaller range") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        problem = said[0].removeprefix("fatal: ") if said else "git does not know it"
        raise DiffFault(source, None, problem, hint)
    if len(done.stdout) > LARGEST:
        raise DiffFault(source, None, f"the diff is larger than {LARGEST} bytes", "give a smaller range")
    return done.stdout
