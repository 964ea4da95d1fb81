"""Servers go away and come back, killed and restarted: everything that followed catches up, and nothing is doubled."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from psmp.stack import Ground, NatsServer, Postgres
from psmp.store.follower import Follower
from psmp.store.migrate import migrate
from psmp.store.replay import replay_check
from psmp.store.verify import verify
from psmp.wire.assets import prepare
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector
from tests.following import Place, place, until_true
from tests.histories import LAST, lifetime

pytestmark = pytest.mark.integration

KEYS = [ProjectKey("acme", f"p{number}") for number in range(10)]
EVENTS = len(KEYS) * len(lifetime().records)


@pytest.fixture
async def own_postgres(session_ground: Ground, request: pytest.FixtureRequest) -> AsyncIterator[Postgres]:
    """A migrated Postgres of the test's own, to be killed and started at will."""
    server = Postgres(session_ground, name=f"postgres-{request.node.name}")
    await server.start()
    await migrate(server.dsn())
    yield server
    server.kill()


@pytest.fixture
async def here(fresh_nats: NatsServer, own_postgres: Postgres) -> AsyncIterator[Place]:
    async with place(fresh_nats, own_postgres.dsn()) as opened:
        yield opened


async def publish_all(here: Place) -> None:
    """The events of all projects, side by side, each published again until it is acknowledged."""
    histories = [lifetime(key) for key in KEYS]
    positions = dict.fromkeys(KEYS, 0)
    for step in zip(*(history.records for history in histories), strict=True):
        for record in step:
            positions[record.key] = await here.log.append(
                record.key, record.kind, record.body, expected=positions[record.key]
            )


async def assert_all_is_there(here: Place, *followers: Follower[object]) -> None:
    for follower in followers:
        await until_true(lambda follower=follower: follower.position == EVENTS)  # type: ignore[misc]
        assert follower.describe().stopped == frozenset()
    replayed = [each async for each in replay_check(here.pool, here.log, KEYS)]
    assert [(each.key, each.sequence, each.differences) for each in replayed] == [(key, LAST, ()) for key in KEYS]
    verified = [each async for each in verify(here.pool, log=here.log, known=KEYS)]
    assert [(each.key, each.events, each.fault) for each in verified] == [(key, LAST, None) for key in KEYS]


@pytest.mark.slow
async def test_postgres_killed_again_and_again_under_load(here: Place, own_postgres: Postgres) -> None:
    async with AsyncExitStack() as exits:
        projector = await exits.enter_async_context(here.following(Projector(here.pool, here.log), batch=7))
        audit = await exits.enter_async_context(here.following(LedgerWriter(here.pool, here.log), batch=7))
        loading = asyncio.ensure_future(publish_all(here))
        for _ in range(3):
            seen = projector.position, audit.position
            await until_true(partial(has_moved, loading, (projector, audit), seen))
            own_postgres.kill()
            assert own_postgres.child is not None
            await own_postgres.child.wait()
            await until_true(lambda: bool(projector.describe().trouble and audit.describe().trouble))
            await own_postgres.start()
            await until_true(lambda: not projector.describe().trouble and not audit.describe().trouble)
        await loading
        await assert_all_is_there(here, projector, audit)


def has_moved(loading: asyncio.Future[None], followers: Sequence[Follower[Any]], seen: tuple[int, ...]) -> bool:
    """Whether all have taken something in since, or there is nothing left to wait for."""
    return loading.done() or all(each.position > was for each, was in zip(followers, seen, strict=True))


@pytest.mark.slow
async def test_nats_killed_again_and_again_under_load(here: Place) -> None:
    async with AsyncExitStack() as exits:
        projector = await exits.enter_async_context(here.following(Projector(here.pool, here.log), batch=7))
        audit = await exits.enter_async_context(here.following(LedgerWriter(here.pool, here.log), batch=7))
        loading = asyncio.ensure_future(publish_all(here))
        for _ in range(3):
            seen = projector.position, audit.position
            await until_true(partial(has_moved, loading, (projector, audit), seen))
            here.server.kill()
            assert here.server.child is not None
            await here.server.child.wait()
            await until_true(
                lambda: projector.describe().trouble == audit.describe().trouble == "not connected to NATS"
            )
            await here.server.start()
        await loading
        await assert_all_is_there(here, projector, audit)
        assert projector.describe().trouble == audit.describe().trouble == ""


async def test_postgres_away_is_told_also_when_nothing_happens(here: Place, own_postgres: Postgres) -> None:
    async with here.following(Projector(here.pool, here.log)) as projector:
        await until_true(lambda: not projector.describe().trouble)
        await own_postgres.stop()
        await until_true(lambda: bool(projector.describe().trouble))
        await own_postgres.start()
        await until_true(lambda: not projector.describe().trouble)


async def test_a_database_that_is_not_migrated_yet_is_waited_for(
    fresh_nats: NatsServer, own_postgres: Postgres
) -> None:
    async with place(fresh_nats, own_postgres.dsn("postgres")) as bare:
        history = lifetime()
        await history.store(bare.log)
        async with bare.following(LedgerWriter(bare.pool, bare.log)) as audit:
            await until_true(lambda: 'relation "psmp.follower" does not exist' in audit.describe().trouble)
            await migrate(own_postgres.dsn("postgres"))
            await until_true(lambda: audit.position == len(history.records))


async def test_a_consumer_that_is_not_made_yet_is_waited_for(here: Place) -> None:
    stream = here.nats.jetstream()
    await stream.delete_consumer("PSMP_LOG", "audit")
    await lifetime().store(here.log)
    async with here.following(LedgerWriter(here.pool, here.log)) as audit:
        await until_true(lambda: audit.describe().trouble not in {"", "has not begun to follow"})
        await prepare(here.nats)
        await until_true(lambda: audit.position == LAST)
        await stream.delete_consumer("PSMP_LOG", "audit")
        await until_true(lambda: audit.describe().trouble != "")
        await prepare(here.nats)
        record = lifetime(KEYS[0]).records[0]
        end = await here.log.append(KEYS[0], record.kind, record.body, expected=0)
        await until_true(lambda: audit.position == end)


async def test_lag_is_told_while_it_lasts(here: Place) -> None:
    async with here.following(LedgerWriter(here.pool, here.log)) as audit:
        await until_true(lambda: not audit.describe().trouble)
        async with here.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE psmp.ledger")
            await publish_all(here)
            await until_true(lambda: audit.describe().waiting > 0)
        await until_true(lambda: audit.position == EVENTS)
        assert audit.describe().waiting == 0
