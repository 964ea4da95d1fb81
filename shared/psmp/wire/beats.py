"""What was last heard of each process of a deployment, and of each agent of a project, as the server keeps it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.jetstream import direct_get
from psmp.wire.administration import ANSWERED_WITHIN, ask
from psmp.words import subjects
from psmp.words.ids import SYSTEM, ProjectKey

SILENT_AFTER: Final = 75.0
"""Seconds after which a service that has not been heard counts as gone; they beat every 30."""
MOST: Final = 200
MOST_AGENTS: Final = 1000
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


async def beats_of(nats: Client, key: ProjectKey, *, within: float = ANSWERED_WITHIN) -> list[Beat]:
    """One of each agent of a project, of at most 1000, in one question. Raises nats errors and ``TimeoutError``."""
    request = {"multi_last": [subjects.heartbeat(key, "*")], "batch": MOST_AGENTS}
    found = await direct_get(nats, _STREAM, request, timeout=within)
    return [_read(message, (message.headers or {})["Nats-Subject"]) for message in found]


async def _beat(nats: Client, subject: str, within: float) -> Beat:
    last = json.dumps({"last_by_subj": subject}).encode()
    return _read(await nats.request(f"$JS.API.DIRECT.GET.{_STREAM}", last, timeout=within), subject)


def _read(message: Msg, subject: str) -> Beat:
    stamp = (message.headers or {}).get("Nats-Time-Stamp", "")[:_FRACTION].rstrip("Z")
    heard = datetime.fromisoformat(f"{stamp}+00:00") if stamp else datetime.min.replace(tzinfo=UTC)
    return Beat(subject.rpartition(".")[2], heard, message.data == b"leaving")
