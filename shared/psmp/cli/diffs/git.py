"""What git knows of two states of the project. It is run with fixed arguments and without a shell.

It is told to run no hook, no external diff, no text conversion and no pager itself.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
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
_ASKING_NOBODY: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
# Whatever is configured, the same change gives the same lines: claims of two agents have to be comparable. A line of
# context is asked for and passed over: without any, git leaves out what two files end on alike before it compares them,
# and may then see a change hundreds of lines from where its merge sees it.
_DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--find-renames=50%",
    "-l1000",
    "--no-relative",
    "--full-index",
    "--unified=1",
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
    """The diff from the one state to the other, with full blob ids; raises ``DiffFault``."""
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


def blob_at(two: States, path: str, source: str) -> str:
    """The id of the blob that ``path`` was in the older state; raises ``DiffFault``."""
    return _run(two.folder, source, "rev-parse", f"{two.old}:{path}").decode().strip()


def known(folder: Path, ids: Iterable[str]) -> set[str]:
    """Those of ``ids``, full ids, that are blobs of the repository round ``folder``; raises ``DiffFault``."""
    asked = "".join(f"{each}\n" for each in sorted(ids)).encode()
    answers = _run(folder, "the repository", "cat-file", "--batch-check", given=asked).decode().splitlines()
    return {line.split()[0] for line in answers if line.split()[1:2] == ["blob"]}


def was_there(folder: Path, commit: str, path: str, blob: str) -> bool:
    """Whether ``path`` has been ``blob`` in ``commit`` or before it; raises ``DiffFault``."""
    words = ("log", "-1", "--format=%H", f"--find-object={blob}", commit, "--", f":(top,literal){path}")
    return bool(_run(folder, path, *words))


def blobs_diff(folder: Path, room: Path, old: Sequence[str], new: Sequence[str]) -> bytes:
    """The diff from each blob of ``old`` to the one of ``new``, named by its number; raises ``DiffFault``.

    What git has to write for that it writes into the folder ``room`` and not into the repository.
    """
    objects = _run(folder, "the repository", "rev-parse", "--git-path", "objects").decode().removesuffix("\n")
    beside = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    alternates = os.pathsep.join(filter(None, (str((folder / objects).resolve()), beside)))
    apart = {"GIT_OBJECT_DIRECTORY": str(room.resolve()), "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates}
    trees: list[str] = []
    for blobs in (old, new):
        listed = "".join(f"100644 blob {blob}\t{number}\n" for number, blob in enumerate(blobs)).encode()
        trees.append(_run(folder, "the bases", "mktree", given=listed, apart=apart).decode().strip())
    return _run(folder, "the bases", *_DIFF, *trees, "--", apart=apart)


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


def _run(
    folder: Path, source: str, *words: str, given: bytes | None = None, apart: Mapping[str, str] | None = None
) -> bytes:
    hint = "give a revision or range that git log knows, a file with a unified diff, or - for stdin"
    argv = ["git", "--no-pager", "--no-optional-locks", *_ALONE, *words]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and a revision where git takes nothing else
            argv,
            cwd=folder,
            input=given or b"",
            env={**os.environ, **_ASKING_NOBODY, **(apart or {})},
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
