"""NATS' monitoring page, which alone says how JetStream flushes."""

import asyncio
import json
import urllib.request
from typing import Any, Final

from psmp.cli.checkup.finding import Finding, Health, well

SUBJECT: Final = "flushing"
_ANSWER_WITHIN: Final = 3.0
_LARGEST: Final = 1_048_576


async def look(url: str | None) -> Finding:
    """Whether what is acknowledged is on disk."""
    if url is None:
        fix = "say where the server's monitoring page is: --nats-monitor http://host:8222"
        return Finding(SUBJECT, Health.UNKNOWN, "only the monitoring page tells", fix)
    try:
        told = await asyncio.to_thread(_read, f"{url.rstrip('/')}/varz")
    except (OSError, ValueError) as error:
        return Finding(SUBJECT, Health.UNKNOWN, f"{url} does not tell: {error}", "see http: in nats.conf")
    return flushing(told)


def flushing(told: dict[str, Any]) -> Finding:
    """What the page says of it."""
    config = told.get("jetstream", {}).get("config", {})
    if config.get("sync_always"):
        return well(SUBJECT, "every message is on disk before it is acknowledged")
    interval = config.get("sync_interval", 0) / 1e9
    found = f"every {interval:g} s; a cut of power loses what was acknowledged since"
    return Finding(SUBJECT, Health.BAD, found, "jetstream { sync_interval: always } in nats.conf")


def _read(url: str) -> dict[str, Any]:
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an http address")
    with urllib.request.urlopen(url, timeout=_ANSWER_WITHIN) as page:  # noqa: S310 - the scheme was checked
        told: dict[str, Any] = json.loads(page.read(_LARGEST))
    return told
