"""Who asks too much is told how long to wait, in the header fields that programs read."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from starlette.types import Message

from psmp.rules.limits import Buckets, Limit
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, digest, name_of, token
from psmp_gateway.app import build
from psmp_gateway.calls import Ports
from psmp_gateway.entrance import Entrance
from psmp_gateway.keys import Keys
from psmp_gateway.rules.site import Site
from psmp_gateway.settings import GatewaySettings

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NOBODY = cast("Any", None)


async def test_one_key_that_asks_too_much_is_told_when_to_come_back_and_another_is_not() -> None:
    tokens = [token(bytes([number]) * RANDOM_BYTES) for number in (1, 2)]
    keys = Keys(NOBODY, lambda: NOW)
    keys._known = {
        digest(each): ApiKey(str(name_of(each)), "default", "ada", Role.VIEWER, None, NOW, NOW + timedelta(days=1))
        for each in tokens
    }
    keys._read_at = float("inf")
    settings = GatewaySettings(nats_url="nats://x", postgres_dsn="postgres://x", key_requests_per_minute=60)
    entrance = Entrance(keys, NOBODY, Site())
    app = build(Ports(settings, NOBODY, NOBODY, keys, NOBODY, Buckets(Limit(60, 2)), list, NOBODY, entrance))

    async def ask(text: str) -> tuple[int, dict[str, str]]:
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/v1/projects",
            "raw_path": b"",
            "query_string": b"",
            "scheme": "http",
            "server": ("x", 80),
            "client": None,
            "http_version": "1.1",
            "root_path": "",
            "headers": [(b"authorization", f"Bearer {text}".encode())],
        }
        await app(scope, receive, send)
        return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}

    # A viewer may create nothing: it is refused, and counted all the same.
    found = [await ask(tokens[0]) for _ in range(3)]
    assert [status for status, _ in found] == [403, 403, 429]
    assert [headers["ratelimit"] for _, headers in found] == ['"key";r=1;t=60', '"key";r=0;t=1', '"key";r=0;t=1']
    assert found[2][1]["retry-after"] == "1"
    assert found[2][1]["ratelimit-policy"] == '"key";q=60;w=60'
    assert (await ask(tokens[1]))[0] == 403
