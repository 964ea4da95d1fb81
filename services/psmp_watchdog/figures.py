"""Asks NATS how it stands: its consumers, its streams, and how full it is."""

import asyncio
import json
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

import structlog
from nats.aio.client import Client

from psmp.wire import administration
from psmp.wire.assets import CONSUMERS, STREAMS, service_of
from psmp_watchdog.readings import Consumer, Store

LOG: Final = structlog.get_logger()
_ANSWER_WITHIN: Final = 3.0
_LARGEST: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Figures:
    """What NATS said: consumers, the messages and bytes of each stream, and what fills up."""

    consumers: tuple[Consumer, ...]
    streams: dict[str, tuple[int, int]]
    stores: tuple[Store, ...]


async def ask(nats: Client, monitor: str | None) -> Figures:
    """All figures; raises nats errors and ``TimeoutError``. A monitoring page that does not answer is left out."""
    consumers = [
        Consumer.read(config["name"], service_of(config["name"]), info)
        for stream, config in CONSUMERS
        if "error" not in (info := await administration.ask(nats, f"CONSUMER.INFO.{stream}.{config['name']}"))
    ]
    infos = {config["name"]: await administration.ask(nats, f"STREAM.INFO.{config['name']}") for config in STREAMS}
    found = {name: info for name, info in infos.items() if "error" not in info}
    streams = {name: (info["state"]["messages"], info["state"]["bytes"]) for name, info in found.items()}
    stores = [store for name, info in found.items() if (store := _stream(name, info))]
    stores += [store for store in (_account(await administration.ask(nats, "INFO")), await _server(monitor)) if store]
    return Figures(tuple(consumers), streams, tuple(stores))


def _stream(name: str, info: dict[str, Any]) -> Store | None:
    """A stream that takes no more when it is full."""
    limit = info["config"].get("max_bytes", -1)
    return Store(name, info["state"]["bytes"], limit) if limit > 0 and info["config"]["discard"] == "new" else None


def _account(info: dict[str, Any]) -> Store | None:
    limit = info.get("limits", {}).get("max_storage", -1)
    return Store("account", info.get("storage", 0), limit) if limit > 0 else None


async def _server(monitor: str | None) -> Store | None:
    if monitor is None:
        return None
    try:
        told = (await asyncio.to_thread(_read, f"{monitor.rstrip('/')}/varz")).get("jetstream", {})
    except (OSError, ValueError) as error:
        LOG.warning("monitor_unreachable", url=monitor, error=str(error))
        return None
    limit = told.get("config", {}).get("max_storage", 0)
    return Store("server", told.get("stats", {}).get("storage", 0), limit) if limit > 0 else None


def _read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=_ANSWER_WITHIN) as page:  # noqa: S310 - the settings take http(s) alone
        told: dict[str, Any] = json.loads(page.read(_LARGEST))
    return told
