"""What is asked most goes a way of its own, and is answered as on the long one."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from starlette.types import ASGIApp, Message

from psmp.rules.limits import Buckets, Limit
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, digest, name_of, token
from psmp_gateway.app import build, gateway
from psmp_gateway.calls import Ports
from psmp_gateway.entrance import Entrance
from psmp_gateway.framing import REQUESTS
from psmp_gateway.keys import Keys
from psmp_gateway.rules.site import Site
from psmp_gateway.settings import GatewaySettings

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NOBODY = cast("Any", None)
AGENT, VIEWER = (token(bytes([number]) * RANDOM_BYTES) for number in (1, 2))
DECLARED = b'{"artifact":"a","type":"code"}'
PREFIX = "/api/v1/projects"


def ports() -> Ports:
    keys = Keys(NOBODY, lambda: NOW)
    keys._known = {
        digest(each): ApiKey(str(name_of(each)), "default", "ada", role, frozenset({"mine"}), NOW, NOW + timedelta(1))
        for each, role in ((AGENT, Role.AGENT), (VIEWER, Role.VIEWER))
    }
    keys._read_at = float("inf")
    settings = GatewaySettings(nats_url="nats://x", postgres_dsn="postgres://x", key_requests_per_minute=60)
    return Ports(
        settings, NOBODY, NOBODY, keys, NOBODY, Buckets(Limit(60, 2)), list, NOBODY, Entrance(keys, NOBODY, Site())
    )


async def ask(
    app: ASGIApp, path: str, body: bytes = DECLARED, method: str = "POST", **headers: str
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    said: list[Message] = []
    path, _, query = path.partition("?")
    given = {"authorization": f"Bearer {AGENT}", "content_length": str(len(body)), **headers}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": b"",
        "query_string": query.encode(),
        "scheme": "http",
        "server": ("x", 80),
        "client": None,
        "http_version": "1.1",
        "root_path": "",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }
    await app(scope, receive, send)
    return said[0]["status"], sorted(said[0]["headers"]), said[1]["body"]


CASES: list[tuple[int, str, bytes, dict[str, str]]] = [
    (401, "mine/artifacts", DECLARED, {"authorization": "Bearer x"}),
    (403, "mine/artifacts", DECLARED, {"authorization": f"Bearer {VIEWER}"}),
    (403, "mine/heartbeat", b"", {"authorization": f"Bearer {VIEWER}"}),
    (403, "mine/artifacts", DECLARED, {"psmp_agent": "bob"}),
    (404, "others/artifacts", DECLARED, {}),
    (404, "others/heartbeat", b"", {}),
    (406, "mine/artifacts", DECLARED, {"accept": "text/html"}),
    (413, "mine/artifacts", b"x" * 65_537, {}),
    (413, "mine/artifacts", DECLARED, {"content_length": "70000"}),
    (415, "mine/artifacts", DECLARED, {"content_type": "text/plain"}),
    (422, "mine/artifacts", b'{"artifact": "a"}', {}),
    (422, "mine/artifacts", b"{", {}),
    (422, "mine/artifacts?x=1", DECLARED, {}),
    (422, "m.ine/artifacts", DECLARED, {}),
    (404, "mine/artifact", DECLARED, {}),
]


@pytest.mark.parametrize(("status", "path", "body", "headers"), CASES)
async def test_both_ways_give_the_same_answer(status: int, path: str, body: bytes, headers: dict[str, str]) -> None:
    short = await ask(gateway(ports()), f"{PREFIX}/{path}", body, **headers)
    long = await ask(build(ports()), f"{PREFIX}/{path}", body, **headers)
    assert short == long
    assert short[0] == status, short


async def test_who_asks_too_much_is_told_so_on_the_short_way_too() -> None:
    app = gateway(ports())
    found = [await ask(app, f"{PREFIX}/others/artifacts") for _ in range(3)]
    assert [status for status, _, _ in found] == [404, 404, 429]
    headers = dict(found[2][1])
    assert headers[b"retry-after"] == b"1"
    assert headers[b"ratelimit"] == b'"key";r=0;t=1'
    assert headers[b"ratelimit-policy"] == b'"key";q=60;w=60'


async def test_what_goes_the_short_way_is_counted_as_its_route() -> None:
    def counted() -> float:
        return float(REQUESTS.labels("POST", f"{PREFIX}/{{project}}/artifacts", 404)._value.get())

    before = counted()
    await ask(gateway(ports()), f"{PREFIX}/others/artifacts")
    assert counted() == before + 1


async def test_a_handler_that_fails_unforeseen_is_a_problem_and_not_a_silence() -> None:
    status, headers, body = await ask(gateway(ports()), f"{PREFIX}/mine/artifacts")
    assert (status, dict(headers)[b"content-type"]) == (500, b"application/problem+json")
    assert b"nobody foresaw" in body
