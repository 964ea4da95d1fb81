"""Other people's releases, as their registries' own clients hand them out: read, never run, and never kept."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final, Literal

LARGEST: Final = 1_000_000
"""Bytes above which a file is passed over: no person wrote it."""

SECONDS: Final = 120
"""How long one release may take."""

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./@+")
_BY_TOOLS: Final = (".so", ".pyd", ".dylib", ".pyc", ".mo", ".po", ".png", ".gif", ".woff", ".min.js", ".map")


@dataclass(frozen=True, slots=True)
class Series:
    """Releases of one project: ``kept`` is a branch that is maintained, ``ahead`` are releases made beside it.

    All of ``ahead`` come from what the first of ``kept`` was, too.
    """

    ecosystem: Literal["pypi", "npm"]
    project: str
    kept: tuple[str, ...]
    ahead: tuple[str, ...]


def _numbered(stem: str, last: int) -> tuple[str, ...]:
    return tuple(f"{stem}.{number}" for number in range(last + 1))


ALL: Final = (
    Series("pypi", "django", ("4.2", *_numbered("4.2", 16)[1:]), ("5.0", "5.1")),
    Series("pypi", "ansible-core", _numbered("2.14", 12), ("2.15.0", "2.16.0")),
    Series("pypi", "celery", _numbered("5.2", 7), ("5.3.0",)),
    Series("pypi", "nova", ("26.0.0", "26.1.0", "26.1.1", "26.2.0", "26.2.1", "26.2.2"), ("27.0.0", "28.0.0")),
    Series("pypi", "pandas", _numbered("1.5", 3), ("2.0.0",)),
    Series("pypi", "pytest", _numbered("7.1", 3), ("7.2.0", "7.3.0")),
    Series("pypi", "sphinx", ("6.0.0", "6.0.1", "6.1.0", "6.1.1", "6.1.2", "6.1.3"), ("6.2.0", "7.0.0")),
    Series("pypi", "sqlalchemy", _numbered("2.0", 20), ()),
    Series("pypi", "setuptools", ("67.0.0", "67.1.0", "67.2.0", "67.3.1", "67.4.0", "67.5.0", "67.6.0"), ("68.0.0",)),
    Series("pypi", "twisted", ("22.4.0", "22.8.0", "22.10.0", "23.8.0"), ()),
    Series("pypi", "urllib3", _numbered("1.26", 18), ("2.0.0", "2.1.0")),
    Series("pypi", "wagtail", ("4.1", *_numbered("4.1", 9)[1:]), ("4.2", "5.0")),
    Series("npm", "eslint", ("8.40.0", "8.41.0", "8.42.0", "8.43.0", "8.44.0", "8.45.0", "8.46.0"), ("9.0.0",)),
    Series("npm", "fastify", ("3.29.0", "3.29.1", "3.29.2", "3.29.3", "3.29.4", "3.29.5"), ("4.0.0", "4.10.0")),
    Series("npm", "mongoose", (*_numbered("6.9", 3), "6.10.0", "6.10.1", "6.10.2", "6.10.3"), ("7.0.0", "7.1.0")),
    Series("npm", "webpack", ("5.75.0", "5.76.0", "5.77.0", "5.78.0", "5.79.0", "5.80.0", "5.81.0"), ()),
)


def release(series: Series, version: str) -> Mapping[str, bytes] | None:
    """The text files of one release by path; None where it is not to be had."""
    with TemporaryDirectory(prefix="psmp-release-") as name:
        folder = Path(name)
        fetched = _from_pypi if series.ecosystem == "pypi" else _from_npm
        return _texts(folder) if fetched(folder, series.project, version) else None


def _from_pypi(folder: Path, project: str, version: str) -> bool:
    words = ("pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(folder))
    return _done(folder, [sys.executable, "-m", "uv", *words, f"{project}=={version}"])


def _from_npm(folder: Path, project: str, version: str) -> bool:
    npm = shutil.which("npm")
    if npm is None or not _done(folder, [npm, "pack", "--silent", "--ignore-scripts", f"{project}@{version}"]):
        return False
    packed = next(folder.glob("*.tgz"))
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    packed.unlink()
    return True


def _done(folder: Path, argv: Sequence[str]) -> bool:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _texts(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and is_read(inside) and path.stat().st_size <= LARGEST:
            content = path.read_bytes()
            if b"\0" not in content:
                found[inside] = content
    return found


def is_read(path: str) -> bool:
    """Whether a file's name is one that people write and git takes as it is."""
    parts = PurePosixPath(path).parts
    about = any(part.endswith(".dist-info") or part.startswith(".") for part in parts)
    return not about and not path.endswith(_BY_TOOLS) and set(path) <= _PLAIN
