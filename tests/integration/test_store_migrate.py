"""Migrations on a real Postgres: once each, whole or not at all, and never under the code's feet."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from psmp.stack import Postgres
from psmp.store.migrate import DatabaseNewer, MigrationEdited, migrate, migrations, revert
from psmp.store.pool import PostgresTooOld, PostgresUnavailable, answering, open_pool, require_version

pytestmark = pytest.mark.integration

FIRST = "-- migrate:up\nCREATE TABLE psmp.one ();\n-- migrate:down\nDROP TABLE psmp.one;\n"
SECOND = "-- migrate:up\nCREATE TABLE psmp.two ();\nSELECT 1 / 0;\n-- migrate:down\n"
SCHEMA = """
SELECT 'relation', relname::text, relkind::text, reloptions::text, relacl::text, relrowsecurity::text
FROM pg_class WHERE relnamespace = 'psmp'::regnamespace AND relname NOT LIKE 'pg_toast%'
UNION ALL
SELECT 'column', relname::text, attname::text, atttypid::regtype::text, attnotnull::text, attacl::text
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'psmp'::regnamespace AND attnum > 0
UNION ALL
SELECT 'function', oid::regprocedure::text, prosrc, proacl::text, proconfig::text, prosecdef::text
FROM pg_proc WHERE pronamespace = 'psmp'::regnamespace
UNION ALL
SELECT 'policy', polrelid::regclass::text, polname, polcmd::text, pg_get_expr(polqual, polrelid), polroles::text
FROM pg_policy
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid), '' FROM pg_trigger
WHERE NOT tgisinternal
ORDER BY 1, 2, 3
"""


async def schema(dsn: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(SCHEMA)]
    finally:
        await connection.close()


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_migrated_database_needs_nothing_more(database: str) -> None:
    assert await migrate(database) == []


async def test_down_and_up_again_makes_the_same_schema(database: str) -> None:
    before = await schema(database)
    undone = [name for _ in migrations() if (name := await revert(database))]
    assert undone == [each.name for each in reversed(migrations())]
    assert await revert(database) is None
    assert {row[1] for row in await schema(database)} == {"schema_migrations", "schema_migrations_pkey"}
    assert await migrate(database) == [each.name for each in migrations()]
    assert await schema(database) == before


async def test_many_that_migrate_at_once_do_it_once(database: str) -> None:
    while await revert(database):
        continue
    done = await asyncio.gather(*(migrate(database) for _ in range(5)))
    assert sorted(len(each) for each in done) == [0, 0, 0, 0, len(migrations())]


async def test_an_edited_file_is_refused(database: str, tmp_path: Path) -> None:
    for each in migrations():
        (tmp_path / each.name).write_text(f"-- migrate:up\n{each.up}-- migrate:down\n{each.down}")
    assert await migrate(database, folder=tmp_path) == []
    edited = tmp_path / migrations()[0].name
    edited.write_text(edited.read_text() + "-- a remark\n")
    with pytest.raises(MigrationEdited, match=edited.name):
        await migrate(database, folder=tmp_path)


async def test_a_newer_database_is_refused(database: str) -> None:
    await execute(database, "INSERT INTO psmp.schema_migrations (version) VALUES ('9999')")
    with pytest.raises(DatabaseNewer, match="9999"):
        await migrate(database)


async def test_a_file_that_fails_leaves_nothing_and_what_came_before_stays(postgres: Postgres, tmp_path: Path) -> None:
    await execute(postgres.dsn(), "CREATE DATABASE half")
    dsn = postgres.dsn("half")
    try:
        (tmp_path / "0001_first.sql").write_text(FIRST)
        (tmp_path / "0002_second.sql").write_text(SECOND)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(dsn, folder=tmp_path)
        assert {"one"} == {row[1] for row in await schema(dsn) if row[0] == "relation"} & {"one", "two"}
        (tmp_path / "0002_second.sql").write_text(SECOND.replace("1 / 0", "1"))
        assert await migrate(dsn, folder=tmp_path) == ["0002_second.sql"]
    finally:
        await execute(postgres.dsn(), "DROP DATABASE half WITH (FORCE)")


async def test_the_command_says_what_it_did(database: str) -> None:
    while await revert(database):
        continue
    names = [each.name for each in migrations()]
    assert await command(database) == (0, "".join(f"applied {name}\n" for name in names), "")
    assert await command(database) == (0, "nothing to do, the database is up to date\n", "")
    await execute(database, "INSERT INTO psmp.schema_migrations (version) VALUES ('9999')")
    code, _, said = await command(database)
    assert (code, said.splitlines()[0]) == (1, "the database is newer than this code: it has migration 9999")
    code, _, said = await command("postgresql:///nobody?host=/nowhere")
    assert (code, said.startswith("Postgres cannot answer: ")) == (1, True)
    code, _, said = await command("")
    assert (code, said.startswith("PSMP_POSTGRES_DSN is not set")) == (2, True)


async def command(dsn: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "psmp.store.migrate",
        env={"PSMP_POSTGRES_DSN": dsn, "PYTHONPATH": ":".join(sys.path)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


class Old:
    """A connection to a server that we do not have."""

    def get_server_version(self) -> asyncpg.ServerVersion:
        return asyncpg.ServerVersion(14, 13, 0, "final", 0)

    async def fetchval(self, _: str) -> str:
        return "14.13"


async def test_a_server_before_15_is_refused_by_name() -> None:
    with pytest.raises(PostgresTooOld, match=r"this is PostgreSQL 14\.13; PSMP needs 15 or newer") as caught:
        await require_version(Old())  # type: ignore[arg-type]
    assert caught.value.hint


async def test_a_pool_opens_while_postgres_is_away_and_says_so_when_asked() -> None:
    pool = await open_pool("postgresql:///nobody?host=/nowhere", "test")
    with pytest.raises(PostgresUnavailable, match=r"^Postgres cannot answer: (?!Postgres)"), answering(), answering():
        await pool.fetchval("SELECT 1")
    await pool.close()
