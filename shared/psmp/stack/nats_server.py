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
from typing import Final, NamedTuple

from psmp.stack.binaries import locate_nats_server
from psmp.stack.children import Child, Program
from psmp.stack.errors import Ended, ForeignServer, Misread
from psmp.stack.ground import Ground
from psmp.stack.ports import LOOPBACK, free_port

#: What a configuration is told: where the server keeps its streams, and where it may serve its monitoring page.
STORE: Final = "PSMP_NATS_STORE"
MONITOR: Final = "PSMP_NATS_MONITOR"

MINIMAL_CONFIG: Final = f"jetstream {{ store_dir: ${STORE}, sync_interval: always }}\n"

_CONFIG_FILE: Final = "nats.conf"
_MAIN_FILE: Final = "main.conf"
_READY_WITHIN: Final = 30.0
_GREETING_WITHIN: Final = 1.0
_STOP_WITHIN: Final = 10.0
_PORT_TAKEN: Final = "address already in use"
_PORT_ATTEMPTS: Final = 5
_RELOADED: Final = "Reloaded server configuration"
_NOT_RELOADED: Final = "Failed to reload server configuration"


class Login(NamedTuple):
    """A user of NATS as configured, in letters, digits, ``-``, ``_`` and ``.``, for clients do not decode URLs."""

    user: str
    password: str


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
        includes: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        name: str = "nats",
    ) -> None:
        """Nothing starts yet.

        ``config`` is a configuration's text, or the path of one. A text may include files: ``includes`` has the text of
        each by the relative path that it is included by. Variables come from ``env``, where a value is itself text of
        a configuration, so that one with other signs than letters needs quotes. Streams must be kept in
        ``$PSMP_NATS_STORE``; address, port and server name are set over the configuration's head. Without ``port`` a
        free one is taken. It and that of the monitoring page stay the same over restarts, for others know them.
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
        self._includes = dict(includes or {})
        self._env = dict(env or {})
        self._settled = port is not None
        self._monitor: int | None = None

    @property
    def store(self) -> Path:
        """The directory of the streams."""
        return self._folder / "jetstream"

    @property
    def url(self) -> str:
        """The address for clients, without credentials."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where the monitoring page is, if the configuration has one: ``http: $PSMP_NATS_MONITOR``."""
        return f"http://{LOOPBACK}:{self._monitor}"

    def url_for(self, login: Login | None) -> str:
        """The address for one client, with its credentials."""
        if login is None:
            return self.url
        return f"nats://{login.user}:{login.password}@{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Start, and return when JetStream serves; raises Ended, NotReady, ForeignServer or BinaryMissing."""
        for attempt in range(_PORT_ATTEMPTS):
            if not self._settled:
                self.port = free_port()
            if self._monitor is None:
                self._monitor = free_port()
            try:
                return await self._start()
            except (Ended, ForeignServer) as error:
                is_monitors = _was_overtaken(error, at=f":{self._monitor}:")
                if attempt + 1 == _PORT_ATTEMPTS or not (is_monitors or (not self._settled and _was_overtaken(error))):
                    raise
                self._monitor = None if is_monitors else self._monitor
        return None

    async def reload(self, includes: Mapping[str, str]) -> None:
        """Have the running server read its configuration again, with other ``includes``; raises Misread."""
        assert self.child is not None  # noqa: S101 - for mypy: a server is started before it is told anything
        self._includes = dict(includes)
        self._write_config()
        seen = self._output.count
        self.child.signal(signal.SIGHUP)

        async def verdict() -> str | None:
            return next((line for line in self._output.since(seen) if _RELOADED in line or _NOT_RELOADED in line), None)

        if _NOT_RELOADED in (line := await self.child.ready(verdict, within=_READY_WITHIN)):
            raise Misread(self.name, line)

    async def stop(self) -> None:
        """Stop in good order; does nothing when it is down."""
        if self.child is not None:
            await self.child.stop(within=_STOP_WITHIN)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self.child is not None:
            self.child.kill()

    async def _start(self) -> None:
        self._forget_indexes()
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

    def _forget_indexes(self) -> None:
        """Have the server read every block as it starts. By its index it would not see what was damaged meanwhile."""
        for index in self.store.glob("jetstream/*/streams/*/msgs/index.db"):
            index.unlink(missing_ok=True)

    async def _greeted(self) -> Greeting | None:
        """The greeting of our own server; raises ForeignServer when another one answers."""
        assert self.port is not None  # noqa: S101 - for mypy: start() has chosen one
        greeting = await greeting_at(LOOPBACK, self.port)
        if greeting is not None and greeting.name != self.server_name:
            raise ForeignServer(self.url, self.server_name, greeting.name)
        return greeting

    def _program(self) -> Program:
        return Program(
            name=self.name,
            argv=(str(locate_nats_server()), *self._arguments()),
            env={
                "PATH": os.defpath,
                STORE: json.dumps(str(self.store), ensure_ascii=False),
                MONITOR: f"{LOOPBACK}:{self._monitor}",
                **self._env,
            },
            cwd=self._folder,
            stop_signal=signal.SIGINT,
        )

    def _arguments(self) -> tuple[str, ...]:
        return ("--config", str(self._write_config()), "--addr", LOOPBACK, "--port", str(self.port))

    def _write_config(self) -> Path:
        """Write what the server reads. Its name is part of that: a server that has it as an argument cannot reload."""
        texts = dict(self._includes)
        if isinstance(self._config, str):
            texts[_CONFIG_FILE] = self._config
            config = _CONFIG_FILE
        else:
            config = os.path.relpath(self._config.resolve(), self._folder)
        texts[_MAIN_FILE] = f"include {json.dumps(config, ensure_ascii=False)}\nserver_name: {self.server_name}\n"
        for name, text in texts.items():
            file = self._folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return self._folder / _MAIN_FILE


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


def _was_overtaken(error: Ended | ForeignServer, at: str = "") -> bool:
    """Whether somebody took the free port before our server did; with ``at`` that very one."""
    if isinstance(error, ForeignServer):
        return not at
    return any(_PORT_TAKEN in line and at in line for line in error.lines)
