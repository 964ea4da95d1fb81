"""uvicorn as one loop of the service: it listens where it is told, and ends when the service does."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from psmp.service.statistics import Statistics

BACKLOG = 2048


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
            ws="none",
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
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """See ``Loop``."""
        self._server.should_exit = True

    def describe(self) -> Statistics:
        """See ``Loop``."""
        state = self._server.server_state
        return Statistics("http", state.total_requests, waiting=len(state.connections))
