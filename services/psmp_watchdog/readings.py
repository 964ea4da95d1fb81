"""What the figures of a deployment say: consumers, services, clocks, disk and logs, each as a reading. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psmp.words.ids import ProjectKey
from psmp.words.values import Severity
from psmp_watchdog.conditions import Level, Reading, grade

OPTIONAL: Final = frozenset({"solver", "webhooks"})
"""Consumers that are read only where it was asked for: as long as nobody reads them they lag behind nothing."""

PATIENT: Final = frozenset({"resolver", "orchestrator", "solver", "webhooks", "letters"})
"""Consumers that put a message off for long on purpose: their floor stands still meanwhile."""

MOST_DAMAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """When a figure is bad. ``hold`` is for how many seconds it must be so, ``stuck`` for a consumer that stands still.

    ``lag`` is in messages, ``skew`` in seconds, ``disk`` a part of what there is.
    """

    hold: float = 60.0
    lag: int = 1000
    stuck: float = 120.0
    skew: float = 5.0
    disk: float = 0.8


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable consumer: how much it has yet to be given, and was given and has not settled.

    All up to ``floor`` is settled. ``asked`` is whether somebody reads it, ``service`` who is to.
    """

    name: str
    pending: int
    unsettled: int
    floor: int
    asked: bool
    service: str = ""

    @property
    def behind(self) -> int:
        """How many messages it has not settled."""
        return self.pending + self.unsettled

    @classmethod
    def read(cls, name: str, service: str, info: Mapping[str, Any]) -> "Consumer":
        """What ``CONSUMER.INFO`` says."""
        return cls(
            name,
            info.get("num_pending", 0),
            info.get("num_ack_pending", 0),
            info.get("ack_floor", {}).get("stream_seq", 0),
            asked=info.get("num_waiting", 0) > 0,
            service=service,
        )


def lags(consumers: Iterable[Consumer], limits: Limits) -> Iterator[Reading]:
    """Consumers that are far behind."""
    for each in consumers:
        idle = each.name in OPTIONAL and not each.asked
        level = Level.WELL if idle else grade(each.behind, limits.lag, limits.lag / 2)
        text = f"consumer {each.name} is {each.behind} messages behind"
        hint = f"see whether psmp_{each.service} runs and keeps up: psmp doctor, its /readyz and its log; add a replica"
        yield Reading(f"lag-{each.name}", level, Severity.MEDIUM, text, hint, limits.hold, person=False)


def stuck(consumers: Iterable[Consumer], before: Mapping[str, Consumer], limits: Limits) -> Iterator[Reading]:
    """Consumers that have something to do and settle nothing of it in order."""
    for each in consumers:
        if each.name in PATIENT:
            continue
        then = before.get(each.name)
        stands = each.behind > 0 and then is not None and then.behind > 0 and then.floor == each.floor
        text = f"consumer {each.name} has settled nothing in order since message {each.floor}"
        hint = f"what comes next cannot be handled: the log of psmp_{each.service} says why; psmp verify where damaged"
        level = Level.BAD if stands else Level.WELL
        yield Reading(f"stuck-{each.name}", level, Severity.HIGH, text, hint, limits.stuck)


def instances(names: Iterable[str], expected: Iterable[str]) -> dict[str, list[str]]:
    """The instances of each expected service; an instance is called ``<service>-<what tells it from others>``."""
    found: dict[str, list[str]] = {service: [] for service in expected}
    for name in names:
        found.get(name.partition("-")[0], []).append(name)
    return found


def services(
    beats: Mapping[str, datetime], expected: Iterable[str], begun: datetime, now: datetime, allowed: float
) -> Iterator[Reading]:
    """Services of which no instance was heard for ``allowed`` seconds, or since we have listened, from ``begun`` on."""
    for service, names in instances(beats, expected).items():
        last = max([begun, *(beats[name] for name in names)])
        level = Level.BAD if now - last > timedelta(seconds=allowed) else Level.WELL
        text = f"no instance of {service} was heard for more than {allowed:g} s"
        yield Reading(f"service-{service}", level, Severity.HIGH, text, f"start it: python -m psmp_{service}")


def clocks(ahead: Mapping[str, float], expected: Iterable[str], limits: Limits) -> Iterator[Reading]:
    """Services whose clock is far from the server's, by the instance that is furthest off."""
    for service, names in instances(ahead, expected).items():
        if names:
            off = max((ahead[name] for name in names), key=abs)
            text = f"the clock of {service} is {off:+.1f} s from that of NATS; leases and silences are judged by time"
            level = grade(abs(off), limits.skew, limits.skew / 2)
            hint = "synchronise both machines with NTP"
            yield Reading(f"clock-{service}", level, Severity.HIGH, text, hint, limits.hold)


@dataclass(frozen=True, slots=True)
class Store:
    """Something that fills up: ``name`` as an alert has it, bytes used and bytes that there are."""

    name: str
    used: int
    limit: int

    @property
    def part(self) -> float:
        """How much of it is used, from 0 to 1."""
        return self.used / self.limit


def disks(stores: Iterable[Store], limits: Limits) -> Iterator[Reading]:
    """What is nearly full."""
    for each in stores:
        level = grade(each.part, limits.disk, limits.disk - 0.1)
        text = f"the storage of {each.name} is {each.part:.0%} full: {each.used:,} of {each.limit:,} bytes"
        hint = "give it more room before it is full: a full disk makes nats-server deaf until it is started anew"
        yield Reading(f"disk-{each.name}", level, Severity.CRITICAL, text, hint)


def damaged(key: ProjectKey) -> str:
    """The name of the alert about a project's log."""
    return f"log-damaged-{_name(key)}"


def _name(key: ProjectKey) -> str:
    """A project within an alert's name; hyphens of ids would make that unreadable."""
    return f"{key.tenant.replace('-', '_')}-{key.project.replace('-', '_')}"


def stops(
    said: Mapping[str, Collection[ProjectKey]], alive: Collection[str], alerts: Iterable[str]
) -> Iterator[Reading]:
    """Projects that a service goes no further with, by what its instances said that are ``alive``.

    Nothing of it is over while no instance is heard. What the watchdog cannot read has alerts of its own.
    """
    found: dict[str, Reading] = {}
    hint = "psmp verify; its row in psmp.damage says why, and docs/postgres.md how the project is let go on"
    for instance in sorted(alive):
        service = instance.partition("-")[0]
        for key in sorted(said.get(instance, ())) if service != "watchdog" else ():
            text = f"{service} has stopped at {key}: its log is damaged, or it cannot be taken in"
            name = f"stopped-{service}-{_name(key)}"
            found[name] = Reading(name, Level.BAD, Severity.CRITICAL, text, hint)
    heard = {instance.partition("-")[0] for instance in alive}
    for name in alerts:
        if name.startswith("stopped-") and name.split("-")[1] not in heard:
            found[name] = Reading(name, Level.BETWEEN, Severity.CRITICAL, "", hint)
    yield from found.values()


def damages(whys: Mapping[ProjectKey, str], sound: Iterable[ProjectKey]) -> Iterator[Reading]:
    """Logs that are damaged, and those ``sound`` ones that were said to be."""
    hint = "stop writers, run psmp verify and restore the log before anything else is decided"
    for key, why in list(whys.items())[:MOST_DAMAGES]:
        yield Reading(damaged(key), Level.BAD, Severity.CRITICAL, f"{key}: {why}"[:1000], hint)
    for key in sound:
        yield Reading(damaged(key), Level.WELL, Severity.CRITICAL, "", hint)
