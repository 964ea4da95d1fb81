"""A private, real nats-server on the loopback interface."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psmp.stack.binaries import locate_nats_server
from psmp.stack.children import Child, Program
from psmp.stack.errors import Ended, ForeignServer
from psmp.stack.ground import Ground
from psmp.stack.ports import LOOPBACK, free_port

#: What a configuration is told: where the server keeps its streams.
STORE: Final = "PSMP_NATS_STORE"

MINIMAL_CONFIG: Final = f"jetstream {{ store_dir: ${STORE}, sync_interval: always }}\n"

_READY_WITHIN: Final = 30.0
_GREETING_WITHIN: Final = 1.0
_STOP_WITHIN: Final = 10.0
_PORT_TAKEN: Final = "address already in use"
_PORT_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who a NATS server says it is, before anybody has to log in."""

    name: str
    version: str


class NatsServer:
    """One nats-server over a directory of its own. Stopped or killed, it can be started again with port and data kept.

    Invariant:
    - name and port never change once the server was ready;
    - nobody is given the address before the server there has said that name.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        config: str | Path = MINIMAL_CONFIG,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        name: str = "nats",
    ) -> None:
        """Nothing starts yet.

        ``config`` is a configuration's text, or the path of one. It reads its variables from ``env`` and must keep its
        streams in ``$PSMP_NATS_STORE``; address, port and server name are set over its head. Without ``port`` a free
        one is taken.
        """
        self.name = name
        self.server_name = f"psmp-{secrets.token_hex(8)}"
        self.port = port
        self.version = ""
        self.child: Child | None = None
        self._ground = ground
        self._folder = ground.folder(name)
        self._output = ground.output(name)
        self._config = config
        self._env = dict(env or {})
        self._settled = port is not None

    @property
    def url(self) -> str:
        """The address for clients, without credentials."""
        return f"nats://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Start, and return when JetStream serves; raises Ended, NotReady, ForeignServer or BinaryMissing."""
        for attempt in range(_PORT_ATTEMPTS):
            if not self._settled:
                self.port = free_port()
            try:
                return await self._start()
            except (Ended, ForeignServer) as error:
                if self._settled or attempt + 1 == _PORT_ATTEMPTS or not _was_overtaken(error):
                    raise
        return None

    async def stop(self) -> None:
        """Stop in good order; does nothing when it is down."""
        if self.child is not None:
            await self.child.stop(within=_STOP_WITHIN)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self.child is not None:
            self.child.kill()

    async def _start(self) -> None:
        self.child = Child(self._program(), self._ground.leash, self._output)
        try:
            greeting = await self.child.ready(self._greeted, within=_READY_WITHIN)
        except Ended:
            await self._greeted()  # it may have ended because another one has its address
            raise
        except BaseException:
            self.child.end()
            raise
        self.version = greeting.version
        self._settled = True

    async def _greeted(self) -> Greeting | None:
        """The greeting of our own server; raises ForeignServer when another one answers."""
        assert self.port is not None  # noqa: S101 - for mypy: start() has chosen one
        greeting = await greeting_at(LOOPBACK, self.port)
        if greeting is not None and greeting.name != self.server_name:
            raise ForeignServer(self.url, self.server_name, greeting.name)
        return greeting

    def _program(self) -> Program:
        store = self._folder / "jetstream"
        return Program(
            name=self.name,
            argv=(str(locate_nats_server()), *self._arguments()),
            # A value is read as configuration text, hence the quotes.
            env={"PATH": os.defpath, STORE: json.dumps(str(store), ensure_ascii=False), **self._env},
            cwd=self._folder,
            stop_signal=signal.SIGINT,
        )

    def _arguments(self) -> tuple[str, ...]:
        listen = ("--addr", LOOPBACK, "--port", str(self.port), "--name", self.server_name)
        return ("--config", str(self._config_file()), *listen)

    def _config_file(self) -> Path:
        if isinstance(self._config, Path):
            return self._config.absolute()
        file = self._folder / "nats.conf"
        file.write_text(self._config)
        file.chmod(0o600)
        return file


async def greeting_at(host: str, port: int) -> Greeting | None:
    """The greeting of the NATS server that listens there; None when nobody does, or it is not NATS, or it is silent."""
    try:
        async with asyncio.timeout(_GREETING_WITHIN):
            reader, writer = await asyncio.open_connection(host, port)
            with contextlib.closing(writer):
                return _parse(await reader.readline())
    except OSError:  # TimeoutError is one too
        return None


def _parse(line: bytes) -> Greeting | None:
    verb, _, rest = line.partition(b" ")
    if verb != b"INFO":
        return None
    info = json.loads(rest)
    return Greeting(info["server_name"], info["version"])


def _was_overtaken(error: Ended | ForeignServer) -> bool:
    """Whether somebody took the free port before our server did."""
    return isinstance(error, ForeignServer) or any(_PORT_TAKEN in line for line in error.lines)
