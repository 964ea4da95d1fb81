"""The watchdog at work: hears heartbeats, follows phases and slots, and writes down what a sweep finds."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.log.decider import LATEST, Decider
from psmp.log.port import Damaged, Unreachable
from psmp.log.view import View
from psmp.rules.project import Project, evolve
from psmp.service.clock import stamp
from psmp.service.statistics import Statistics
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import Event, ProjectCreated
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.values import Policy, Target
from psmp_watchdog.rules import LEAVING, Beats, sweep
from psmp_watchdog.tail import Tail

LOG: Final = structlog.get_logger()
SOURCE: Final = "/psmp/watchdog"
ACTOR: Final = "psmp_watchdog"
FORGET: Final = timedelta(days=1)
DAMAGED_AGAIN: Final = timedelta(seconds=30)
FOLLOWED: Final = ("project.*", "slot.*", "agent.*")


class Watch:
    """Sweeps every ``interval`` seconds.

    Time is the server's: each sweep begins with a heartbeat of our own, and the time at which that was stored is now.
    The projects here are folded from the few kinds of events that a sweep looks at: a hint where to look. What is
    written is decided on the whole log, so two watchdogs never say the same thing twice. A project whose log is damaged
    holds up no other; it is looked at again every ``DAMAGED_AGAIN``.
    """

    def __init__(self, nats: Client, instance: str, decider: Decider[Project | None], *, interval: float) -> None:
        self._nats, self._decider = nats, decider
        self._instance, self._interval = instance, interval
        self._tails = [Tail(nats, "PSMP_LOG", f"psmp.log.*.*.{kind}") for kind in FOLLOWED]
        self._hearts = Tail(nats, "PSMP_HEARTBEATS", "psmp.hb.>")
        self._unread: list[Msg] = []
        self._projects: dict[ProjectKey, Project | None] = {}
        self._damaged: dict[ProjectKey, datetime] = {}  # and when to look at each again
        self._beats: defaultdict[ProjectKey, dict[str, datetime]] = defaultdict(dict)
        self._stopping = asyncio.Event()
        self._written = 0
        self._trouble = "has not swept yet"

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            try:
                await self._sweep()
                self._trouble = ""
            except (NatsError, TimeoutError, Unreachable) as error:
                self._trouble = str(error) or type(error).__name__
                LOG.warning("sweep_failed", error=self._trouble)
            try:
                await asyncio.wait_for(self._stopping.wait(), self._interval)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``; ``buried`` is how many projects cannot be watched, for their log is damaged."""
        return Statistics("watch", self._written, buried=len(self._damaged), trouble=self._trouble)

    async def _sweep(self) -> None:
        await self._read()
        if self._projects.get(SYSTEM) is None:
            await self._write(SYSTEM, _founding)
        now = await self._now()
        for key, project in list(self._projects.items()):
            beats = self._beats[key]
            if project is not None and sweep(project, beats, now) is not None:
                await self._say(key, partial(_due, beats, now), now)

    async def _say(self, key: ProjectKey, rule: "Rule", now: datetime) -> None:
        """Write what is due, unless the project's log is damaged; then say that."""
        if now < self._damaged.get(key, now):
            return
        try:
            await self._write(key, rule)
        except Damaged as error:
            self._damaged[key] = now + DAMAGED_AGAIN
            LOG.critical("log_damaged", project=str(key), error=str(error), hint=error.hint)
        else:
            self._damaged.pop(key, None)

    async def _now(self) -> datetime:
        await self._nats.jetstream().publish(subjects.heartbeat(SYSTEM, self._instance), b"alive", timeout=2)
        times = [self._hear(message) for message in await self._hearts.new()]
        for beats in self._beats.values():
            for agent in [agent for agent, heard in beats.items() if max(times) - heard > FORGET]:
                del beats[agent]
        return max(times)

    def _hear(self, message: Msg) -> datetime:
        headers = message.headers or {}
        time = datetime.fromisoformat(headers["Nats-Time-Stamp"])
        beat = subjects.read_heartbeat(headers["Nats-Subject"])
        if beat is not None:
            key, agent = beat
            if message.data == LEAVING:
                self._beats[key].pop(agent, None)
            else:
                self._beats[key][agent] = time
        return time

    async def _read(self) -> None:
        for tail in self._tails:
            self._unread.extend(await tail.new())
        events, self._unread = self._unread, []
        for message in sorted(events, key=lambda each: int((each.headers or {})["Nats-Sequence"])):
            self._fold(message)

    def _fold(self, message: Msg) -> None:
        key, kind = subjects.read_log((message.headers or {})["Nats-Subject"])
        try:
            self._projects[key] = evolve(self._projects.get(key), open_event(message.data))
        except (LookupError, ValueError) as error:  # damage: the log without what should stand before, or no event
            self._projects[key] = None
            LOG.critical("not_an_event_of_its_log", project=str(key), kind=kind, error=str(error))

    async def _write(self, key: ProjectKey, rule: "Rule") -> None:
        while record := await self._decider.decide(key, rule, seen=LATEST):
            self._written += 1
            LOG.warning("found", project=str(key), kind=record.kind, position=record.position)
        await self._read()


Rule = Callable[[View[Project | None]], tuple[Event, Provenance] | None]


def _provenance() -> Provenance:
    fresh = stamp().id
    return Provenance(SOURCE, ACTOR, fresh, fresh)


def _due(beats: Beats, now: datetime, view: View[Project | None]) -> tuple[Event, Provenance] | None:
    event = sweep(view.state, beats, now) if view.state else None
    return (event, _provenance()) if event else None


def _founding(view: View[Project | None]) -> tuple[Event, Provenance] | None:
    if view.state is not None:
        return None
    return ProjectCreated(name="PSMP's own services", targets=(Target(),), policy=Policy()), _provenance()
