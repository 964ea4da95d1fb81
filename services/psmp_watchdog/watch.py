"""The watchdog at work: hears heartbeats, follows projects, and writes down what a sweep finds."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.ledger.receipts import Promises
from psmp.log.decider import LATEST, Decider
from psmp.log.port import Damaged, Record, Unreachable
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.slots import Slots
from psmp.service.clock import stamp
from psmp.service.outcomes import Outcomes
from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import Event
from psmp.words.faults import told
from psmp.words.ids import OWN_AGENTS, SYSTEM, ProjectKey
from psmp_watchdog.glance import FOLLOWED, evolve, kept
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.rules import Beats, Finding, origin, sweep
from psmp_watchdog.tail import Tail, end_of

LOG: Final = structlog.get_logger()
DAMAGED_AGAIN: Final = timedelta(seconds=30)
SETTLED: Final = timedelta(minutes=1)
"""The age of an end of the log that every replica has reached: any of them may answer us, also one that is behind."""

Rule = Callable[[View[Project | None]], tuple[Event, Provenance] | None]


@dataclass(frozen=True, slots=True)
class Damage:
    """Why a project cannot be watched, and when to look at it again."""

    why: str
    again: datetime


class Watch:
    """Sweeps every ``interval`` seconds.

    Time is the server's: each sweep begins with a heartbeat of our own, and the time at which that was stored is now.
    What is known here of a project is a glance at it. What is written is decided on the whole log, so two watchdogs
    never say the same thing twice. A project whose log is damaged holds up no other; it is looked at again every
    ``DAMAGED_AGAIN``.
    """

    def __init__(
        self,
        nats: Client,
        hearts: Hearts,
        decider: Decider[Project | None],
        *,
        interval: float,
        promises: Promises | None = None,
    ) -> None:
        self._nats, self._hearts, self._decider, self._interval = nats, hearts, decider, interval
        self._outcomes = Outcomes(nats, promises)
        self._tails = [Tail(nats, "PSMP_LOG", f"psmp.log.*.*.{kind}") for kind in FOLLOWED]
        self._ends: deque[tuple[datetime, int]] = deque()
        self._unread: list[Msg] = []
        self._projects: dict[ProjectKey, Project | None] = {}
        self._damaged: dict[ProjectKey, Damage] = {}
        self._whole: dict[ProjectKey, int] = {}  # up to which event each was seen as a whole
        self._suspected: set[ProjectKey] = set()
        self._proved: set[ProjectKey] = set()
        self._present: datetime | None = None
        self._stopping = asyncio.Event()
        self._written = 0
        self._trouble = "has not swept yet"

    @property
    def projects(self) -> dict[ProjectKey, Project | None]:
        """Every project as far as it is seen; None for one that cannot be read."""
        return self._projects

    @property
    def damages(self) -> Mapping[ProjectKey, str]:
        """Why projects cannot be watched."""
        return {key: damage.why for key, damage in self._damaged.items()}

    @property
    def present(self) -> datetime | None:
        """The server's time at the last sweep; None before the first."""
        return self._present

    def suspect(self, keys: Iterable[ProjectKey]) -> None:
        """Have these projects looked at as a whole by the next sweep, whether anything is due or not."""
        for key in keys:
            self._suspected.add(key)
            self._proved.discard(key)

    def has_proved(self, key: ProjectKey) -> bool:
        """Whether the project was found sound since it was last suspected or damaged."""
        return key in self._proved

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            try:
                await self._sweep()
                self._trouble = ""
            except (NatsError, TimeoutError, Unreachable) as error:
                self._trouble = told(error)
                LOG.warning("sweep_failed", error=self._trouble)
            await pause(self._stopping, self._interval)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("watch", self._written, trouble=self._trouble, stopped=frozenset(self._damaged))

    async def _sweep(self) -> None:
        present = await self._hearts.listen()
        await self._read(present)
        if self._projects.get(SYSTEM) is None:
            await self._say(SYSTEM, _founding, present)
        for key, project in list(self._projects.items()):
            if self._is_due(key, project, present):
                await self._settle(key, present)
        self._present = present

    def _is_due(self, key: ProjectKey, project: Project | None, present: datetime) -> bool:
        if key in self._suspected:
            self._suspected.discard(key)
            return True
        damage = self._damaged.get(key)
        if damage is not None:
            return present >= damage.again
        return project is not None and sweep(project, self._heard(key), present) is not None

    def _heard(self, key: ProjectKey) -> Beats:
        project = self._projects.get(key)
        slots = project.slots if project is not None else Slots()
        return self._hearts.of(
            key, {*(each.agent for each in slots.held.values()), *(each.agent for each in slots.queue)}
        )

    async def _settle(self, key: ProjectKey, present: datetime) -> None:
        """Write what is due, one thing after another, and tell those whose commands are settled by it."""
        while True:
            due = _Due(self._heard(key), present)
            record = await self._say(key, due, present)
            if record is None:
                return
            finding = due.finding
            if finding is not None and finding.command and not finding.agent.startswith(OWN_AGENTS):
                await self._outcomes.tell(key, finding.agent, finding.command, record)

    async def _say(self, key: ProjectKey, rule: Rule, present: datetime) -> Record | None:
        """Write what ``rule`` says, unless the project's log is damaged, and keep what was seen of the project."""
        seeing = _Seeing(rule)
        try:
            record = await self._decider.decide(key, seeing, seen=LATEST)
        except Damaged as error:
            self._damage(key, str(error), present, hint=error.hint)
            return None
        self._damaged.pop(key, None)
        self._proved.add(key)
        if seeing.whole is not None:
            self._projects[key] = kept(seeing.whole)
            self._whole[key] = seeing.whole.sequence
        if record is not None:
            self._written += 1
            LOG.warning("found", project=str(key), kind=record.kind, position=record.position)
        return record

    def _damage(self, key: ProjectKey, why: str, present: datetime, **said: str) -> None:
        self._damaged[key] = Damage(why, present + DAMAGED_AGAIN)
        self._proved.discard(key)
        LOG.critical("log_damaged", project=str(key), error=why, **said)

    async def _read(self, present: datetime) -> None:
        self._ends.append((present, await end_of(self._nats, "PSMP_LOG", f"{subjects.LOG}.>")))
        while len(self._ends) > 1 and present - self._ends[1][0] > SETTLED:
            self._ends.popleft()
        then, settled = self._ends[0]
        for tail in self._tails:
            self._unread.extend(await tail.new(settled if present - then > SETTLED else 0))
        events, end = sorted(self._unread, key=_position), self._ends[-1][1]
        self._unread = [each for each in events if _position(each) > end]  # of what is so new others may be unread
        for message in events[: len(events) - len(self._unread)]:
            self._fold(message, present)

    def _fold(self, message: Msg, present: datetime) -> None:
        key, kind = subjects.read_log((message.headers or {})["Nats-Subject"])
        if key in self._damaged:  # what is found when it is looked at again is all that counts
            return
        seen = self._projects.get(key)
        try:
            event = open_event(message.data)
            if seen is not None and self._whole.get(key, 0) < event.sequence <= seen.sequence:
                self._suspected.add(key)  # it comes late: what comes behind it was folded without it
            self._projects[key] = evolve(seen, event)
        except (LookupError, ValueError) as error:  # the log without what should stand before, or no event
            self._projects[key] = None
            self._damage(key, f"{kind} is no event of its log: {error}", present)


def _position(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


@dataclass(slots=True)
class _Seeing:
    """A rule that remembers what it was asked about last."""

    rule: Rule
    whole: Project | None = None

    def __call__(self, view: View[Project | None]) -> tuple[Event, Provenance] | None:
        self.whole = view.state
        return self.rule(view)


@dataclass(slots=True)
class _Due:
    """The rule for one sweep over one project, and what it found."""

    beats: Beats
    present: datetime
    finding: Finding | None = field(default=None)

    def __call__(self, view: View[Project | None]) -> tuple[Event, Provenance] | None:
        self.finding = sweep(view.state, self.beats, self.present) if view.state else None
        return (self.finding.event, provenance(self.finding.command)) if self.finding else None


def provenance(command: str | None = None) -> Provenance:
    """Where our words come from: from a command whose outcome they are, or from ourselves."""
    return origin.provenance(command or stamp().id)


def _founding(view: View[Project | None]) -> tuple[Event, Provenance] | None:
    if view.state is not None:
        return None
    return origin.FOUNDING, provenance()
