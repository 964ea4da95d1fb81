"""Pruned: bodies are gone, proofs hold, and nothing but pruning that is recorded changes a ledger."""

from collections.abc import AsyncIterator
from itertools import pairwise

import asyncpg
import pytest

from psmp.ledger.merkle import Frontier
from psmp.log.port import Record
from psmp.stack import NatsServer
from psmp.store.chain import Flaw
from psmp.store.replay import rebuild, replay_check
from psmp.store.retention import Bodies, archived, bodies, prune, vacuum
from psmp.store.verify import Verified, verify
from psmp.words.events import ProjectTransitioned
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector
from tests.following import Place, place
from tests.histories import KEY, History, created, declared

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def archive(key: ProjectKey = KEY) -> History:
    """A project from its beginning to its end."""
    history = History(key)
    history.add(created())
    history.add(declared("api"))
    path = (Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED, Phase.ARCHIVED)
    for origin, to in pairwise(path):
        history.add(ProjectTransitioned(origin=origin, to=to, reason="it is time"))
    return history


async def kept(here: Place, *histories: History) -> list[Record]:
    """Stored, in the ledger and projected."""
    stored = [record for history in histories for record in await history.store(here.log)]
    await here.follow(LedgerWriter(here.pool, here.log), stored[-1].position)
    await here.follow(Projector(here.pool, here.log), stored[-1].position)
    return stored


async def walked(here: Place, *, log: bool = True) -> list[Verified]:
    return [each async for each in verify(here.pool, log=here.log if log else None)]


async def leaves(here: Place, key: ProjectKey = KEY) -> list[bytes]:
    query = "SELECT leaf FROM psmp.ledger WHERE (tenant, project) = ($1, $2) ORDER BY sequence"
    return [leaf for (leaf,) in await here.rows(query, *key)]


async def there(here: Place, key: ProjectKey = KEY) -> list[bool]:
    query = "SELECT body IS NOT NULL FROM psmp.ledger WHERE (tenant, project) = ($1, $2) ORDER BY sequence"
    return [is_there for (is_there,) in await here.rows(query, *key)]


async def stored(here: Place) -> Bodies:
    """How many bodies there are, place by place."""
    return await bodies(here.pool, KEY, 6)


def root(hashes: list[bytes]) -> bytes:
    """What a checkpoint says of the ledger."""
    tree = Frontier()
    for leaf in hashes:
        tree = tree.append(leaf)
    return tree.root


async def test_pruning_takes_the_bodies_of_one_project_and_every_proof_still_holds(here: Place) -> None:
    going = archive(OTHER)
    going.records.pop()
    await kept(here, archive(), going)
    [found] = await archived(here.pool, "acme")
    assert (found.key, await stored(here)) == (KEY, Bodies(6, 6))
    assert await archived(here.pool, "nobody") == []
    before = await leaves(here)

    assert await prune(here.pool, KEY, 6, "records-office", "archived more than 90 days ago") == Bodies(6, 6)
    await vacuum(here.pool)
    assert await prune(here.pool, KEY, 6, "records-office", "again") == Bodies(0, 0)
    assert (await there(here), await there(here, OTHER)) == ([False] * 6, [True] * 5)
    assert root(await leaves(here)) == root(before)
    assert await here.rows("SELECT upto, approver, reason FROM psmp.pruned") == [
        (6, "records-office", "archived more than 90 days ago")
    ]
    assert await here.rows("SELECT DISTINCT project FROM psmp.event") == [("other",)]
    for log in (True, False):
        one, other = sorted(await walked(here, log=log), key=lambda each: each.key != KEY)
        assert (one.fault, one.events, one.pruned) == (None, 6, 6)
        assert (other.fault, other.events, other.pruned) == (None, 5, 0)


async def test_what_is_written_after_a_pruning_is_chained_to_what_was_pruned(here: Place) -> None:
    history = archive()
    await kept(here, history)
    await prune(here.pool, KEY, 6, "records-office", "due")
    record = history.add(declared("late"))
    await here.publish(record)
    await here.follow(LedgerWriter(here.pool, here.log), 7)
    [one] = await walked(here)
    assert (one.fault, one.events, one.pruned) == (None, 7, 6)
    assert await there(here) == [*[False] * 6, True]


async def test_a_rebuild_brings_back_what_the_log_has_and_is_no_difference_and_is_pruned_again(here: Place) -> None:
    await kept(here, archive())
    await prune(here.pool, KEY, 6, "records-office", "due")
    [compared] = [each async for each in replay_check(here.pool, here.log, [KEY])]
    assert compared.differences == ()
    await rebuild(here.pool)
    await here.follow(Projector(here.pool, here.log), 6)
    [compared] = [each async for each in replay_check(here.pool, here.log, [KEY])]
    assert compared.differences == ()
    assert await stored(here) == Bodies(0, 6)
    await prune(here.pool, KEY, 6, "records-office", "due")
    assert await here.rows("SELECT FROM psmp.event") == []


@pytest.mark.parametrize("replicating", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE psmp.ledger SET body = NULL",
        "UPDATE psmp.ledger SET body = NULL WHERE sequence = 5",
        "UPDATE psmp.ledger SET body = 'x'::bytea WHERE sequence = 1",
        "UPDATE psmp.ledger SET body = NULL, leaf = sha256('x') WHERE sequence = 1",
        "UPDATE psmp.ledger SET position = 99, body = NULL WHERE sequence = 1",
        "DELETE FROM psmp.ledger WHERE sequence = 1",
        "UPDATE psmp.pruned SET upto = 6",
        "DELETE FROM psmp.pruned",
        "TRUNCATE psmp.pruned",
    ],
)
async def test_nothing_but_pruning_that_is_recorded_changes_a_ledger_even_for_its_owner(
    here: Place, statement: str, *, replicating: bool
) -> None:
    await kept(here, archive())
    await prune(here.pool, KEY, 3, "records-office", "a part")
    async with here.pool.acquire() as connection, connection.transaction():
        if replicating:
            await connection.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            async with connection.transaction():
                await connection.execute(statement)
    assert await there(here) == [False, False, False, True, True, True]


@pytest.mark.parametrize("role", ["psmp_keeper", "psmp_audit", "psmp_reader"])
async def test_no_service_prunes(here: Place, role: str) -> None:
    await kept(here, archive())
    async with here.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute("SELECT psmp.prune('acme', 'rag', 6, 'me', 'why not')")


async def test_only_what_is_there_is_pruned(here: Place) -> None:
    await kept(here, archive())
    with pytest.raises(asyncpg.PostgresError, match="has no event 7 of acme/rag"):
        await here.pool.execute("SELECT psmp.prune('acme', 'rag', 7, 'me', 'more')")
    assert await here.rows("SELECT FROM psmp.pruned") == []


@pytest.mark.parametrize(
    ("tampering", "flaw", "sequence"),
    [
        ("UPDATE psmp.ledger SET body = NULL WHERE sequence = 5", Flaw.LEAF, 5),  # gone, and not recorded
        ("UPDATE psmp.ledger SET leaf = sha256('x') WHERE sequence = 3", Flaw.PREV, 4),  # the next one names it
        ("DELETE FROM psmp.ledger WHERE sequence = 2", Flaw.GAP, 3),
    ],
)
async def test_what_is_done_to_a_pruned_ledger_is_found_without_the_log(
    here: Place, tampering: str, flaw: Flaw, sequence: int
) -> None:
    await kept(here, archive())
    await prune(here.pool, KEY, 3, "records-office", "a part")
    await here.pool.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
    await here.pool.execute(tampering)
    [one] = await walked(here, log=False)
    assert one.fault is not None
    assert (one.fault.flaw, one.fault.sequence) == (flaw, sequence)


async def test_a_leaf_of_what_was_pruned_is_held_against_the_log(here: Place) -> None:
    await kept(here, archive())
    await prune(here.pool, KEY, 6, "records-office", "due")
    await here.pool.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
    await here.pool.execute("UPDATE psmp.ledger SET leaf = sha256('x') WHERE sequence = 6")
    [one] = await walked(here)
    assert one.fault is not None
    assert (one.fault.flaw, one.fault.sequence) == (Flaw.LOG, 6)
