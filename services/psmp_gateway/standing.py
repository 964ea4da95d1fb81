"""Asks NATS how what PSMP runs on stands: consumers, streams, heartbeats, and the last word on log and ledger."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from psmp.wire.assets import CONSUMERS, SERVICES, STREAMS, service_of
from psmp.wire.standing import last_word
from psmp.words import subjects
from psmp.words.envelope import written
from psmp.words.ids import SYSTEM
from psmp_gateway.rules import problems
from psmp_gateway.rules.figures import ConsumerState, InstanceState, ServiceState, StreamState
from psmp_gateway.trouble import trouble

ANSWER_WITHIN: Final = 3.0
SILENT_AFTER: Final = 75.0
"""Seconds after which a service that was not heard is not counted as alive; they beat every 30."""
MOST_BEATS: Final = 200
_FRACTION: Final = 26
"""Characters of a time up to its microseconds."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The last that was heard of one process."""

    instance: str
    heard: datetime
    leaving: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What NATS said."""

    word: str
    consumers: tuple[ConsumerState, ...]
    streams: tuple[StreamState, ...]
    beats: tuple[Beat, ...]

    def services(self, present: datetime, allowed: timedelta) -> tuple[ServiceState, ...]:
        """Every service with its processes, the one that was heard last first."""
        by_service: dict[str, list[Beat]] = {name: [] for name in SERVICES}
        for beat in sorted(self.beats, key=lambda each: each.heard, reverse=True):
            by_service.setdefault(beat.instance.partition("-")[0], []).append(beat)
        return tuple(
            ServiceState(
                service=name,
                alive=sum(not each.leaving and present - each.heard <= allowed for each in beats),
                instances=tuple(
                    InstanceState(instance=each.instance, heard=written(each.heard), leaving=each.leaving)
                    for each in beats
                ),
            )
            for name, beats in by_service.items()
        )


async def ask(nats: Nats) -> Found:
    """Everything, asked for at the same time; raises ``Trouble``."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            word, beats, consumers, streams = await asyncio.gather(
                last_word(nats),
                _beats(nats),
                asyncio.gather(*(_consumer(nats, stream, config["name"]) for stream, config in CONSUMERS)),
                asyncio.gather(*(_stream(nats, config["name"]) for config in STREAMS)),
            )
    except (NatsError, TimeoutError, OSError) as error:
        detail = f"NATS does not say how it stands: {str(error) or type(error).__name__}"
        raise trouble(problems.UNAVAILABLE, detail, "ask again", retry_seconds=1) from None
    said = "" if word is None else word.trouble or str(word.state)
    return Found(said, tuple(filter(None, consumers)), tuple(filter(None, streams)), tuple(beats))


async def _info(nats: Nats, what: str, body: bytes = b"") -> Mapping[str, Any]:
    found: Mapping[str, Any] = from_json((await nats.request(f"$JS.API.{what}", body, timeout=ANSWER_WITHIN)).data)
    return found


async def _consumer(nats: Nats, stream: str, name: str) -> ConsumerState | None:
    info = await _info(nats, f"CONSUMER.INFO.{stream}.{name}")
    if "error" in info:
        return None
    return ConsumerState(
        name=name,
        stream=stream,
        service=service_of(name),
        behind=info["num_pending"],
        in_hand=info["num_ack_pending"],
        again=info["num_redelivered"],
        asking=info["num_waiting"],
    )


async def _stream(nats: Nats, name: str) -> StreamState | None:
    info = await _info(nats, f"STREAM.INFO.{name}")
    if "error" in info:
        return None
    return StreamState(name=name, messages=info["state"]["messages"], bytes=info["state"]["bytes"])


async def _beats(nats: Nats) -> list[Beat]:
    body = to_json({"subjects_filter": subjects.heartbeat(SYSTEM, "*")})
    info = await _info(nats, "STREAM.INFO.PSMP_HEARTBEATS", body)
    names = list(info.get("state", {}).get("subjects") or {})[:MOST_BEATS]
    return list(await asyncio.gather(*(_beat(nats, name) for name in names)))


async def _beat(nats: Nats, subject: str) -> Beat:
    request = to_json({"last_by_subj": subject})
    message = await nats.request("$JS.API.DIRECT.GET.PSMP_HEARTBEATS", request, timeout=ANSWER_WITHIN)
    stamp = (message.headers or {}).get("Nats-Time-Stamp", "")[:_FRACTION].rstrip("Z")
    heard = datetime.fromisoformat(f"{stamp}+00:00") if stamp else datetime.min.replace(tzinfo=UTC)
    return Beat(subject.rpartition(".")[2], heard, message.data == b"leaving")
