"""The watchdog over the deployment itself: looks at consumers, services, clocks, disk and logs, and raises alerts.

They stand in the system project's log, where two watchdogs raise and clear each of them once.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from psmp.log.decider import LATEST, Decider
from psmp.log.port import Damaged, Unreachable
from psmp.log.view import View
from psmp.rules.alerts import Alerts
from psmp.rules.project import Project
from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.words.envelope import Provenance
from psmp.words.events import Event
from psmp.words.faults import told
from psmp.words.ids import SYSTEM, ProjectKey
from psmp_watchdog import figures, readings
from psmp_watchdog.conditions import Memory, Reading, due, remembered
from psmp_watchdog.figures import Figures
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.readings import Consumer
from psmp_watchdog.rules.finding import over
from psmp_watchdog.settings import WatchdogSettings
from psmp_watchdog.watch import Watch, provenance

LOG: Final = structlog.get_logger()


class Operations:
    """Looks round every ``operations_seconds``. What the watch over the projects has seen is taken from there."""

    def __init__(
        self, nats: Client, watch: Watch, hearts: Hearts, decider: Decider[Project | None], settings: WatchdogSettings
    ) -> None:
        self._nats, self._watch, self._hearts, self._decider = nats, watch, hearts, decider
        self._settings = settings
        self._memory: Memory = {}
        self._before: dict[str, Consumer] = {}
        self._doubted: set[ProjectKey] = set()
        self._stopped: set[ProjectKey] = set()
        self._begun: datetime | None = None
        self._latest: Figures | None = None
        self._stopping = asyncio.Event()
        self._written = 0
        self._trouble = ""

    @property
    def latest(self) -> Figures | None:
        """What NATS said last; None before it did."""
        return self._latest

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            try:
                await self._look()
                self._trouble = ""
            except (NatsError, TimeoutError, Unreachable, Damaged) as error:
                self._trouble = told(error)
                LOG.warning("look_failed", error=self._trouble)
            await pause(self._stopping, self._settings.operations_seconds)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("operations", self._written, trouble=self._trouble)

    async def _look(self) -> None:
        system, present = self._watch.projects.get(SYSTEM), self._watch.present
        if system is None or present is None:
            return
        self._begun = self._begun or present
        self._latest = await figures.ask(self._nats, self._settings.nats_monitor_url)
        found = self._read(self._latest, system, self._begun, present)
        self._before = {each.name: each for each in self._latest.consumers}
        self._memory = remembered(self._memory, found, system.alerts, present)
        while record := await self._decider.decide(SYSTEM, partial(self._due, found, present), seen=LATEST):
            self._written += 1
            LOG.warning(record.kind, position=record.position)

    def _read(self, now: Figures, system: Project, begun: datetime, present: datetime) -> Sequence[Reading]:
        limits, expected = self._settings.limits, self._settings.services
        beats, allowed = self._hearts.of(SYSTEM), system.policy.lease_seconds
        alive = [name for name, heard in beats.items() if not over(heard, allowed, present)]
        self._look_at_what_stopped(alive)
        return (
            *readings.lags(now.consumers, limits),
            *readings.stuck(now.consumers, self._before, limits),
            *readings.services(beats, expected, begun, present, allowed),
            *readings.clocks(self._hearts.clocks, expected, limits),
            *readings.disks(now.stores, limits),
            *readings.stops(self._hearts.stopped, alive, system.alerts),
            *readings.damages(self._watch.damages, self._sound(system.alerts)),
        )

    def _look_at_what_stopped(self, alive: Iterable[str]) -> None:
        """Have the watch read, once, each project that another service goes no further with."""
        stopped = {key for name in alive for key in self._hearts.stopped.get(name, ())}
        self._watch.suspect(stopped - self._stopped - self._watch.damages.keys())
        self._stopped = stopped

    def _sound(self, alerts: Alerts) -> Iterable[ProjectKey]:
        """The projects that were said to be damaged and can be read; whoever says so has looked at them itself."""
        named = {readings.damaged(key): key for key in self._watch.projects}
        said = {named[alert] for alert in alerts if alert in named}
        self._watch.suspect(said - self._doubted - self._watch.damages.keys())
        self._doubted = said
        return [key for key in said if self._watch.has_proved(key)]

    def _due(
        self, found: Sequence[Reading], present: datetime, view: View[Project | None]
    ) -> tuple[Event, Provenance] | None:
        if view.state is None:
            return None
        event = due(view.state.alerts, found, self._memory, present, self._settings.alert_after_seconds)
        return (event, provenance()) if event else None
