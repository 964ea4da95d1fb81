"""The trees of the ledger in Postgres against the definition: many projects, restarts, and ledgers without tiles."""

import random
from collections.abc import AsyncIterator
from hashlib import sha256

import asyncpg
import pytest

from psmp.ledger.merkle import Frontier, Nodes, leaf, prove_inclusion, root_of, verify_inclusion
from psmp.ledger.tiles import tiles_of
from psmp.log.port import Record
from psmp.stack import NatsServer
from psmp.store.tree import answer, answers, fill, frontiers
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place
from tests.histories import History, created, declared

pytestmark = pytest.mark.integration

KEYS = [ProjectKey("acme", f"p{number}") for number in range(12)]
LONG = ProjectKey("acme", "long")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def history(key: ProjectKey, events: int) -> list[Record]:
    """A log of so many events."""
    written = History(key)
    written.add(created())
    for number in range(1, events):
        written.add(declared(f"part{number}"))
    return written.records


async def kept(here: Place, key: ProjectKey) -> list[tuple[int, int, bytes]]:
    found = await here.rows(
        "SELECT level, index, hash FROM psmp.tile WHERE (tenant, project) = ($1, $2) ORDER BY 1, 2", *key
    )
    return [(level, index, each) for level, index, each in found]


def grown(bodies: list[bytes]) -> tuple[Frontier, list[tuple[int, int, bytes]]]:
    tree, tiles = Frontier(), list[tuple[int, int, bytes]]()
    for body in bodies:
        tree, ended = tree.grown(leaf(body))
        tiles += tiles_of(tree.size, ended)
    return tree, sorted(tiles)


async def test_each_project_has_the_tree_of_its_records_whoever_wrote_it_and_however_often_it_began_anew(
    here: Place,
) -> None:
    chance = random.Random(5)
    logs = {key: history(key, chance.choice((1, 3, 255, 256, 257, 300, 520))) for key in KEYS}
    left = {key: list(records) for key, records in logs.items()}
    writer = LedgerWriter(here.pool, here.log, limit=4)
    while any(left.values()):
        if chance.random() < 0.3:
            writer = LedgerWriter(here.pool, here.log, limit=4)  # another process
        batch: list[Record] = []
        for key in chance.sample(KEYS, 5):
            many = chance.randint(0, 90)
            batch, left[key] = [*batch, *left[key][:many]], left[key][many:]
        plan, damages = await writer.plan(batch)
        assert not damages
        async with here.pool.acquire() as connection, connection.transaction():
            await writer.write(connection, plan)
    async with here.pool.acquire() as connection:
        trees = await frontiers(connection, {key: len(records) for key, records in logs.items()})
        for key, records in logs.items():
            tree, tiles = grown([record.body for record in records])
            assert trees[key] == tree
            assert await kept(here, key) == tiles


async def store_leaves(here: Place, key: ProjectKey, size: int) -> list[bytes]:
    """A ledger without tiles, as an older release has left it."""
    leaves = [sha256(b"%d" % number).digest() for number in range(size)]
    rows = [(*key, number, number, each, b"") for number, each in enumerate(leaves, 1)]
    columns = ("tenant", "project", "sequence", "position", "leaf", "body")
    async with here.pool.acquire() as connection:
        await connection.copy_records_to_table("ledger", schema_name="psmp", columns=columns, records=rows)
    return leaves


@pytest.mark.may_block
async def test_a_ledger_that_is_older_than_its_tiles_has_the_same_tree_and_gets_them(here: Place) -> None:
    size = 70_000
    leaves = await store_leaves(here, LONG, size)
    tree, tiles = Frontier(), list[tuple[int, int, bytes]]()
    for each in leaves:
        tree, ended = tree.grown(each)
        tiles += tiles_of(tree.size, ended)
    async with here.pool.acquire() as connection:
        without = (await frontiers(connection, {LONG: size}))[LONG]
        await fill(connection, LONG, size)
        await fill(connection, LONG, size)
        assert (await frontiers(connection, {LONG: size}))[LONG] == without == tree
        assert await kept(here, LONG) == sorted(tiles)
        for index in (0, 255, 256, 65_535, 65_536, size - 1):

            def ask(nodes: Nodes, index: int = index) -> list[bytes]:
                return prove_inclusion(nodes, index, size)

            assert verify_inclusion(leaves[index], index, size, await answer(connection, LONG, ask), tree.root)


async def test_the_writer_fills_in_what_an_older_ledger_lacks(here: Place) -> None:
    records = history(LONG, 300)
    writer = LedgerWriter(here.pool, here.log)
    plan, _ = await writer.plan(records[:299])
    async with here.pool.acquire() as connection:
        await writer.write(connection, plan._replace(tiles=[]))
        assert await kept(here, LONG) == []
        plan, _ = await LedgerWriter(here.pool, here.log).plan(records[299:])
        await writer.write(connection, plan)
        tree, tiles = grown([record.body for record in records])
        assert await kept(here, LONG) == tiles
        assert (await frontiers(connection, {LONG: 300}))[LONG] == tree


async def test_what_is_past_the_end_of_a_tree_is_not_made_up(here: Place) -> None:
    await store_leaves(here, LONG, 10)
    async with here.pool.acquire() as connection:
        for size in (11, 256, 300):

            def ask(nodes: Nodes, size: int = size) -> bytes:
                return root_of(nodes, size)

            with pytest.raises(KeyError):
                await answers(connection, {LONG: ask})


@pytest.mark.parametrize("table", ["tile", "checkpoint", "anchor"])
@pytest.mark.parametrize("statement", ["DELETE FROM psmp.{}", "TRUNCATE psmp.{} CASCADE"])
async def test_nothing_that_proves_the_ledger_is_ever_taken_away(here: Place, table: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await here.pool.execute(statement.format(table))
