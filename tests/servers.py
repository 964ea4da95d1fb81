"""Real servers for tests: started in milliseconds, private, and gone with the process that started them."""

import asyncio
import contextlib
import importlib
import importlib.util
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

import asyncpg
import pytest

from psmp.stack import Ground, NatsServer, Postgres, ground

T = TypeVar("T")

TEMPLATE = "template_psmp"

UNLIMITED = {"PSMP_AGENT_REQUESTS_PER_MINUTE": "0", "PSMP_TENANT_REQUESTS_PER_MINUTE": "0"}
"""The environment of an intake that takes as much as it gets."""

_numbers = itertools.count(1)


class StartNats(Protocol):
    """Starts one more nats-server for a test; takes what NatsServer takes."""

    def __call__(self, **options: Any) -> Awaitable[NatsServer]: ...


class Loop:
    """An event loop for fixtures that outlive the loops of tests; what they start belongs to no loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    @contextlib.contextmanager
    def opened(self, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """Enter an asynchronous context, and leave it at the end."""

        async def enter() -> T:
            return await context.__aenter__()

        async def leave() -> None:
            await context.__aexit__(None, None, None)

        value = self.run(enter())
        try:
            yield value
        finally:
            self.run(leave())


@pytest.fixture(scope="session")
def session_loop() -> Iterator[Loop]:
    """Runs only while a fixture of the session is set up or torn down."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield Loop(runner)


@pytest.fixture(scope="session")
def session_ground(session_loop: Loop) -> Iterator[Ground]:
    """A throw-away directory and the leash that ends every server of the session."""
    with session_loop.opened(ground()) as place:
        yield place


@pytest.fixture(scope="session")
def nats_server(session_loop: Loop, session_ground: Ground) -> Iterator[NatsServer]:
    """One nats-server for the session: a test uses streams and subjects of its own on it, and never stops it."""
    server = NatsServer(session_ground, name="nats-session")
    session_loop.run(server.start())
    yield server
    session_loop.run(server.stop())


@pytest.fixture
async def start_nats(session_ground: Ground) -> AsyncIterator[StartNats]:
    """Starts as many fresh nats-servers as a test wants, with the configurations that it wants."""
    async with contextlib.AsyncExitStack() as exits:

        async def start(**options: Any) -> NatsServer:
            server = NatsServer(session_ground, **{"name": f"nats-{next(_numbers)}", **options})
            exits.push_async_callback(server.stop)
            await server.start()
            return server

        yield start


@pytest.fixture
async def fresh_nats(start_nats: StartNats) -> NatsServer:
    """A nats-server of the test's own, to be stopped, killed and started at will."""
    return await start_nats()


@pytest.fixture(scope="session")
def postgres(session_loop: Loop, session_ground: Ground) -> Iterator[Postgres]:
    """One Postgres for the session, which flushes nothing: a test uses a database of its own, and never stops it."""
    server = Postgres(session_ground, durable=False)
    session_loop.run(server.start())
    yield server
    session_loop.run(server.stop())


@pytest.fixture(scope="session")
def template_database(session_loop: Loop, postgres: Postgres) -> str:
    """The name of a database with all migrations, of which `database` makes copies."""
    session_loop.run(_execute(postgres.dsn(), f"CREATE DATABASE {TEMPLATE}"))
    if migrate := _migrations():
        session_loop.run(migrate(postgres.dsn(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
async def database(postgres: Postgres, template_database: str) -> AsyncIterator[str]:
    """The address of a database of the test's own, migrated and empty."""
    name = f"test_{next(_numbers)}"
    await _execute(postgres.dsn(), f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
    yield postgres.dsn(name)
    await _execute(postgres.dsn(), f"DROP DATABASE {name} WITH (FORCE)")


def _migrations() -> Callable[[str], Coroutine[Any, Any, object]] | None:
    if importlib.util.find_spec("psmp.store") is None or importlib.util.find_spec("psmp.store.migrate") is None:
        return None
    migrate: Callable[[str], Coroutine[Any, Any, object]] = importlib.import_module("psmp.store.migrate").migrate
    return migrate


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
