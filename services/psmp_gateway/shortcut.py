"""The way of what is asked most, past the machinery that finds and feeds every other route.

Declarations and heartbeats come by the hundred a second. FastAPI looks at each route in turn and at every dependency of
the one that fits, which takes four times as long as what is then done. Here one look at the path says which of the two
it is, and the same guard, the same reader of bodies and the same handler are called. Whatever is out of the ordinary (a
parameter, an id that is none) goes the long way, and is answered there.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from psmp.words.commands import DeclareArtifact
from psmp.words.ids import ID_PATTERN
from psmp_gateway.calls import Call, Guard, Ports, read
from psmp_gateway.framing import Framing
from psmp_gateway.offering import JSON, Offer
from psmp_gateway.routes import agents, artifacts
from psmp_gateway.rules.access import Permission

_ID: Final = ID_PATTERN.strip("^$")
_NOTHING: Final = cast("Any", None)
"""Stands for the query parameters: there are none."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What stands in a scope for the route, for whoever counts requests by it."""

    path: str


async def _declare(call: Call, project: str, request: Request) -> Response:
    await _as_json(request)
    return await artifacts.declare(call, project, await _body(request), _NOTHING)


async def _beat(call: Call, project: str, _: Request) -> Response:
    return await agents.heartbeat(call, project, _NOTHING)


_body: Final = read(DeclareArtifact)
_as_json: Final = Offer(JSON)


class Shortcut:
    """ASGI: takes what is asked most straight to its handler, and hands everything else on.

    ``failed`` makes the answer to whatever goes wrong, as everywhere.
    """

    def __init__(
        self, app: FastAPI, ports: Ports, prefix: str, failed: Callable[[Request, Exception], Response]
    ) -> None:
        self._app, self._failed = app, failed
        self._guard = Guard(Permission.DECLARE, ports)
        self._ways: dict[str, tuple[_Named, Callable[[Call, str, Request], Awaitable[Response]]]] = {
            last: (_Named(f"{prefix}/projects/{{project}}/{last}"), handle)
            for last, handle in (("artifacts", _declare), ("heartbeat", _beat))
        }
        self._path = re.compile(rf"{re.escape(prefix)}/projects/({_ID})/(artifacts|heartbeat)")
        self._straight: ASGIApp = Framing(self._go)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        found = self._path.fullmatch(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = {"project": found[1]}
        scope["route"], scope["handle"] = self._ways[found[2]]
        await self._straight(scope, receive, send)

    async def _go(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await self._guard(request)
            response: Response = await scope["handle"](request.state.call, scope["path_params"]["project"], request)
        except Exception as error:  # noqa: BLE001 - the last handler, as the application's own
            response = self._failed(request, error)
        await response(scope, receive, send)
