"""Postgres: version, clock and migrations."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg

from psmp.cli import clock
from psmp.cli.checkup.finding import Finding, Health, well
from psmp.cli.checkup.nats import skew
from psmp.store.migrate import DatabaseNewer, MigrationEdited, migrations, pending
from psmp.store.pool import AWAY, CONNECT_WITHIN, OLDEST, Connection, told

SUBJECT: Final = "Postgres"
_UNPREPARED: Final = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)


async def look(dsn: str) -> AsyncIterator[Finding]:
    """Every finding about Postgres; only that it is away when it is."""
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN)
    except (*AWAY, ValueError) as error:
        fix = "is it running, and is PSMP_POSTGRES_DSN right? decisions go on, projections wait"
        yield Finding(SUBJECT, Health.AWAY, f"cannot connect: {told(error)}", fix)
        return
    try:
        yield version(connection.get_server_version().major, await connection.fetchval("SHOW server_version"))
        before = clock.now()
        stamp = await connection.fetchval("SELECT clock_timestamp()")
        yield skew("Postgres clock", stamp.isoformat(), before, clock.now())
        yield await _migrated(connection)
    except AWAY as error:
        yield Finding(SUBJECT, Health.AWAY, f"no answer: {told(error)}", "see its log")
    finally:
        await connection.close()


def version(major: int, text: str) -> Finding:
    """Whether the server is new enough."""
    if major >= OLDEST:
        return well(SUBJECT, f"PostgreSQL {text}")
    return Finding(SUBJECT, Health.BAD, f"PostgreSQL {text}", f"upgrade it: {OLDEST} or newer is needed")


async def _migrated(connection: Connection) -> Finding:
    """Whether the tables are those of this release."""
    subject, known = "migrations", migrations()
    try:
        rows = await connection.fetch("SELECT version, sha256 FROM psmp.schema_migrations")
    except _UNPREPARED:
        return Finding(subject, Health.BAD, "none applied", "psmp setup")
    try:
        lacking = pending(known, {row["version"]: row["sha256"] for row in rows})
    except (MigrationEdited, DatabaseNewer) as error:
        return Finding(subject, Health.BAD, str(error), error.hint)
    if lacking:
        return Finding(subject, Health.BAD, f"{', '.join(each.name for each in lacking)} not applied", "psmp setup")
    return well(subject, f"all {len(known)} applied")
