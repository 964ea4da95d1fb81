"""A cheap HTTP/1.1 client for loads: one socket, one request after the other, nothing parsed but what is counted."""

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "


class Lane(asyncio.Protocol):
    """One connection that is kept alive. ``ask`` sends whole requests; the answer's status and body come back."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._data = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def open(cls, url: str) -> "Lane":
        """A lane to the host of ``url``."""
        _, lane = await asyncio.get_running_loop().create_connection(cls, *_place(url))
        return lane

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and wait for its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the connection was closed"))

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        self._data += data
        end = self._data.find(HEAD_END)
        if end < 0:
            return
        head = bytes(self._data[:end]).lower()
        place = head.find(LENGTH)
        length = int(head[place + len(LENGTH) :].partition(b"\r")[0]) if place >= 0 else 0
        if len(self._data) < end + 4 + length:
            return
        body = bytes(self._data[end + 4 : end + 4 + length])
        del self._data[: end + 4 + length]
        assert self._answer is not None
        self._answer.set_result((int(head[9:12]), body))


class Listener(asyncio.Protocol):
    """One reader of Server-Sent Events: hands on every piece as it comes, and is done when the first one came."""

    def __init__(self, request: bytes, take: Callable[[bytes], object]) -> None:
        self._request, self._take = request, take
        self.begun = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, url: str, request: bytes, take: Callable[[bytes], object]) -> "Listener":
        """A reader that is connected."""
        loop = asyncio.get_running_loop()
        _, listener = await loop.create_connection(lambda: cls(request, take), *_place(url))
        await listener.begun
        return listener

    def close(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if not self.begun.done():
            self.begun.set_result(None)
        self._take(data)


def _place(url: str) -> tuple[str, int]:
    where = urlsplit(url)
    return where.hostname or "127.0.0.1", where.port or 80


def request(method: str, url: str, path: str, token: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole request as bytes; underscores in header names stand for dashes."""
    where = urlsplit(url)
    said = {"Host": where.netloc, "Authorization": f"Bearer {token}", **headers}
    if body:
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
    return f"{method} {where.path}{path} HTTP/1.1\r\n{lines}\r\n".encode() + body
