"""uvicorn as one loop of the service: it listens where it is told, and ends when the service does."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from psmp.service.statistics import Statistics
from psmp.words.strict import MAX_BYTES

BACKLOG = 2048
SWEPT_EVERY = 10.0
"""Seconds that a connection has to end once it is to."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the service's."""
        yield


class Door:
    """Serves an application over HTTP."""

    def __init__(self, app: ASGIApp, host: str, port: int, drain: float) -> None:
        """Binds the address at once; raises ``OSError`` when it is taken."""
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=MAX_BYTES + 4096,
            ws_per_message_deflate=False,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=max(1, int(drain) - 2),
        )
        self._server = _Server(config)
        self._socket = socket.create_server((host, port), backlog=BACKLOG)

    @property
    def port(self) -> int:
        """Where it listens."""
        found: int = self._socket.getsockname()[1]
        return found

    async def run(self) -> None:
        """See ``Loop``."""
        sweeping = asyncio.ensure_future(self._sweep())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            sweeping.cancel()

    async def _sweep(self) -> None:
        """Cut off whoever was to be gone since the last look and still has not taken what it was sent."""
        leaving: set[asyncio.Transport] = set()
        while True:
            await asyncio.sleep(SWEPT_EVERY)  # noqa: TID251 - a connection tells nobody that it does not end
            closing = {each for each in map(_transport, self._server.server_state.connections) if each is not None}
            for each in leaving & closing:
                each.abort()
            leaving = closing

    def stop(self) -> None:
        """See ``Loop``."""
        self._server.should_exit = True

    def describe(self) -> Statistics:
        """See ``Loop``."""
        state = self._server.server_state
        return Statistics("http", state.total_requests, waiting=len(state.connections))


def _transport(connection: object) -> asyncio.Transport | None:
    """The transport of a connection that is being closed; None for those that are not."""
    found = getattr(connection, "transport", None)
    return found if found is not None and found.is_closing() else None
