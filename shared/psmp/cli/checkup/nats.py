"""NATS, looked at with an operator's rights: version, flushing, streams, consumers, dead letters, heartbeats, clock."""

import re
import time
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from nats.errors import Error as NatsError

from psmp.cli import clock
from psmp.cli.checkup.finding import Finding, Health, well
from psmp.cli.letterbox import INBOX, Letterbox
from psmp.cli.pages.wording import counted
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.past import past
from psmp.log.port import Damaged, Unreachable
from psmp.rules.project import Project
from psmp.wire.administration import ask
from psmp.wire.assets import CONSUMERS, SERVICES, STREAMS, service_of
from psmp.wire.beats import SILENT_AFTER, Beat, beats
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.wire.mended import MendedClient
from psmp.words.ids import SYSTEM

OLDEST: Final = (2, 14)
"""The oldest nats-server that can do everything that is asked of it, such as atomic batches."""

LAGGING: Final = 1000
UNASKED: Final = {
    "solver": "nobody asks: the checker was given no index (PSMP_INDEX_URL)",
    "webhooks": "nobody asks: no webhook sender runs (docs/webhooks.md)",
}
"""The consumers that are read only where that was asked for."""
SKEW_ODD: Final = 0.5
SKEW_BAD: Final = 5.0

_ANSWER_WITHIN: Final = 3.0
_SETUP: Final = "psmp setup"
_ANEW: Final[Mapping[str, str]] = {"PSMP_LOG": "psmp restore log --anew (docs/erasure.md)"}
_NEWEST: Final = re.compile(r"^(?P<service>[a-z]+)-")


async def look(address: Address) -> AsyncIterator[Finding]:
    """Every finding about NATS; only that it is away when it is."""
    try:
        client = await connect(address, "psmp-doctor", inbox=INBOX)
    except NatsUnreachable as error:
        yield Finding("NATS", Health.AWAY, str(error), error.hint)
        return
    try:
        server = client.connected_server_version
        yield version(f"{server.major}.{server.minor}.{server.patch}")
        async for finding in _jetstream(client, address):
            yield finding
    except (NatsError, TimeoutError) as error:
        fix = "these credentials must be an operator's: see nats.conf"
        yield Finding("JetStream", Health.AWAY, f"no answer: {str(error) or type(error).__name__}", fix)
    finally:
        await client.close()


async def _jetstream(client: MendedClient, address: Address) -> AsyncIterator[Finding]:
    began = time.perf_counter()
    account = await ask(client, "INFO", within=_ANSWER_WITHIN)
    took = time.perf_counter() - began
    if "error" in account:
        yield Finding("JetStream", Health.BAD, account["error"]["description"], "enable it: jetstream {…} in nats.conf")
        return
    stored = account["storage"] / 1_048_576
    yield well("JetStream", f"{stored:.1f} MiB on disk, answers in {clock.duration(took)}")
    before = clock.now()
    found = {name: await ask(client, f"STREAM.INFO.{name}", within=_ANSWER_WITHIN) for name in _names()}
    yield skew("NATS clock", found["PSMP_LOG"].get("ts"), before, clock.now())
    for config in STREAMS:
        yield stream(config, found[config["name"]])
    if found["PSMP_DLQ"].get("state", {}).get("messages"):
        yield letters([kept.state for kept in await Letterbox(client, address).all()])
    for owner, config in CONSUMERS:
        yield consumer(config, await ask(client, f"CONSUMER.INFO.{owner}.{config['name']}", within=_ANSWER_WITHIN))
    for finding in services(await beats(client, within=_ANSWER_WITHIN), clock.now()):
        yield finding
    if "error" not in found["PSMP_LOG"]:
        for finding in await _amiss(client):
            yield finding


def _names() -> Iterator[str]:
    return (config["name"] for config in STREAMS)


def version(text: str) -> Finding:
    """Whether the server is new enough."""
    numbers = tuple(int(each) for each in re.findall(r"\d+", text)[:2])
    wanted = ".".join(map(str, OLDEST))
    if numbers >= OLDEST:
        return well("NATS", f"nats-server {text}")
    fix = f"upgrade it: atomic batches need {wanted} or newer"
    return Finding("NATS", Health.BAD, f"nats-server {text}", fix)


def stream(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Finding:
    """Whether a stream is there and set up as it must be."""
    name = f"stream {wanted['name']}"
    if "error" in found:
        return Finding(name, Health.BAD, found["error"]["description"], _SETUP)
    differing = [key for key, value in wanted.items() if not _covers(value, found["config"].get(key))]
    if differing == ["deny_delete"] and not wanted["deny_delete"]:
        told = "made by an older version: nothing can be erased from it"
        return Finding(name, Health.ODD, told, _ANEW.get(wanted["name"], "docs/erasure.md says how to make it anew"))
    if differing:
        return Finding(name, Health.BAD, f"set up otherwise: {', '.join(differing)}", _SETUP)
    messages, size = found["state"]["messages"], found["state"]["bytes"] / 1_048_576
    return well(name, f"{counted(messages, 'message')}, {size:.1f} MiB")


def letters(states: Collection[str]) -> Finding:
    """Whether dead letters wait; those about which somebody has decided stay in the stream, and call for nobody."""
    waiting = sum(state in ("waiting", "unseen") for state in states)
    if waiting == 0:
        return well("dead letters", f"none of {len(states)} waits")
    return Finding("dead letters", Health.ODD, f"{waiting} of {len(states)} wait", "psmp dlq list --waiting")


def _covers(wanted: object, found: object) -> bool:
    """Whether what was found has everything that is wanted; the server adds metadata of its own."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(_covers(value, found.get(key)) for key, value in wanted.items())
    return wanted == found


def consumer(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Finding:
    """Whether a consumer is there, and how far behind it is."""
    name = f"consumer {wanted['name']}"
    if "error" in found:
        return Finding(name, Health.BAD, found["error"]["description"], _SETUP)
    pending, waiting = found["num_pending"], found["num_ack_pending"]
    told = f"{pending} behind, {waiting} in hand"
    if wanted["name"] in UNASKED and not found["num_waiting"]:
        return well(name, f"{UNASKED[wanted['name']]}; {pending} behind")
    if pending > LAGGING:
        fix = f"see whether psmp_{service_of(wanted['name'])} runs and keeps up: its /readyz and its log"
        return Finding(name, Health.ODD, told, fix)
    return well(name, told)


def services(beats: Iterable[Beat], now: datetime) -> Iterator[Finding]:
    """Whether an instance of every service has been heard lately."""
    heard: dict[str, list[Beat]] = {name: [] for name in SERVICES}
    for beat in beats:
        read = _NEWEST.match(beat.instance)
        if read is not None and read["service"] in heard and not beat.leaving:
            heard[read["service"]].append(beat)
    return (_liveness(name, instances, now) for name, instances in heard.items())


def _liveness(service: str, instances: list[Beat], now: datetime) -> Finding:
    name, fix = f"service {service}", f"start it: python -m psmp_{service}"
    if not instances:
        return Finding(name, Health.BAD, "not heard of, or stopped", fix)
    alive = [each for each in instances if (now - each.heard).total_seconds() <= SILENT_AFTER]
    newest = max(each.heard for each in instances)
    told = f"heard {clock.ago(newest.isoformat(), now)}"
    if not alive:
        return Finding(name, Health.BAD, told, fix)
    return well(name, f"{counted(len(alive), 'instance')}, {told}")


async def _amiss(client: MendedClient) -> list[Finding]:
    """What the watchdog says of PSMP itself."""
    try:
        system = await past(JetStreamEventLog(client), SYSTEM)
    except (Unreachable, Damaged) as error:
        fix = "psmp verify says more; the log must be restored before anything else is decided"
        return [Finding("log of psmp/system", Health.BAD, str(error), fix)]
    return list(alerts(system, clock.now()))


def alerts(system: Project | None, now: datetime) -> Iterator[Finding]:
    """What the watchdog has found amiss with PSMP itself and has not seen well again."""
    for name, alert in system.alerts.items() if system else ():
        yield Finding(f"alert {name}", Health.ODD, f"{alert.text}, since {clock.ago(alert.time, now)}", alert.hint)


def skew(subject: str, stamp: str | None, before: datetime, after: datetime) -> Finding:
    """How far another clock is from ours, given what it said between two moments of ours."""
    said = clock.moment(stamp[:26].rstrip("Z") + "Z") if stamp else None
    if said is None:
        return Finding(subject, Health.UNKNOWN, "the server does not tell its time", "upgrade it")
    off = max((before - said).total_seconds(), (said - after).total_seconds(), 0.0)
    if off <= SKEW_ODD:
        return well(subject, "as ours")
    told = f"{off:.1f} s from ours; leases and silences are judged by time"
    return Finding(subject, Health.BAD if off > SKEW_BAD else Health.ODD, told, "synchronise both machines with NTP")
