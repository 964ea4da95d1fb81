"""A private, real Postgres on a Unix socket that only we can reach."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from psmp.stack.accounts import require_reachable, unprivileged
from psmp.stack.binaries import locate_postgres
from psmp.stack.children import Child, Program, run
from psmp.stack.errors import Ended
from psmp.stack.ground import Ground
from psmp.stack.private_copy import runnable_by
from psmp.stack.waiting import until

USER: Final = "psmp"
DATABASE: Final = "psmp"

_INITDB_WITHIN: Final = 60.0
_READY_WITHIN: Final = 60.0
_STOP_WITHIN: Final = 10.0
_FORMER_LIVES: Final = "pre-existing shared memory block"
_PORT: Final = 5432

_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Shared memory in files of the data directory, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
_CARELESS: Final[Mapping[str, str]] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One Postgres over a directory of its own. Stopped or killed, it can be started again with address and data kept.

    Root runs it as ``nobody``, everybody else as themselves. Only who may enter the socket's directory, and knows the
    password, which is made by chance, can connect.
    """

    def __init__(self, ground: Ground, *, durable: bool = True, name: str = "postgres") -> None:
        """Nothing starts yet. What an earlier run left on ``ground`` is used again.

        Without ``durable`` nothing is flushed to disk: for data that nobody misses after a cut of power.
        """
        self.name = name
        self.version = ""
        self.child: Child | None = None
        self._ground = ground
        self._durable = durable
        self._account = unprivileged()
        self._folder = ground.folder(name, self._account)
        self._output = ground.output(name)
        self._sockets = ground.scratch(self._account)
        self._password = _password(ground.path / f"{name}.password")

    def dsn(self, database: str = DATABASE) -> str:
        """The address of a database, with user and password."""
        host = quote(str(self._sockets), safe="")
        return f"postgresql://{USER}:{self._password}@/{quote(database)}?host={host}&port={_PORT}"

    async def start(self) -> None:
        """Start, and return when it serves; raises Ended, NotReady, Unreachable or BinaryMissing."""
        require_reachable(self._folder, self._account)
        binaries = await asyncio.to_thread(runnable_by, self._account, locate_postgres())
        if not self._data.exists():
            await self._initialise(binaries)
        await self._serve(binaries)
        await self._open_database()

    async def stop(self) -> None:
        """Stop in good order, ending sessions; does nothing when it is down."""
        if self.child is not None:
            await self.child.stop(within=_STOP_WITHIN)

    def kill(self) -> None:
        """End it with SIGKILL: what was committed is found again at the next start."""
        if self.child is not None:
            self.child.kill()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    async def _initialise(self, binaries: Path) -> None:
        """Make an empty cluster, whole or not at all."""
        fresh, secret = self._folder / "data.new", self._folder / "password.new"
        await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        self._hand_over(secret)
        arguments = ["--pgdata", str(fresh), "--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256"]
        arguments += ["--encoding", "UTF8", "--locale", "C", *([] if self._ground.kept else ["--no-sync"])]
        try:
            await run(
                self._program(binaries / "initdb", *arguments), self._ground.leash, self._output, within=_INITDB_WITHIN
            )
        finally:
            secret.unlink()
        fresh.rename(self._data)

    def _hand_over(self, secret: Path) -> None:
        """Write the password to a file that only initdb and we can read."""
        secret.unlink(missing_ok=True)
        file = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as stream:
            stream.write(self._password)
            if self._account is not None:
                os.fchown(file, self._account.uid, self._account.gid)

    async def _serve(self, binaries: Path) -> None:
        """Start the server; after a crash, once the last of its former processes has noticed and gone."""
        settings = {**_SETTINGS, **({} if self._durable else _CARELESS)}
        arguments = ["-D", str(self._data), "-k", str(self._sockets), "-p", str(_PORT)]
        arguments += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = self._program(binaries / "postgres", *arguments)

        async def try_again() -> bool:
            self.child = Child(program, self._ground.leash, self._output)
            try:
                return await self.child.ready(self._is_ready, within=_READY_WITHIN)
            except Ended as error:
                if any(_FORMER_LIVES in line for line in error.lines):
                    return False
                raise
            except BaseException:
                self.child.end()
                raise

        await until(try_again, within=_READY_WITHIN)

    async def _is_ready(self) -> bool:
        """Whether the server says so in its pid file, as pg_ctl reads it."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[7:8] == ["ready   "] and self.child is not None and lines[0] == str(self.child.pid)

    async def _open_database(self) -> None:
        """Make our database where it is missing, and learn the server's version."""
        connection = await asyncpg.connect(self.dsn("postgres"))
        try:
            self.version = await connection.fetchval("SHOW server_version")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    def _program(self, path: Path, *arguments: str) -> Program:
        return Program(
            name=self.name,
            argv=(str(path), *arguments),
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd=self._folder,
            account=self._account,
            # A fast shutdown writes out everything first, which for data that is thrown away would be in vain.
            stop_signal=signal.SIGINT if self._ground.kept else signal.SIGQUIT,
            # Immediate shutdown: unlike SIGKILL it takes the server's other processes and its shared memory along.
            end_signal=signal.SIGQUIT,
        )


def _password(file: Path) -> str:
    """The password kept in ``file``; a new one at first."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()
