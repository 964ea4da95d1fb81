"""The ledger on real servers: the exact bytes of every record, once, chained, and never touched again."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from psmp.log.port import Record
from psmp.stack import NatsServer
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place, until_true
from tests.histories import KEY, History, lifetime

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


async def assert_recorded(here: Place, records: list[Record]) -> None:
    """The project's ledger is these records and nothing else."""
    found = await here.rows(
        "SELECT sequence, position, leaf, body FROM psmp.ledger WHERE (tenant, project) = ($1, $2) ORDER BY sequence",
        *records[0].key,
    )
    assert found == [
        (number, record.position, bytes.fromhex(leaf_hash(record.body)), record.body)
        for number, record in enumerate(records, 1)
    ]


async def test_every_record_is_in_the_ledger_byte_for_byte(here: Place) -> None:
    stored, others = await lifetime().store(here.log), await lifetime(OTHER).store(here.log)
    follower = await here.follow(LedgerWriter(here.pool, here.log), others[-1].position)
    await assert_recorded(here, stored)
    await assert_recorded(here, others)
    assert follower.describe().handled == len(stored) + len(others)


async def test_a_writer_that_starts_anew_chains_to_what_is_there(here: Place) -> None:
    history = lifetime()
    stored = await history.store(here.log)
    for step in stored:
        await here.follow(LedgerWriter(here.pool, here.log, limit=1), step.position)
    await assert_recorded(here, stored)


async def test_heads_that_are_not_remembered_are_read_from_the_ledger(here: Place) -> None:
    keys = [ProjectKey("acme", f"p{number}") for number in range(3)]
    histories = [lifetime(key) for key in keys]
    order = [record for step in zip(*(each.records for each in histories), strict=True) for record in step]
    await here.publish(*order)
    async with here.following(LedgerWriter(here.pool, here.log, limit=1), batch=5) as follower:
        await until_true(lambda: follower.position >= len(order))
    for key in keys:
        places = [place for place, record in enumerate(order, 1) if record.key == key]
        await assert_recorded(here, [replace(order[place - 1], position=place) for place in places])


async def test_the_same_bytes_again_are_nothing_new(here: Place) -> None:
    history = lifetime()
    await here.publish(*history.records, *history.records[3:], *history.records)
    end = 3 * len(history.records) - 3
    follower = await here.follow(LedgerWriter(here.pool, here.log), end)
    assert follower.describe().stopped == frozenset()
    await assert_recorded(here, history.records)


async def test_the_same_bytes_in_the_next_batch_are_nothing_new(here: Place) -> None:
    history = History()
    for record in lifetime().records[:3]:
        history.records.append(record)
    await here.publish(*[record for record in history.records for _ in range(2)])
    async with here.following(LedgerWriter(here.pool, here.log), batch=1) as follower:
        await until_true(lambda: follower.position >= 6)
    assert follower.describe().stopped == frozenset()
    assert await here.rows("SELECT sequence, position FROM psmp.ledger") == [(1, 1), (2, 3), (3, 5)]


async def test_other_bytes_at_a_known_number_are_damage_and_nothing_is_overwritten(here: Place) -> None:
    history, other = lifetime(), lifetime(OTHER)
    forged = replace(history.records[4], body=history.records[4].body.replace(b"api", b"ipa"))
    await here.publish(*history.records[:8], forged, history.records[8], *other.records)
    end = 10 + len(other.records)
    follower = await here.follow(LedgerWriter(here.pool, here.log), end)
    await assert_recorded(here, history.records[:8])
    assert await here.rows("SELECT count(*) FROM psmp.ledger WHERE project = 'other'") == [(len(other.records),)]
    [(position, why, body)] = await here.rows("SELECT position, why, body FROM psmp.damage WHERE follower = 'audit'")
    assert (position, body) == (9, forged.body)
    assert leaf_hash(forged.body) in why
    assert leaf_hash(history.records[4].body) in why
    assert follower.describe().stopped == {KEY}


@pytest.mark.parametrize("body", [b"{}", b"not json", lifetime(OTHER).records[6].body])
async def test_what_does_not_link_stops_the_project(here: Place, body: bytes) -> None:
    history = lifetime()
    await here.publish(*history.records[:6], replace(history.records[6], body=body), *history.records[7:])
    follower = await here.follow(LedgerWriter(here.pool, here.log), len(history.records))
    await assert_recorded(here, history.records[:6])
    assert follower.describe().stopped == {KEY}


async def test_before_anything_is_called_damaged_the_log_itself_is_asked(here: Place) -> None:
    stored = await lifetime().store(here.log)
    garbled = replace(stored[2], body=b"noise on the line")
    for came in ([*stored[:2], garbled], [stored[0], stored[2]]):
        plan, damages = await LedgerWriter(here.pool, here.log).plan(came)
        assert not damages
        assert [entry[-1] for entry in plan.entries] == [record.body for record in stored[:3]]


@pytest.mark.parametrize(
    "statement", ["UPDATE psmp.ledger SET position = 1", "DELETE FROM psmp.ledger", "TRUNCATE psmp.ledger"]
)
@pytest.mark.parametrize("role", ["origin", "replica"])
async def test_the_ledger_refuses_every_change_even_to_its_owner(here: Place, statement: str, role: str) -> None:
    [stored, *_] = await lifetime().store(here.log)
    await here.follow(LedgerWriter(here.pool, here.log), stored.position)
    connection = await asyncpg.connect(here.dsn, server_settings={"session_replication_role": role})
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="the ledger is append-only"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_log_that_has_gone_back_in_time_is_refused_until_it_is_restored(here: Place) -> None:
    history = lifetime()
    await history.store(here.log)
    await here.follow(LedgerWriter(here.pool, here.log), len(history.records))
    position = await here.pool.fetchval("SELECT position FROM psmp.follower WHERE name = 'audit'")
    await here.pool.execute("UPDATE psmp.follower SET position = 99 WHERE name = 'audit'")
    async with here.following(LedgerWriter(here.pool, here.log)) as follower:
        await until_true(lambda: "gone back in time: at position 99" in follower.describe().trouble)
        await here.pool.execute(
            "UPDATE psmp.follower SET position = $1, leaf = $2 WHERE name = 'audit'", position, os.urandom(32)
        )
        await until_true(lambda: "which was taken in, it has other bytes" in follower.describe().trouble)
        leaf = bytes.fromhex(leaf_hash(history.records[-1].body))
        await here.pool.execute("UPDATE psmp.follower SET leaf = $1 WHERE name = 'audit'", leaf)
        await until_true(lambda: not follower.describe().trouble)
