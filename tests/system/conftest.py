"""One running system for all system tests; they kill its parts, and it comes back."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest_asyncio

import psmp
from psmp.client import Client
from psmp.log.jetstream import JetStreamEventLog
from psmp.stack import Stack
from psmp.stack.identities import READER, Identities
from psmp.stack.whole import whole
from psmp.store.pool import Pool, open_pool
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from tests.servers import UNLIMITED


@dataclass(frozen=True, slots=True)
class Running:
    """A running system, a client of it that speaks as any agent, and what it stored for who only reads."""

    stack: Stack
    identities: Identities
    client: Client
    log: JetStreamEventLog
    nats: MendedClient
    pool: Pool


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running() -> AsyncIterator[Running]:
    """Everything, started as ``psmp dev`` starts it, but for the limits of rate."""
    everything = whole(env=UNLIMITED)
    async with AsyncExitStack() as exits:
        stack = await exits.enter_async_context(Stack(everything.plan))
        url = stack.nats.url_for(everything.identities.tenant())
        client = await exits.enter_async_context(psmp.connect(url, tenant="default", agent="load", timeout=60))
        reader = Address(stack.nats.url_for(everything.identities.service(READER)))
        nats = await connect(reader, "test-reader", inbox="_INBOX_operator")
        exits.push_async_callback(nats.close)
        pool = await open_pool(stack.postgres_dsn, "test-reader")
        exits.callback(pool.terminate)
        yield Running(stack, everything.identities, client, JetStreamEventLog(nats), nats, pool)
