"""nats-py's client with what we found wanting in 2.16 mended."""

import asyncio
import re
import ssl
from typing import Any, Final

from nats.aio.client import PING_PROTO, Client, Srv
from nats.errors import Error as NatsError
from nats.protocol.parser import PERMISSIONS_ERR, STALE_CONNECTION

_SPACE: Final = re.compile(r"\s")


class MendedClient(Client):
    """A client for which TLS means TLS, a flush covers what went before, and no connection is given up or left open."""

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:  # noqa: FBT001, FBT002
        # The library goes by what a server says before anything is encrypted: it would send the password in the clear.
        server = self._current_server
        wanted = self.options.get("tls") is not None or (server is not None and server.uri.scheme == "tls")
        if wanted and not info.get("tls_required"):
            raise ssl.SSLError("TLS was asked for, and this server does without")
        await super()._process_info(info, initial_connection)

    async def _send_ping(self, future: asyncio.Future[Any] | None = None) -> None:
        # The library's PING overtakes what waits to be written: a flush would not say that a subscription is in place.
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self._send_command(PING_PROTO)
        await self._flush_pending()

    async def _connect_to_server(self, s: Srv) -> None:
        # A server that turns us away does so ten times a second; the library forgets the socket of each attempt.
        if self._transport:
            self._transport.close()  # type: ignore[no-untyped-call]
        await super()._connect_to_server(s)

    async def _process_err(self, err_msg: str) -> None:
        # Whatever a server ends a connection for, the library would close for ever; we come back.
        if STALE_CONNECTION in err_msg or PERMISSIONS_ERR in err_msg:
            await super()._process_err(err_msg)
            return
        error = NatsError(f"nats: {err_msg.strip(chr(39))}")
        await self._error_cb(error)
        await self._process_op_err(error)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        # In one pass: every event that is republished carries eight, and looking at each character of each name, as the
        # library does, took a sixth of a service's time.
        fields = (line.partition(":") for line in raw.decode("utf-8", "replace").split("\r\n"))
        named = ((name.strip(), colon, value.strip()) for name, colon, value in fields)
        return {name: value for name, colon, value in named if colon and name.isascii() and not _SPACE.search(name)}
