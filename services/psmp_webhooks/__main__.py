"""``python -m psmp_webhooks``: the webhook sender as a process."""

import random
import sys
from collections.abc import Sequence

from psmp.service.clock import now
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.service.worker import Worker
from psmp_webhooks.consumer import Sender, lane
from psmp_webhooks.endpoints import Endpoint, Unusable, read
from psmp_webhooks.settings import WebhooksSettings

OPEN_AT_ONCE = 64
"""Deliveries in hand; each may take ten seconds, and all must be settled before the consumer gives them out again."""


async def build(context: Context[WebhooksSettings]) -> Sequence[Loop]:
    """The sender's one loop."""
    sender = Sender(_endpoints(context.settings), lambda: now().timestamp(), random.random)
    return [Worker(context.nats, "webhooks", "PSMP_LOG", "webhooks", sender.handle, lane, limit=OPEN_AT_ONCE)]


def _endpoints(settings: WebhooksSettings) -> tuple[Endpoint, ...]:
    try:
        return read(settings.webhooks_file)
    except Unusable as error:
        sys.stderr.write(f"PSMP_WEBHOOKS_FILE: {error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    run("webhooks", build, WebhooksSettings, writes=False)
