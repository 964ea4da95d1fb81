"""Where the consumers of the log had come to, and how they go on with a log that was written again."""

from collections.abc import Mapping
from typing import Any, Final

from nats.aio.client import Client

from psmp.log.jetstream import STREAM
from psmp.wire.administration import ask
from psmp.wire.assets import CONSUMERS

_TELLS_OTHERS: Final = frozenset(config["name"] for _, config in CONSUMERS if config["deliver_policy"] == "new")
"""Consumers that tell others what is new: they are not to tell everything again."""


async def floors(nats: Client) -> dict[str, int]:
    """Up to which position each consumer of the log had settled everything; 0 for one that is not there."""
    found: dict[str, int] = {}
    for stream, config in CONSUMERS:
        if stream == STREAM:
            said: dict[str, Any] = await ask(nats, f"CONSUMER.INFO.{STREAM}.{config['name']}", {})
            found[config["name"]] = said.get("ack_floor", {}).get("stream_seq", 0)
    return found


async def reset(nats: Client, settled: Mapping[str, int], intact: int) -> None:
    """Have each go on behind what it had settled, and have all come again that comes behind ``intact``.

    Whatever comes again finds its effect in the log. Who tells others goes on where it is.
    """
    for name, floor in settled.items():
        if name not in _TELLS_OTHERS:
            await ask(nats, f"CONSUMER.RESET.{STREAM}.{name}", {"seq": min(floor, intact) + 1})
