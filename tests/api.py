"""The HTTP API as a program outside sees it: requests over a socket, and a reader of Server-Sent Events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import h11

WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem; it must have the shape of one."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert {"type", "title", "status", "detail", "code", "instance"} <= self.json.keys()
        assert self.json["status"] == self.status
        return str(self.json["code"])


@dataclass(frozen=True, slots=True)
class Said:
    """One Server-Sent Event."""

    id: int | None
    event: str
    data: Any


@dataclass(slots=True)
class Api:
    """One key at one address."""

    url: str
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def speaking_as(self, agent: str) -> "Api":
        return Api(self.url, self.token, {**self.headers, "Psmp-Agent": agent})

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, **headers)

    async def post(self, path: str, body: object, **headers: str) -> Answer:
        return await self.ask("POST", path, body, **headers)

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request; underscores in header names stand for dashes, a body of bytes goes as it is."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        async with asyncio.timeout(WITHIN), self._open(method, path, raw, headers) as (connection, reader, _):
            answer: h11.Response | None = None
            data = b""
            while True:
                match await _event(connection, reader):
                    case h11.Response() as answer:
                        pass
                    case h11.Data(data=more):
                        data += bytes(more)
                    case h11.EndOfMessage():
                        break
            assert answer is not None
            return Answer(answer.status_code, {k.decode(): v.decode() for k, v in answer.headers}, data)

    @asynccontextmanager
    async def stream(self, path: str = "/events/stream", **headers: str) -> AsyncIterator["Stream"]:
        async with self._open("GET", path, b"", headers) as (connection, reader, writer):
            async with asyncio.timeout(WITHIN):
                answer = await _event(connection, reader)
            assert isinstance(answer, h11.Response)
            yield Stream(answer.status_code, connection, reader, writer)

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> AsyncIterator[tuple[h11.Connection, asyncio.StreamReader, asyncio.StreamWriter]]:
        where = urlsplit(self.url)
        said = {"host": where.netloc, **self.headers}
        if self.token:
            said["authorization"] = f"Bearer {self.token}"
        if body:
            said |= {"content-type": "application/json", "content-length": str(len(body))}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = h11.Connection(h11.CLIENT)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            request = h11.Request(method=method, target=where.path + path, headers=list(said.items()))
            chunks = [connection.send(request), connection.send(h11.Data(body)) if body else b""]
            writer.write(b"".join(each or b"" for each in chunks) + (connection.send(h11.EndOfMessage()) or b""))
            yield connection, reader, writer
        finally:
            writer.transport.abort()
            with suppress(OSError):  # until it is closed indeed: the loop may end right after
                await writer.wait_closed()


@dataclass(slots=True)
class Stream:
    """A live stream; ``last`` is the id that the reader would resume behind."""

    status: int
    _connection: h11.Connection
    _reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    last: int | None = None
    _rest: bytes = b""

    async def next(self, *, beats: bool = False) -> Said | None:
        """The next event, None at the end; signs of life are left out unless wanted."""
        while True:
            while b"\n\n" not in self._rest:
                async with asyncio.timeout(WITHIN):
                    try:
                        event = await _event(self._connection, self._reader)
                    except (h11.RemoteProtocolError, ConnectionError):
                        return None
                if isinstance(event, h11.Data):
                    self._rest += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                    return None
            block, _, self._rest = self._rest.partition(b"\n\n")
            said = _read(block)
            if said is not None:
                self.last = said.id if said.id is not None else self.last
                if beats or said.event != "psmp.beat":
                    return said

    async def positions(self, count: int) -> list[int]:
        """The positions of the next so many events."""
        found = []
        for _ in range(count):
            said = await self.next()
            assert said is not None
            assert said.id is not None
            found.append(said.id)
        return found


def _read(block: bytes) -> Said | None:
    fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
    if "event" not in fields:
        return None
    return Said(int(fields["id"]) if "id" in fields else None, fields["event"], json.loads(fields["data"]))


async def _event(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(65536))
    return event
