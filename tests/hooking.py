"""The webhook sender beside a running stack that was planned without one, and receivers that verify what they get."""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psmp.client.webhooks import NotGenuine, verify
from psmp.stack import Stack, keyfiles
from psmp.stack.ground import ground
from psmp.stack.services import Service, ServiceProcess
from psmp.stack.whole import Whole
from tests.receiver import Got


@asynccontextmanager
async def posting(stack: Stack, planned: Whole, **env: str) -> AsyncIterator[ServiceProcess]:
    """The sender while the block runs, told that receivers may be on this machine."""
    login = planned.identities.service("webhooks")
    told = {
        "PSMP_NATS_URL": stack.nats.url_for(login),
        "PSMP_WEBHOOK_KEYS": str(stack.folder / keyfiles.WEBHOOKS),
        "PSMP_WEBHOOKS_ALLOW_HTTP": "true",
        "PSMP_WEBHOOKS_ALLOW_PRIVATE": "true",
    }
    service = Service(name="webhooks", argv=(sys.executable, "-m", "psmp_webhooks"), cwd=Path.cwd())
    async with ground(None) as place:
        process = ServiceProcess(service, place, {**os.environ, **told, **env})
        await process.start()
        try:
            yield process
        finally:
            await process.stop()


def genuine(got: Got, secret: str) -> bool:
    """Whether it is signed with that secret."""
    try:
        return bool(verify(got.headers, got.body, secret, time.time()))
    except NotGenuine:
        return False
