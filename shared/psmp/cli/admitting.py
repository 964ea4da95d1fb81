"""What NATS is told of keys: its file of users written anew, the server told to read it, and seen to let a key in."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SHARED, Servers
from psmp.stack.keyed import accounts, keyed
from psmp.store import api_keys
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.words.api_keys import ApiKey

if TYPE_CHECKING:
    from psmp.store.pool import Connection

WITHIN: Final = 15.0
"""Seconds in which a server has let a new key in, or does not know of it."""
AGAIN: Final = 0.2

RELOAD: Final = "have nats-server read it: kill -HUP its process, or name its pid file with --nats-pid-file"


@dataclass(frozen=True, slots=True)
class Told:
    """How NATS stands to a key, for programs, and what is left to do, for people."""

    said: str
    hint: str = ""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Admitting:
    """Where NATS keeps its users."""

    nats_users: Annotated[
        Path | None,
        Parameter(
            env_var="PSMP_NATS_USERS",
            help="The file of tenants' accounts that nats.conf includes; psmp dev writes its own.",
        ),
    ] = None
    nats_pid_file: Annotated[
        Path | None, Parameter(env_var="PSMP_NATS_PID_FILE", help="Where nats-server keeps its process id.")
    ] = None

    async def apply(self, connection: "Connection", servers: Servers, text: str | None) -> Told:
        """Write the users of all good keys; wait until the server lets the key ``text`` in, if it is told of one."""
        url = servers.found().nats_url
        if self.nats_users is None:
            if url is None or text is None:
                return Told("not told", "" if url else "set PSMP_NATS_USERS, or run psmp key apply where NATS runs")
            return await self._seen(servers, url, text)
        new_account = write(self.nats_users, await api_keys.all_of(connection))
        if not self._reload():
            return Told("written", RELOAD)
        told = Told("told") if url is None or text is None else await self._seen(servers, url, text)
        if new_account:  # nats-server joins a new account to others only when it reads its files once more
            self._reload()
        return told

    def _reload(self) -> bool:
        if self.nats_pid_file is None:
            return False
        try:
            os.kill(int(self.nats_pid_file.read_text()), signal.SIGHUP)
        except (OSError, ValueError) as error:
            raise Complaint(Exit.USAGE, f"{self.nats_pid_file}: {error}", RELOAD) from None
        return True

    async def _seen(self, servers: Servers, url: str, text: str) -> Told:
        """Log in with the key until that succeeds."""
        scheme, _, rest = url.rpartition("://")
        address = Address(f"{scheme or 'nats'}://{rest.rpartition('@')[2]}", ca=servers.nats_ca, key=text)
        why = "no answer in time"
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    try:
                        client = await connect(address, "psmp key", within=WITHIN)
                    except NatsUnreachable as error:
                        why = str(error)
                        await asyncio.sleep(AGAIN)  # noqa: TID251 - a server tells nobody that it has read its file
                    else:
                        await client.close()
                        return Told("lets it in")
        except TimeoutError:
            return Told("does not know it", f"NATS does not let it in yet ({why}): psmp key apply where NATS runs")


ADMITTING: Final = Admitting()


def write(path: Path, keys: list[ApiKey]) -> bool:
    """Bring the users of keys in a file of accounts up to date; whether it has a new account. Raises ``Complaint``."""
    try:
        text = path.read_text(encoding="utf-8")
        made = keyed(text, keys, clock.now())
        if made != text:
            path.write_text(made, encoding="utf-8")  # in place: a container may have this very file
    except OSError as error:
        hint = "the key is made; psmp key apply --nats-users FILE tells NATS of it"
        raise Complaint(Exit.USAGE, f"{path}: {error.strerror}", hint) from None
    return accounts(made) > accounts(text)
