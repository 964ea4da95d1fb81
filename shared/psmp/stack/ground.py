"""What a stack stands on: the directory of its data, and the leash that ends what runs over it."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from psmp.leash import Leash
from psmp.stack.accounts import Account, barrier, unprivileged
from psmp.stack.errors import DirectoryTaken, DirectoryUnusable
from psmp.stack.output import Output
from psmp.stack.waiting import until

#: Called with the name of a part and one line that it wrote, in a thread of its own.
OnLine = Callable[[str, str], None]

_LOCK: Final = "psmp-dev.lock"
# The leash of an owner that was killed holds the lock until the last child has ended.
_LEASH_ENDS_WITHIN: Final = 8.0
# The path of a Unix socket fits in 104 bytes on macOS and 108 on Linux; our part of it takes 28.
_LONGEST_PARENT: Final = 70


class Ground:
    """A claimed directory with a folder for every part, and the leash. Made by `ground`."""

    def __init__(self, path: Path, leash: Leash, *, kept: bool, on_line: OnLine | None = None) -> None:
        """Use `ground`. ``kept`` is whether anybody will want the data afterwards."""
        self.path = path
        self.leash = leash
        self.kept = kept
        self._on_line = on_line

    def folder(self, name: str, account: Account | None = None) -> Path:
        """The directory of part ``name``, closed to all but its owner: ``account``, or ourselves."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        return folder

    def output(self, name: str) -> Output:
        """Where what part ``name`` writes is kept: ``logs/NAME.log``."""
        on_line = self._on_line
        return Output(self.folder("logs") / f"{name}.log", on_line and (lambda line: on_line(name, line)))

    def scratch(self, account: Account | None = None) -> Path:
        """A new directory with a short path for ``account`` or ourselves, removed when everything has ended."""
        path = scratch(account)
        self.leash.remove(path)
        if account is not None:
            os.chown(path, account.uid, account.gid)
        return path


@contextlib.asynccontextmanager
async def ground(data: Path | None = None, *, on_line: OnLine | None = None) -> AsyncIterator[Ground]:
    """Claim ``data``, or a new directory that is thrown away, for as long as the context lasts.

    At its end, or when this process dies, whatever was started on the ground is ended. Raises DirectoryTaken and
    DirectoryUnusable.
    """
    path, leash = _throw_away() if data is None else await _claim(data)
    try:
        yield Ground(path, leash, kept=data is not None, on_line=on_line)
    finally:
        await leash.close()


def scratch(account: Account | None) -> Path:
    """A new temporary directory with a short path, below one that ``account`` can pass; closed to all but us."""
    usual = Path(tempfile.gettempdir()).resolve()
    stopped = account is not None and barrier(usual, account) is not None
    unfit = stopped or len(str(usual)) > _LONGEST_PARENT
    return Path(tempfile.mkdtemp(prefix="psmp-", dir="/tmp" if unfit else usual))  # noqa: S108 - mkdtemp is safe there


def _throw_away() -> tuple[Path, Leash]:
    path = scratch(unprivileged())
    path.chmod(_mode())
    leash = Leash.start()
    leash.remove(path)
    return path, leash


async def _claim(data: Path) -> tuple[Path, Leash]:
    """Lock ``data`` and leave the lock to the leash, so that it lasts until the last child has ended."""
    lock = _lock_in(data)
    try:
        await _acquire(lock, data)
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
        return data.resolve(), Leash.start(keep=(lock,))
    finally:
        os.close(lock)


def _lock_in(data: Path) -> int:
    """The open lock file of ``data``, which is made where it is missing."""
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(_mode())
        return os.open(data / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DirectoryUnusable(data, error.strerror or str(error)) from error


async def _acquire(lock: int, data: Path) -> None:
    async def try_again() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = _owner(lock)
            if owner is None or _lives(owner):
                raise DirectoryTaken(data, owner) from error
            return False
        return True

    try:
        await until(try_again, within=_LEASH_ENDS_WITHIN)
    except TimeoutError as error:
        raise DirectoryTaken(data, _owner(lock)) from error


def _owner(lock: int) -> int | None:
    text = os.pread(lock, 32, 0).strip()
    return int(text) if text.isdigit() else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _mode() -> int:
    """Closed to others, but for root, whose Postgres is another user and has to pass."""
    return 0o700 if unprivileged() is None else 0o711
