"""Migrations: plain SQL files in dbmate's format, applied once each, in order, and never edited afterwards.

Run as ``python -m psmp.store.migrate`` with the database in PSMP_POSTGRES_DSN. dbmate itself can read the same files,
with ``--migrations-table psmp.schema_migrations``.
"""

import asyncio
import hashlib
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from psmp.store.pool import AWAY, CONNECT_WITHIN, Connection, PostgresTooOld, PostgresUnavailable, require_version

FOLDER: Final = Path(__file__).with_name("migrations")
_PARTS: Final = re.compile(r"^-- migrate:up\n(?P<up>.*)^-- migrate:down\n(?P<down>.*)\Z", re.MULTILINE | re.DOTALL)
_LOCK: Final = 0x7073_6D70  # "psmp": whoever migrates this database holds the advisory lock of this number
_PREPARE: Final = """
CREATE SCHEMA IF NOT EXISTS psmp;
CREATE TABLE IF NOT EXISTS psmp.schema_migrations (
    version text PRIMARY KEY,
    sha256 text,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


class MigrationEdited(RuntimeError):
    """A file that was applied is not what it was when it was applied."""

    def __init__(self, name: str) -> None:
        super().__init__(f"migration {name} was edited after it was applied to this database")
        self.name = name
        self.hint = "put the file back as it was and write what must change into a new migration"


class DatabaseNewer(RuntimeError):
    """The database has migrations that this code does not know."""

    def __init__(self, versions: Iterable[str]) -> None:
        self.versions = tuple(sorted(versions))
        super().__init__(f"the database is newer than this code: it has migration {', '.join(self.versions)}")
        self.hint = "run the release of PSMP that migrated it, or a later one"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: ``0001_name.sql`` has version ``0001``."""

    name: str
    up: str
    down: str
    sha256: str

    @property
    def version(self) -> str:
        """The number at the start of the name; migrations are applied in its order."""
        return self.name.partition("_")[0]

    @classmethod
    def read(cls, path: Path) -> "Migration":
        """The migration in a file; raises ``ValueError`` when it lacks its two parts."""
        raw = path.read_bytes()
        parts = _PARTS.search(raw.decode())
        if parts is None:
            raise ValueError(f"{path.name} has no `-- migrate:up` followed by `-- migrate:down`")
        return cls(path.name, parts["up"], parts["down"], hashlib.sha256(raw).hexdigest())


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations of a folder, in order."""
    return [Migration.read(path) for path in sorted(folder.glob("*.sql"))]


def pending(known: Sequence[Migration], applied: dict[str, str | None]) -> list[Migration]:
    """The migrations that the database lacks, given the checksums of those it has (None: dbmate wrote none).

    Raises ``DatabaseNewer`` and ``MigrationEdited``.
    """
    if unknown := applied.keys() - {each.version for each in known}:
        raise DatabaseNewer(unknown)
    for each in known:
        if applied.get(each.version, each.sha256) not in (each.sha256, None):
            raise MigrationEdited(each.name)
    return [each for each in known if each.version not in applied]


async def migrate(dsn: str, *, folder: Path = FOLDER) -> list[str]:
    """Bring a database up to date; the names of the files that were applied. Safe to run at the same time as others do.

    Each file is one transaction. Raises ``PostgresTooOld``, ``MigrationEdited``, ``DatabaseNewer`` and asyncpg errors.
    """
    known = migrations(folder)
    async with _locked(dsn) as connection:
        lacking = pending(known, await _applied(connection))
        for each in lacking:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '5s'")
                await connection.execute(each.up)
                await connection.execute(
                    "INSERT INTO psmp.schema_migrations (version, sha256) VALUES ($1, $2)", each.version, each.sha256
                )
    return [each.name for each in lacking]


async def revert(dsn: str, *, folder: Path = FOLDER) -> str | None:
    """Undo the newest migration, with everything that is stored in what it made; its name, None when there is none."""
    known = migrations(folder)
    async with _locked(dsn) as connection:
        lacking = pending(known, await _applied(connection))
        applied = [each for each in known if each not in lacking]
        if not applied:
            return None
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            await connection.execute(applied[-1].down)
            await connection.execute("DELETE FROM psmp.schema_migrations WHERE version = $1", applied[-1].version)
    return applied[-1].name


async def _applied(connection: Connection) -> dict[str, str | None]:
    rows = await connection.fetch("SELECT version, sha256 FROM psmp.schema_migrations")
    return {row["version"]: row["sha256"] for row in rows}


@asynccontextmanager
async def _locked(dsn: str) -> AsyncIterator[Connection]:
    """A connection while nobody else migrates; others are waited for, for a minute."""
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_WITHIN, server_settings={"application_name": "psmp-migrate"}
    )
    try:
        await require_version(connection)
        await connection.execute("SET lock_timeout = '60s'")
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_PREPARE)
        yield connection
    finally:
        await connection.close()


def main() -> None:
    """Migrate the database in PSMP_POSTGRES_DSN and say what was done; exits with 2 without one and 1 on failure."""
    dsn = os.environ.get("PSMP_POSTGRES_DSN")
    if not dsn:
        sys.stderr.write("PSMP_POSTGRES_DSN is not set: name the database, as in postgresql://user@host/database\n")
        raise SystemExit(2)
    try:
        done = asyncio.run(migrate(dsn))
    except (MigrationEdited, DatabaseNewer, PostgresTooOld) as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        raise SystemExit(1) from None
    except AWAY as error:
        sys.stderr.write(f"{PostgresUnavailable(error)}\n")
        raise SystemExit(1) from None
    sys.stdout.write("".join(f"applied {name}\n" for name in done) or "nothing to do, the database is up to date\n")


if __name__ == "__main__":
    main()
