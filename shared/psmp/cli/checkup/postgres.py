"""Postgres: version, clock and migrations."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import asyncpg

from psmp.cli import clock
from psmp.cli.checkup.finding import Finding, Health, well
from psmp.cli.checkup.nats import skew
from psmp.cli.pages.wording import counted
from psmp.store.checkpoints import covered
from psmp.store.migrate import DatabaseNewer, MigrationEdited, migrations, pending
from psmp.store.pool import AWAY, CONNECT_WITHIN, OLDEST, Connection
from psmp.words.faults import told

SUBJECT: Final = "Postgres"
SIGNED_WITHIN: Final = 3.0
"""Seconds in which checkpoints must cover what is in the ledger now."""
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
        migrated = await _migrated(connection)
        yield migrated
        if migrated.health is Health.WELL:
            yield await _signed(connection)
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


async def _signed(connection: Connection) -> Finding:
    """Whether checkpoints cover the ledger, or come to."""
    known = {each.key: each.records for each in await covered(connection)}
    until = asyncio.get_running_loop().time() + SIGNED_WITHIN
    while True:
        found = await covered(connection)
        waiting = sum((each.newest.size if each.newest else 0) < known.get(each.key, 0) for each in found)
        if not waiting or asyncio.get_running_loop().time() > until:
            return checkpoints(len(found), waiting)
        await asyncio.sleep(0.2)  # noqa: TID251 - what time alone brings about


def checkpoints(logs: int, waiting: int) -> Finding:
    """Whether checkpoints cover every log."""
    if not waiting:
        return well("checkpoints", f"cover {counted(logs, 'log')} to the end")
    fix = "see whether psmp_signer and psmp_audit run, and what the /readyz of psmp_audit says"
    return Finding("checkpoints", Health.BAD, f"{waiting} of {counted(logs, 'log')} wait for one", fix)
