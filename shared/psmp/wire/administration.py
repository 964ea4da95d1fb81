"""JetStream's own API: what there is of streams and consumers, and what is to be done with them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from nats.aio.client import Client

ANSWERED_WITHIN: Final = 5.0


async def ask(
    nats: Client, what: str, body: Mapping[str, Any] | None = None, *, within: float = ANSWERED_WITHIN
) -> dict[str, Any]:
    """What the server answers, also when that is an error: such as to ``STREAM.INFO.PSMP_LOG``.

    Raises nats errors, also when there is no answer ``within`` so many seconds.
    """
    question = b"" if body is None else json.dumps(dict(body)).encode()
    said: dict[str, Any] = json.loads((await nats.request(f"$JS.API.{what}", question, timeout=within)).data)
    return said
