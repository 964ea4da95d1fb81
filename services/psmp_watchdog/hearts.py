"""Heartbeats as they are stored: who was heard when by the server's clock, and how far whose own clock is from it."""

from collections import defaultdict
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.service.clock import now
from psmp.words import subjects
from psmp.words.envelope import written
from psmp.words.ids import SYSTEM, ProjectKey
from psmp_watchdog.rules import LEAVING, Beats
from psmp_watchdog.tail import Tail

FORGET: Final = timedelta(days=1)


class Hearts:
    """Every agent's last heartbeat. ``instance`` is who we are ourselves."""

    def __init__(self, nats: Client, instance: str) -> None:
        self._nats, self._instance = nats, instance
        self._tail = Tail(nats, "PSMP_HEARTBEATS", "psmp.hb.>")
        self._beats: defaultdict[ProjectKey, dict[str, datetime]] = defaultdict(dict)
        self._gone: defaultdict[ProjectKey, set[str]] = defaultdict(set)
        self._clocks: dict[str, float] = {}
        self._stopped: dict[str, frozenset[ProjectKey]] = {}

    async def listen(self) -> datetime:
        """Hear what is new; the time by the server's clock, which is that of a heartbeat of our own."""
        headers = {subjects.TIME: written(now())}
        mine = subjects.heartbeat(SYSTEM, self._instance)
        await self._nats.jetstream().publish(mine, b"alive", timeout=2, headers=headers)
        present = max([self._hear(message) for message in await self._tail.new()])
        for beats in self._beats.values():
            for agent in [agent for agent, heard in beats.items() if present - heard > FORGET]:
                del beats[agent]
        for key, gone in self._gone.items():
            gone.intersection_update(self._beats[key])
        here = self.of(SYSTEM)
        self._clocks = {name: off for name, off in self._clocks.items() if name in here}
        self._stopped = {name: keys for name, keys in self._stopped.items() if name in here}
        return present

    def of(self, key: ProjectKey, at_work: Container[str] = ()) -> Beats:
        """Who was heard in a project; of services in that of their own.

        Whoever said that it is leaving is not missed, unless it is ``at_work``: one agent may be several processes.
        """
        gone = self._gone[key]
        return {agent: heard for agent, heard in self._beats[key].items() if agent not in gone or agent in at_work}

    @property
    def clocks(self) -> Mapping[str, float]:
        """By how many seconds the clock of each instance of a service is ahead of the server's."""
        return self._clocks

    @property
    def stopped(self) -> Mapping[str, frozenset[ProjectKey]]:
        """Which projects each instance of a service goes no further with, as it said last."""
        return self._stopped

    def _hear(self, message: Msg) -> datetime:
        headers = message.headers or {}
        time = datetime.fromisoformat(headers["Nats-Time-Stamp"])
        beat = subjects.read_heartbeat(headers["Nats-Subject"])
        if beat is not None:
            key, agent = beat
            self._beats[key][agent] = time
            if message.data == LEAVING:
                self._gone[key].add(agent)
            else:
                self._gone[key].discard(agent)
            if key == SYSTEM:
                self._compare(agent, headers.get(subjects.TIME), time)
                said = headers.get(subjects.STOPPED, "").split()
                self._stopped[agent] = frozenset(ProjectKey(*each.split("/", 1)) for each in said if "/" in each)
        return time

    def _compare(self, instance: str, said: str | None, time: datetime) -> None:
        try:
            self._clocks[instance] = (datetime.fromisoformat(said or "") - time).total_seconds()
        except (ValueError, TypeError):  # an older service says no time
            self._clocks.pop(instance, None)
