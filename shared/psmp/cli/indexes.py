"""The package index that a command asks: which one, as of when, and the folder where what it said is kept."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from cyclopts import Parameter

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint

VARIABLE: Final = "PSMP_INDEX_URL"
"""Says the address where ``--index`` does not; a password in it is seen by nobody else there."""

IndexUrl = Annotated[
    str | None,
    Parameter(name="--index", help=f"Address of a simple package index; left out, what {VARIABLE} says."),
]
Moment = Annotated[
    str | None,
    Parameter(
        name="--exclude-newer", help="The index as of this time (2026-11-21T10:15:30Z): then the answer never changes."
    ),
]


@dataclass(frozen=True, slots=True)
class Index:
    """An index as of a moment (None is now), and a folder for what it said, which is nobody else's."""

    url: str
    exclude_newer: datetime | None
    cache: Path


def index(url: str | None, exclude_newer: str | None) -> Index:
    """The index that the options and the environment name; raises ``Complaint`` where they name none."""
    url = url or os.environ.get(VARIABLE)
    hint = f"add --index URL, or set {VARIABLE}: the address of a simple index (PEP 503), often ending in /simple"
    if not url:
        raise Complaint(Exit.USAGE, "which package index?", hint)
    if not _is_address(url):  # it is not repeated: it may hold a password
        raise Complaint(Exit.USAGE, "that is no address of a package index", f"{hint}; http, https and file will do")
    moment = clock.moment(exclude_newer) if exclude_newer else None
    if exclude_newer and moment is None:
        problem = f"--exclude-newer {exclude_newer}: not a time"
        raise Complaint(Exit.USAGE, problem, "a time such as 2026-11-21T10:15:30Z")
    return Index(url, moment, _own(cache(os.environ, sys.platform)))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "file" or (parts.scheme in {"http", "https"} and bool(host))


def cache(environment: Mapping[str, str], platform: str) -> Path:
    """Where the resolver keeps what it learnt: below PSMP_CACHE_DIR, or where this system keeps such things."""
    named, home = environment.get("PSMP_CACHE_DIR"), Path(environment.get("HOME") or Path.home())
    if named:
        return Path(named) / "resolver"
    usual = home / "Library" / "Caches" if platform == "darwin" else home / ".cache"
    base = Path(environment.get("XDG_CACHE_HOME") or usual)
    return (base if base.is_absolute() else usual) / "psmp" / "resolver"


def _own(folder: Path) -> Path:
    """``folder``, made where it is not there; raises ``Complaint`` where others could put something into it."""
    hint = "set PSMP_CACHE_DIR to a folder of your own"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{folder}: {error.strerror or error}", hint) from None
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Complaint(Exit.USAGE, f"{folder}: others may write there", hint)
    return folder
