"""Waiting for those who follow the log."""

import asyncio

from nats.aio.client import Client as Nats
from nats.js.api import ConsumerInfo


async def caught_up(nats: Nats) -> None:
    """Until projection and ledger have everything that the log has."""
    async with asyncio.timeout(60):
        for durable in ("projector", "audit"):
            while is_behind(await nats.jetstream().consumer_info("PSMP_LOG", durable)):
                await asyncio.sleep(0.05)


def is_behind(info: ConsumerInfo) -> bool:
    """Whether there is something that was not delivered, or not acknowledged."""
    return bool(info.num_pending or info.num_ack_pending)
