"""What every answer has in common: security headers, limits of rate as the caller sees them, and being counted."""

import time
from functools import lru_cache
from typing import Any, Final

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS: Final = Counter("psmp_http_requests", "Requests by route and status.", ["method", "route", "status"])
ANSWERING: Final = Histogram(
    "psmp_http_answering_seconds",
    "Time from a request to the beginning of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0),
)

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""Header fields of every answer that does not say otherwise."""


class Framing:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the server, whose scope stays as it is, leaves the body out
            scope = {**scope, "method": "GET"}
        began = time.perf_counter()

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _frame(scope, message)
                _count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, framed)


def _frame(scope: Scope, message: Message) -> None:
    headers: list[tuple[bytes, bytes]] = message.setdefault("headers", [])
    said = {name for name, _ in headers}
    headers += [each for each in _ALWAYS if each[0] not in said]
    rate: tuple[str, str] | None = scope.get("state", {}).get("rate")
    if rate is not None:
        headers += ((b"ratelimit-policy", rate[0].encode()), (b"ratelimit", rate[1].encode()))


def _count(scope: Scope, status: int, took: float) -> None:
    found: Any = scope.get("route")
    route = getattr(found, "path", "")
    method = scope["method"] if route else ""
    requests, answering = _counters(method, route, status)
    requests.inc()
    answering.observe(took)


@lru_cache(maxsize=1024)
def _counters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), ANSWERING.labels(method, route)
