"""A server with the project's own nats.conf, and connections that remember what they were refused."""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from nats.aio.msg import Msg

from psmp.stack import Ground, Login, NatsServer
from psmp.stack.identities import SETUP, Identities
from psmp.wire.assets import STREAMS, prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from tests.servers import Loop

AGENTS = ("CoderAgent", "IdeaAgent")


@dataclass(slots=True)
class Speaker:
    """One connection; ``refusals`` is what the server forbade it, in lower case as nats-py tells it."""

    nats: MendedClient
    refusals: list[str] = field(default_factory=list)

    async def is_refused_to_publish(self, subject: str, body: bytes = b"x", **options: Any) -> bool:
        """Whether the server says no."""
        await self.nats.publish(subject, body, **options)
        return await self._heard("publish", subject)

    async def is_refused_to_subscribe(self, subject: str, queue: str = "") -> bool:
        """Whether the server says no."""
        await self.nats.subscribe(subject, queue)
        return await self._heard("subscription to", subject)

    async def _heard(self, act: str, subject: str) -> bool:
        await self.fence()
        heard, self.refusals[:] = "\n".join(self.refusals), []
        return "permissions violation" in heard and act in heard and f'"{subject.lower()}"' in heard

    async def ask(self, subject: str, body: object = None, **options: Any) -> dict[str, Any]:
        """A request whose answer is JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer: dict[str, Any] = json.loads((await self.nats.request(subject, data, timeout=30, **options)).data)
        return answer

    async def listen(self, subject: str) -> list[Msg]:
        """What is heard on ``subject`` from now on."""
        found: list[Msg] = []

        async def hear(message: Msg) -> None:
            found.append(message)

        await self.nats.subscribe(subject, cb=hear)
        await self.fence()
        return found

    async def fence(self) -> None:
        """The server has read all that was sent, and we what it said to it. One flush of nats-py may overtake both."""
        await self.nats.flush()
        await self.nats.flush()


class Guarded:
    """The server and its identities. ``as_...`` connect and disconnect."""

    def __init__(self, server: NatsServer, identities: Identities) -> None:
        self.server, self.identities = server, identities

    def as_service(self, name: str) -> contextlib.AbstractAsyncContextManager[Speaker]:
        return self.connected(self.identities.service(name), f"_INBOX_{name}")

    def as_agent(self, agent: str, tenant: str = "default") -> contextlib.AbstractAsyncContextManager[Speaker]:
        return self.connected(self.identities.agent(agent, tenant), subjects.inbox(agent))

    def as_operator_of(
        self, tenant: str = "default", *, agent: str = "anybody"
    ) -> contextlib.AbstractAsyncContextManager[Speaker]:
        return self.connected(self.identities.tenant(tenant), subjects.inbox(agent))

    def as_dashboard_of(self, tenant: str = "default") -> contextlib.AbstractAsyncContextManager[Speaker]:
        return self.connected(self.identities.dashboard(tenant), "_INBOX")

    @contextlib.asynccontextmanager
    async def connected(self, login: Login, inbox: str) -> AsyncIterator[Speaker]:
        refusals: list[str] = []

        async def heard(error: Exception) -> None:
            refusals.append(str(error).lower())

        nats = await connect(Address(self.server.url_for(login)), login.user, inbox=inbox, on_error=heard)
        try:
            yield Speaker(nats, refusals)
        finally:
            await nats.close()

    async def stored(self, token: str) -> dict[str, int]:
        """How many messages there are, on all streams, by subject, for the subjects that have ``token`` in them."""
        found: dict[str, int] = {}
        async with self.as_service("operator") as reader:
            for stream in STREAMS:
                answer = await reader.ask(f"$JS.API.STREAM.INFO.{stream['name']}", {"subjects_filter": ">"})
                found.update(answer["state"].get("subjects", {}))
        return {subject: count for subject, count in found.items() if token in subject.split(".")}


@pytest.fixture(scope="module")
def guarded(session_loop: Loop, session_ground: Ground, request: pytest.FixtureRequest) -> Iterator[Guarded]:
    """One server for a module, with streams and consumers, the tenants ``default`` and ``other``, two agents each."""
    identities = Identities({"default": AGENTS, "other": AGENTS})
    server = NatsServer(
        session_ground,
        config=identities.conf,
        includes=identities.includes,
        env=identities.env,
        name=f"nats-{request.node.path.stem}",
    )
    guarded = Guarded(server, identities)

    async def start() -> None:
        await server.start()
        async with guarded.as_service(SETUP) as setup:
            await prepare(setup.nats)

    session_loop.run(start())
    yield guarded
    session_loop.run(server.stop())
