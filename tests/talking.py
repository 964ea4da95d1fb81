"""A client of the gateway's WebSocket, as a program outside has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.api import Api

WITHIN = 45.0


@dataclass(slots=True)
class Talk:
    """One conversation; signs of life are left out unless wanted."""

    connection: ClientConnection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self, *, beats: bool = False) -> dict[str, Any]:
        """The next message; raises what the library raises when there is none any more."""
        while True:
            async with asyncio.timeout(WITHIN):
                said: dict[str, Any] = json.loads(await self.connection.recv())
            if beats or said["type"] != "beat":
                return said

    async def ask(self, **message: Any) -> dict[str, Any]:
        """Say something and hear the answer to it, whatever else comes before."""
        await self.say(**message)
        while (said := await self.hear()).get("id") != message["id"] or said["type"] == "event":
            continue
        return said


def address(api: Api, path: str = "/live") -> str:
    return api.url.replace("http", "ws", 1) + path


@asynccontextmanager
async def talking(api: Api, *, headers: dict[str, str] | None = None, bare: bool = False) -> AsyncIterator[Talk]:
    """A connection that shows the key in its handshake, or ``bare``: nothing at all."""
    shown = {} if bare or api.token is None else {"Authorization": f"Bearer {api.token}"}
    said = {**shown, **api.headers, **(headers or {})}
    async with connect(address(api), additional_headers=said, proxy=None, max_size=None, open_timeout=WITHIN) as found:
        yield Talk(found)
