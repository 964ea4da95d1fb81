"""The unprivileged account that Postgres runs as when we are root, and what that account can reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from psmp.stack.errors import Unreachable


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account to step down to: ``nobody`` for root, None for everybody else."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def barrier(path: Path, account: Account) -> Path | None:
    """The outermost directory on the way to ``path``, itself included, that ``account`` may not pass; None if none.

    Judged by modes alone: access control lists are not looked at.
    """
    path = path.resolve()
    return next(
        (step for step in (*reversed(path.parents), path) if step.exists() and not _may_enter(step, account)), None
    )


def require_reachable(path: Path, account: Account | None) -> None:
    """Raise Unreachable when ``account`` cannot reach ``path``."""
    if account is not None and (stopped_by := barrier(path, account)) is not None:
        raise Unreachable(path, stopped_by, account.name)


def open_to_others(root: Path) -> bool:
    """Whether everything below ``root`` can be read, and what is executable run, by every user."""
    return all(_open(Path(folder, name)) for folder, folders, files in os.walk(root) for name in (*folders, *files))


def _may_enter(step: Path, account: Account) -> bool:
    found = step.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _open(path: Path) -> bool:
    mode = path.stat().st_mode
    wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
    return mode & wanted == wanted
