"""What each role may do, and that it may do no more."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from psmp.stack import NatsServer
from psmp.store.pool import Connection
from psmp.store.replay import replay_check
from psmp.store.verify import verify
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector
from tests.following import Place, place
from tests.histories import KEY, lifetime

pytestmark = pytest.mark.integration

ROLES = ("psmp_keeper", "psmp_audit", "psmp_reader", "psmp_gateway", "psmp_keys")
PROJECTION = ("event", "project", "artifact", "conflict", "slot")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


async def assume(here: Place, role: str) -> None:
    """From now on every session of the place's database has only the rights of ``role``."""
    await here.pool.execute(
        f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = {role}', current_database()); END $$"
    )
    await here.pool.expire_connections()


@pytest.mark.parametrize(("role", "sink"), [("psmp_keeper", Projector), ("psmp_audit", LedgerWriter)])
async def test_a_service_has_all_the_rights_that_it_needs(
    here: Place, role: str, sink: type[Projector] | type[LedgerWriter]
) -> None:
    history = lifetime()
    await here.publish(*history.records, *history.records[:1])
    await assume(here, role)
    follower = await here.follow(sink(here.pool, here.log), len(history.records) + 1)
    assert follower.describe().trouble == ""
    assert await here.rows("SELECT current_user::text") == [(role,)]


async def test_a_service_may_record_damage(here: Place) -> None:
    history = lifetime()
    await here.publish(history.records[1])
    await assume(here, "psmp_audit")
    follower = await here.follow(LedgerWriter(here.pool, here.log), 1)
    assert follower.describe().stopped == {KEY}


async def test_a_reader_can_check_everything(here: Place) -> None:
    end = (await lifetime().store(here.log))[-1].position
    await here.follow(Projector(here.pool, here.log), end)
    await here.follow(LedgerWriter(here.pool, here.log), end)
    await assume(here, "psmp_reader")
    [verified] = [each async for each in verify(here.pool, log=here.log, known=[KEY])]
    assert (verified.events, verified.fault) == (end, None)
    [replayed] = [each async for each in replay_check(here.pool, here.log, [KEY])]
    assert (replayed.sequence, replayed.differences) == (end, ())


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        *(("psmp_keeper", f"{verb} psmp.ledger") for verb in ("SELECT * FROM", "DELETE FROM", "TRUNCATE")),
        *(("psmp_keeper", f"{verb} psmp.event") for verb in ("DELETE FROM", "TRUNCATE")),
        ("psmp_keeper", "UPDATE psmp.event SET position = 0"),
        ("psmp_keeper", "CREATE TABLE psmp.mine ()"),
        ("psmp_keeper", "DELETE FROM psmp.damage"),
        ("psmp_keeper", "DELETE FROM psmp.follower"),
        ("psmp_keeper", "INSERT INTO psmp.damage VALUES ('audit', 'a', 'b', 1, 'why', '')"),
        ("psmp_keeper", "UPDATE psmp.schema_migrations SET sha256 = ''"),
        *(("psmp_audit", f"TABLE psmp.{table}") for table in PROJECTION),
        *(("psmp_audit", f"{verb} psmp.ledger") for verb in ("DELETE FROM", "TRUNCATE")),
        ("psmp_audit", "UPDATE psmp.ledger SET position = 1"),
        ("psmp_audit", "ALTER TABLE psmp.ledger DISABLE TRIGGER ALL"),
        ("psmp_audit", "SELECT psmp.make_event_partitions(now(), 1)"),
        ("psmp_audit", "INSERT INTO psmp.damage VALUES ('projector', 'a', 'b', 1, 'why', '')"),
        ("psmp_audit", "DELETE FROM psmp.damage"),
        *(("psmp_reader", f"TRUNCATE psmp.{table}") for table in (*PROJECTION, "ledger", "follower", "damage")),
        ("psmp_reader", "UPDATE psmp.follower SET position = 0"),
        ("psmp_reader", "SELECT psmp.make_event_partitions(now(), 1)"),
        *((role, "TABLE psmp.api_key") for role in ("psmp_keeper", "psmp_audit", "psmp_reader")),
        *(("psmp_gateway", f"TABLE psmp.{table}") for table in ("artifact", "conflict", "slot", "damage")),
        *(("psmp_gateway", f"TRUNCATE psmp.{table}") for table in ("event", "project", "ledger", "checkpoint")),
        ("psmp_gateway", "UPDATE psmp.follower SET position = 0"),
        ("psmp_gateway", "DELETE FROM psmp.event"),
        ("psmp_gateway", "UPDATE psmp.api_key SET revoked = NULL"),
        ("psmp_gateway", "DELETE FROM psmp.api_key"),
        ("psmp_keys", "DELETE FROM psmp.api_key"),
        ("psmp_keys", "UPDATE psmp.api_key SET role = 'admin'"),
        ("psmp_keys", "UPDATE psmp.api_key SET expires = now()"),
        *(("psmp_keys", f"TABLE psmp.{table}") for table in (*PROJECTION, "ledger")),
    ],
)
async def test_a_role_may_do_no_more_than_it_must(connection: Connection, role: str, statement: str) -> None:
    await connection.execute(f"SET ROLE {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)


@pytest.mark.parametrize(("role", "mine"), [("psmp_keeper", "projector"), ("psmp_audit", "audit")])
async def test_each_follower_moves_its_own_position_alone(connection: Connection, role: str, mine: str) -> None:
    await connection.execute(f"SET ROLE {role}")
    await connection.execute("UPDATE psmp.follower SET position = 7")
    moved = await connection.fetch("SELECT name FROM psmp.follower WHERE position = 7")
    assert [row["name"] for row in moved] == [mine]


@pytest.mark.parametrize("role", ROLES)
async def test_roles_cannot_log_in_and_own_nothing(connection: Connection, role: str) -> None:
    assert await connection.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", role) is False
    owned = "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1)"
    assert await connection.fetchval(owned, role) == 0
