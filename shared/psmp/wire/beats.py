"""What was last heard of each process of a deployment: the newest heartbeat of every one, as the server keeps it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from nats.aio.client import Client

from psmp.wire.administration import ANSWERED_WITHIN, ask
from psmp.words import subjects
from psmp.words.ids import SYSTEM

SILENT_AFTER: Final = 75.0
"""Seconds after which a service that has not been heard counts as gone; they beat every 30."""
MOST: Final = 200
_STREAM: Final = "PSMP_HEARTBEATS"
_FRACTION: Final = 26
"""Characters of a time up to its microseconds; servers say nanoseconds."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The last that was heard of one process."""

    instance: str
    heard: datetime
    leaving: bool


async def beats(nats: Client, *, within: float = ANSWERED_WITHIN) -> list[Beat]:
    """One of each process, of at most 200; none while the stream is not there. Raises nats errors."""
    everyone = {"subjects_filter": subjects.heartbeat(SYSTEM, "*")}
    found = await ask(nats, f"STREAM.INFO.{_STREAM}", everyone, within=within)
    names = list(found.get("state", {}).get("subjects") or {})[:MOST]
    return list(await asyncio.gather(*(_beat(nats, name, within) for name in names)))


async def _beat(nats: Client, subject: str, within: float) -> Beat:
    last = json.dumps({"last_by_subj": subject}).encode()
    message = await nats.request(f"$JS.API.DIRECT.GET.{_STREAM}", last, timeout=within)
    stamp = (message.headers or {}).get("Nats-Time-Stamp", "")[:_FRACTION].rstrip("Z")
    heard = datetime.fromisoformat(f"{stamp}+00:00") if stamp else datetime.min.replace(tzinfo=UTC)
    return Beat(subject.rpartition(".")[2], heard, message.data == b"leaving")
