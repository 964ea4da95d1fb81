"""A service as the stack runs it: a program with a port of its own that says on /readyz when it is ready."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psmp.stack.children import Child, Program
from psmp.stack.ground import Ground
from psmp.stack.nats_server import Login
from psmp.stack.ports import LOOPBACK, free_port

#: What a service is told about the port that it has to serve /readyz on.
HTTP_PORT: Final = "PSMP_HTTP_PORT"

_ANSWER_WITHIN: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What to run, under which name, as whom of NATS, with what added to its environment; times in seconds.

    ``placed`` is added, too: what is below the folder of the stack's data, by the path from there.
    """

    name: str
    argv: tuple[str, ...]
    login: Login | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    placed: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    ready_within: float = 30.0
    stop_within: float = 10.0


class ServiceProcess:
    """One service over its restarts. Once it was ready its port is kept."""

    def __init__(self, service: Service, ground: Ground, env: Mapping[str, str]) -> None:
        """Nothing starts yet. ``env`` is its whole environment but for the port; the service's own additions win."""
        self.name = service.name
        self.port = free_port()
        self.child: Child | None = None
        self._service = service
        self._ground = ground
        self._output = ground.output(service.name)
        self._env = env
        self._was_ready = False

    @property
    def url(self) -> str:
        """Where its health and metrics are served."""
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Start, and return when /readyz answers 200; raises Ended or NotReady."""
        if not self._was_ready:
            self.port = free_port()
        self.child = Child(self._program(), self._ground.leash, self._output)
        try:
            await self.child.ready(self._is_ready, within=self._service.ready_within)
        except BaseException:
            self.child.end()
            raise
        self._was_ready = True

    async def stop(self) -> None:
        """Stop in good order; does nothing when it is down."""
        if self.child is not None:
            await self.child.stop(within=self._service.stop_within)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self.child is not None:
            self.child.kill()

    async def _is_ready(self) -> bool:
        return await status_of(self.port, "/readyz") == 200  # noqa: PLR2004 - OK

    def _program(self) -> Program:
        # What a service puts aside, and cannot take away when it is killed, goes with the stack.
        placed = {name: str(self._ground.path / path) for name, path in self._service.placed.items()}
        own = {"PYTHONUNBUFFERED": "1", "TMPDIR": str(self._ground.folder("tmp"))}
        return Program(
            name=self.name,
            argv=self._service.argv,
            env={**own, **self._env, HTTP_PORT: str(self.port), **self._service.env, **placed},
            cwd=self._service.cwd or Path.cwd(),
        )


async def status_of(port: int, path: str) -> int | None:
    """The HTTP status that a GET of ``path`` on a loopback port gives; None without an answer within a second."""
    request = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(_ANSWER_WITHIN):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            with contextlib.closing(writer):
                writer.write(request.encode())
                words = (await reader.readline()).split()
    except OSError:  # TimeoutError is one too
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
