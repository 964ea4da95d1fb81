"""Fixtures for every test, and the rule that an integration test must not block its event loop."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from psmp.stack.private_copy import CACHE
from tests.loop_watch import watched_loop
from tests.servers import (
    database,
    fresh_nats,
    nats_server,
    postgres,
    session_ground,
    session_loop,
    start_nats,
    template_database,
)
from tests.sharing_out import in_order, pytest_xdist_make_scheduler

__all__ = [
    "database",
    "fresh_nats",
    "nats_server",
    "postgres",
    "pytest_xdist_make_scheduler",
    "session_ground",
    "session_loop",
    "start_nats",
    "template_database",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "may_block: this test may hold the event loop for more than 250 ms")
    # A shell has what runs in its background ignore these, and whatever that starts too: tests press Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    # Tests do not time, and a machine may be busy with others.
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
    # A traceback drawn with all its locals holds up the event loop.
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_session() -> Iterator[None]:
    """Root may need a copy of Postgres that others can run: tests have their own, and leave nothing behind."""
    if os.geteuid() != 0 or CACHE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="psmp-cache-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setenv(CACHE, folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def only_what_psmp_needs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Programs that tests start find no aiohttp, as where PSMP is installed: nats-py would load it for nothing."""
    folder = tmp_path_factory.mktemp("lacking")
    (folder / "aiohttp.py").write_text('raise ImportError("only the tests have it")\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield


@pytest.fixture(autouse=True)
def unblocked_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails an integration or system test in which one step held the event loop for more than 250 ms."""
    folders = {"integration", "system"} & set(request.path.parts)
    if not folders or request.node.get_closest_marker("may_block"):
        yield
        return
    with watched_loop() as blocked:
        yield
    if blocked:
        pytest.fail("the event loop was blocked: " + "; ".join(blocked), pytrace=False)
