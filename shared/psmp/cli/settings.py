"""Who speaks, about which project, to which servers: flag, then PSMP_* variable, then psmp.toml, then psmp dev."""

import getpass
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.wire.announced import running_dev
from psmp.words.spelling import is_id

FILE: Final = "psmp.toml"
KEYS: Final = ("project", "agent", "tenant")
"""The ids that a psmp.toml may say. Addresses and secrets have no place in it."""

RECEIPTS: Final = "receipts"
"""What else it may say: the file where receipts are kept, as seen from its folder."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the nearest psmp.toml says."""

    project: str | None = None
    agent: str | None = None
    tenant: str | None = None
    receipts: Path | None = None


def defaults(folder: Path | None = None) -> Defaults:
    """What psmp.toml says in ``folder`` or the nearest one above; nothing where there is none. Raises ``Complaint``."""
    start = (folder or Path.cwd()).resolve()
    found = next((path for each in (start, *start.parents) if (path := each / FILE).is_file()), None)
    return _read(found) if found else Defaults()


def _read(path: Path) -> Defaults:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Complaint(Exit.USAGE, f"{path}: {error}", "mend that file, or write another one with psmp init") from None
    kept = said.pop(RECEIPTS, None)
    if kept is not None and not (isinstance(kept, str) and kept.strip()):
        raise Complaint(Exit.USAGE, f"{path}: {RECEIPTS} is not a file: {kept!r}", "give its path in quotes")
    for key, value in said.items():
        if key not in KEYS:
            raise Complaint(Exit.USAGE, f"{path}: {key} is not known", f"known are {', '.join((*KEYS, RECEIPTS))}")
        if not isinstance(value, str) or not is_id(value):
            problem = f"{path}: {key} is not an id: {value!r}"
            raise Complaint(Exit.USAGE, problem, "an id is letters, digits, _ and -, at most 64 of them")
    return Defaults(**said, receipts=path.parent / kept if kept else None)


def project_of(given: str | None) -> str:
    """The project that is meant; raises ``Complaint`` when nothing names one."""
    project = given or os.environ.get("PSMP_PROJECT") or defaults().project
    if project is None:
        hint = "name it, or write it into psmp.toml once: psmp init"
        raise Complaint(Exit.USAGE, "which project?", hint)
    return project


def reader() -> str:
    """The name in which a person asks who gave no agent's: the login name, in letters that a subject can carry."""
    try:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", getpass.getuser())[:64]
    except (OSError, KeyError):  # an account without a name, as in some containers
        name = ""
    return name if is_id(name) and not name.startswith("psmp") else "reader"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where an operator's tools find the servers themselves; None where nothing says."""

    nats_url: str | None
    postgres_dsn: str | None


def servers(nats_url: str | None = None, postgres_dsn: str | None = None) -> Servers:
    """The servers by flag, PSMP_NATS_URL and PSMP_POSTGRES_DSN, or the running ``psmp dev``."""
    nats_url = nats_url or os.environ.get("PSMP_NATS_URL")
    postgres_dsn = postgres_dsn or os.environ.get("PSMP_POSTGRES_DSN")
    dev = {} if nats_url and postgres_dsn else running_dev(os.environ)
    return Servers(nats_url or dev.get("operator_url"), postgres_dsn or dev.get("postgres_dsn"))
