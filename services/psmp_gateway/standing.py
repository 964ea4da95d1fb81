"""Asks NATS how what PSMP runs on stands: consumers, streams, heartbeats, and the last word on log and ledger."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError

from psmp.wire import administration
from psmp.wire.assets import CONSUMERS, SERVICES, STREAMS, service_of
from psmp.wire.beats import Beat, beats, beats_of
from psmp.wire.standing import last_word
from psmp.words.envelope import written
from psmp.words.ids import ProjectKey
from psmp_gateway.rules import problems
from psmp_gateway.rules.figures import ConsumerState, InstanceState, ServiceState, StreamState
from psmp_gateway.rules.report import Heard
from psmp_gateway.trouble import Trouble, trouble

ANSWER_WITHIN: Final = 3.0


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
            word, heard, consumers, streams = await asyncio.gather(
                last_word(nats),
                beats(nats, within=ANSWER_WITHIN),
                asyncio.gather(*(_consumer(nats, stream, config["name"]) for stream, config in CONSUMERS)),
                asyncio.gather(*(_stream(nats, config["name"]) for config in STREAMS)),
            )
    except (NatsError, TimeoutError, OSError) as error:
        raise _silent(error) from None
    said = "" if word is None else word.trouble or str(word.state)
    return Found(said, tuple(filter(None, consumers)), tuple(filter(None, streams)), tuple(heard))


def _silent(error: Exception) -> Trouble:
    detail = f"NATS does not say how it stands: {str(error) or type(error).__name__}"
    return trouble(problems.UNAVAILABLE, detail, "ask again", retry_seconds=1)


async def hearts(nats: Nats, key: ProjectKey) -> dict[str, Heard]:
    """The last heartbeat of every agent of a project; raises ``Trouble``."""
    try:
        found = await beats_of(nats, key, within=ANSWER_WITHIN)
    except (NatsError, TimeoutError, OSError) as error:
        raise _silent(error) from None
    return {beat.instance: Heard(written(beat.heard), beat.leaving) for beat in found}


async def _consumer(nats: Nats, stream: str, name: str) -> ConsumerState | None:
    info = await administration.ask(nats, f"CONSUMER.INFO.{stream}.{name}", within=ANSWER_WITHIN)
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
    info = await administration.ask(nats, f"STREAM.INFO.{name}", within=ANSWER_WITHIN)
    if "error" in info:
        return None
    return StreamState(name=name, messages=info["state"]["messages"], bytes=info["state"]["bytes"])
