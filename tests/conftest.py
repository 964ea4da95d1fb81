"""Fixtures for every test, and the rule that an integration test must not block its event loop."""

from collections.abc import Iterator

import pytest

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

__all__ = [
    "database",
    "fresh_nats",
    "nats_server",
    "postgres",
    "session_ground",
    "session_loop",
    "start_nats",
    "template_database",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "may_block: this test may hold the event loop for more than 250 ms")


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
