"""One way to connect to NATS: reconnects for ever, notices a dead peer within seconds, never hangs at the start."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

CONNECT_WITHIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where NATS is and who we are there. ``url`` may carry user and password; ``ca`` is a PEM file to trust for ``tls://``."""

    url: str
    credentials: Path | None = None
    ca: Path | None = None

    @property
    def shown(self) -> str:
        """The address without secrets, for people."""
        scheme, _, rest = self.url.rpartition("://")
        return f"{scheme or 'nats'}://{rest.rpartition('@')[2]}"


class NatsUnreachable(ConnectionError):
    """No NATS server answered in time, or it refused us; the text says which."""

    def __init__(self, address: Address, why: str) -> None:
        super().__init__(f"cannot connect to {address.shown}: {why}")
        self.address = address
        self.hint = "is it running (`psmp dev`), and are PSMP_NATS_URL and its credentials right?"


async def _quiet(_: Exception) -> None:
    """Errors of a connection are seen by whoever waits for an answer; nothing is printed."""


async def connect(
    address: Address,
    name: str,
    *,
    inbox: str = "_INBOX",
    within: float = CONNECT_WITHIN,
    on_error: Callable[[Exception], Awaitable[None]] = _quiet,
    on_reconnect: Callable[[], Awaitable[None]] | None = None,
) -> Client:
    """A connection called ``name``; raises ``NatsUnreachable`` when there is none within ``within`` seconds."""
    last: list[Exception] = []

    async def heard(error: Exception) -> None:
        last.append(error)
        await on_error(error)

    context = ssl.create_default_context(cafile=str(address.ca)) if address.ca else None
    try:
        return await asyncio.wait_for(
            nats.connect(
                address.url,
                name=name,
                user_credentials=str(address.credentials) if address.credentials else None,
                tls=context,
                inbox_prefix=inbox,
                error_cb=heard,
                reconnected_cb=on_reconnect,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.1,
                connect_timeout=2,
                ping_interval=5,
                max_outstanding_pings=2,
                pending_size=8 * 1024 * 1024,
            ),
            within,
        )
    except (NatsError, OSError, TimeoutError) as error:
        cause = last[-1] if last else error
        raise NatsUnreachable(address, str(cause) or "no answer in time") from error
