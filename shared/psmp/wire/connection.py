"""One way to connect to NATS: reconnects for ever, notices a dead peer within seconds, never hangs at the start."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nats.errors import Error as NatsError

from psmp.wire.mended import MendedClient
from psmp.words.nkeys import seed_of

CONNECT_WITHIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where NATS is and who we are there. ``url`` may carry user and password; ``ca`` is a PEM file to trust for ``tls://``.

    With a ``key``, an API key, we are its user: what it takes to be that is proved, and the key never sent.
    """

    url: str
    credentials: Path | None = None
    ca: Path | None = None
    key: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without secrets, for people."""
        scheme, _, rest = self.url.rpartition("://")
        return f"{scheme or 'nats'}://{rest.rpartition('@')[2]}"


class NatsUnreachable(ConnectionError):
    """No NATS server answered in time, or it refused us; the text says which.

    ``refused``: trying again is vain before name, password or certificate are other ones.
    """

    def __init__(self, address: Address, why: str, *, refused: bool = False) -> None:
        super().__init__(f"cannot connect to {address.shown}: {why}")
        self.address, self.refused = address, refused
        self.hint = "is it running (`psmp dev`), and are PSMP_NATS_URL and its credentials right?"


async def _quiet(_: Exception) -> None:
    """Errors of a connection are seen by whoever waits for an answer; nothing is printed."""


def _is_final(error: Exception) -> bool:
    """Whether trying again cannot help: the server refused who we are, or we do not trust who it is."""
    return isinstance(error, ssl.SSLError) or "authorization violation" in str(error).lower()


async def connect(
    address: Address,
    name: str,
    *,
    inbox: str = "_INBOX",
    within: float = CONNECT_WITHIN,
    on_error: Callable[[Exception], Awaitable[None]] = _quiet,
    on_reconnect: Callable[[], Awaitable[None]] | None = None,
    on_close: Callable[[], Awaitable[None]] | None = None,
) -> MendedClient:
    """A connection called ``name``; raises ``NatsUnreachable`` when there is none within ``within`` seconds.

    ``on_close`` is told when the connection is over for good: closed by us, or by a server that wants no more of it.
    """
    last: Exception | None = None
    connecting = True
    client = MendedClient()

    async def heard(error: Exception) -> None:
        nonlocal last
        last = error
        if connecting and _is_final(error):
            raise NatsUnreachable(address, _said(error), refused=True) from error
        await on_error(error)

    signs = client.sign_in(seed_of(address.key)) if address.key is not None else None
    context = ssl.create_default_context(cafile=str(address.ca)) if address.ca else None
    try:
        await asyncio.wait_for(
            client.connect(
                address.url,
                name=name,
                user_credentials=str(address.credentials) if address.credentials else None,
                signature_cb=signs,
                tls=context,
                inbox_prefix=inbox,
                error_cb=heard,
                reconnected_cb=on_reconnect,
                closed_cb=on_close,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.1,  # type: ignore[arg-type]  # annotated as int, taken as seconds
                connect_timeout=2,
                ping_interval=5,
                max_outstanding_pings=2,
                pending_size=8 * 1024 * 1024,
            ),
            within,
        )
    except BaseException as error:
        await _leave(client)
        if isinstance(error, NatsUnreachable) or not isinstance(error, NatsError | OSError | TimeoutError):
            raise
        raise NatsUnreachable(address, _said(last or error)) from error
    connecting = False
    return client


async def _leave(client: MendedClient) -> None:
    """Close, within half a second: after a failed TLS handshake nats-py waits for ever for the socket to end."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(client.close(), 0.5)


def _said(error: Exception) -> str:
    return str(error).removeprefix("nats: ").strip("'") or "no answer in time"
