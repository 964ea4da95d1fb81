"""``/mcp``: the tools for models over streamable HTTP, behind the same keys, limits and roles as every route."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Final

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from psmp.mcp.server import Context, Using, server_of
from psmp.mcp.session import Session
from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.words.strict import MAX_BYTES
from psmp_gateway.calls import Call, Guard, Ports
from psmp_gateway.modelling import Owner, Sessions
from psmp_gateway.rules import problems
from psmp_gateway.rules.access import Permission
from psmp_gateway.rules.tools import may_be_sent_by
from psmp_gateway.trouble import trouble

PATH: Final = "/mcp"
METHODS: Final = ("GET", "POST", "DELETE")
MOST: Final = 2 * MAX_BYTES
"""Bytes that a message may have: what a command may have, in the protocol's envelope."""

logging.getLogger("mcp").setLevel(logging.WARNING)


class Models:
    """An ASGI application, and a ``Loop``: it answers while it runs."""

    def __init__(self, ports: Ports) -> None:
        self._ports, self._guard = ports, Guard(Permission.READ, ports)
        self._stopping = asyncio.Event()
        self._answered = 0
        self._sessions: Sessions | None = None
        self._manager: StreamableHTTPSessionManager | None = None

    async def run(self) -> None:
        """See ``Loop``."""
        settings = self._ports.settings
        sessions = self._sessions = Sessions(settings.mcp_idle_seconds, settings.mcp_sessions)
        manager = StreamableHTTPSessionManager(
            server_of(self._living),
            session_idle_timeout=settings.mcp_idle_seconds,
            max_request_body_size=MOST,
            max_sessions=settings.mcp_sessions,
        )
        try:
            async with manager.run():
                self._manager = manager
                while not self._stopping.is_set():
                    await sessions.sweep()
                    await self._rest(sessions.pause())
        finally:
            self._manager = None
            await sessions.close()

    async def _rest(self, seconds: float) -> None:
        await pause(self._stopping, seconds)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("models", self._answered, waiting=len(self._sessions or ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI; raises ``Trouble`` for whoever is not let in."""
        request = Request(scope, receive)
        origin = request.headers.get("Origin")
        if not may_be_sent_by(origin, self._ports.settings.mcp_origins):
            detail = f"requests of pages of {(origin or '')[:200]} are not taken here"
            raise trouble(problems.FORBIDDEN, detail, "whoever runs PSMP names such pages in PSMP_MCP_ORIGINS")
        await self._guard(request)
        if self._manager is None or self._sessions is None:
            raise trouble(problems.UNAVAILABLE, "the gateway begins or ends", "ask again", retry_seconds=1)
        owner = _owner(request.state.call, request.headers.get(MCP_SESSION_ID_HEADER))
        # The library lets a session be used by no other than who opened it.
        name = f"{owner.tenant}/{owner.agent}"
        scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=name, scopes=[], subject=owner.credential))
        with self._sessions.busy(owner):
            await self._manager.handle_request(scope, receive, send)
        self._answered += 1
        if scope["method"] == "DELETE":
            await self._sessions.end(owner)

    @asynccontextmanager
    async def _living(self, _: Server[Using]) -> AsyncIterator[Using]:
        yield self._using

    def _using(self, context: Context) -> AbstractContextManager[Session]:
        assert self._sessions is not None  # noqa: S101 - requests are handed on while it runs
        request: Request = context.request  # type: ignore[assignment]  # over HTTP there is one
        call: Call = request.state.call
        named = request.headers.get(MCP_SESSION_ID_HEADER)
        known = named if context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS else None
        return self._sessions.using(_owner(call, known), call.caller, self._ports.speaking.client, call.entry.still)


def _owner(call: Call, session: str | None) -> Owner:
    return Owner(call.caller.tenant, call.caller.agent, call.caller.grant.name, session)
