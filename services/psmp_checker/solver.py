"""The transitive check at work: hears of a change, waits until its project is quiet, asks the resolver, writes it down.

Only what stands declared last is asked about. A delivery that is not its project's latest change is done at once: the
latest is delivered too and answers for all before it. So bursts merge, a run that has become stale may be given up, and
whatever a crash interrupts is delivered again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

import structlog

from psmp.deep.problem import public
from psmp.deep.resolution import Resolution
from psmp.deep.uv import Limits
from psmp.deep.verdict import resolve
from psmp.log.decider import Decider
from psmp.log.port import EventLog, Record
from psmp.log.view import View
from psmp.log.views import Views
from psmp.service.clock import now, stamp
from psmp.service.live import heard
from psmp.service.metrics import SOLVING
from psmp.service.telemetry import Telemetry
from psmp.service.worker import Worker
from psmp.wire.mended import MendedClient
from psmp.wire.settle import Delivery, Done, Later, Outcome
from psmp.words.envelope import EventEnvelope, Provenance, open_event, written
from psmp.words.events import CompatibilityChecked, CompatibilityStarted, Event
from psmp.words.ids import ProjectKey
from psmp_checker import transitive
from psmp_checker.consumer import lane
from psmp_checker.docket import Docket
from psmp_checker.rules import provenance as whence
from psmp_checker.settings import CheckerSettings
from psmp_checker.telling import telling
from psmp_checker.transitive import Answered, Asked
from psmp_checker.turns import Turns

LOG: Final = structlog.get_logger()
T = TypeVar("T")

QUIET: Final = 0.2
"""Seconds without a change after which a project is asked about."""
MOST_PATIENT: Final = 5.0
"""Seconds after which that is waited for no more."""
MOST_CANCELLED: Final = 3
"""So many runs in a row may become stale; the next one ends whatever comes."""
LONGEST: Final = 30.0
"""After so many seconds in which changes never cease the next run ends as well."""
LOOK_AGAIN: Final = 0.05
PATIENT: Final = 10.0
"""Seconds after which a project is looked at again that the direct check did not come to in time."""
TURN_AGAIN: Final = 0.25
"""Seconds between two looks at whether another replica has done with a project."""
STEPS: Final = (1, 4, 20, 120)
"""What is unknown is asked again after so many times the setting."""
MOST_WORDS: Final = 4
CHANGES: Final = (
    *("artifact.declared", "artifact.amended", "artifact.withdrawn"),
    *("resolution.applied", "project.changed"),
)
"""What changes whether all can be installed together."""
MOST_OPEN: Final = 64
"""So many deliveries are in hand at once; the others wait in the stream."""


@dataclass(slots=True)
class Waiting:
    """A project that is to be asked about: since when, how many runs have begun, which change was heard of last.

    ``begun`` counts the runs of all replicas. ``hands`` is how many deliveries of it are in hand here, ``last`` when it
    was heard of last.
    """

    since: float
    begun: int = 0
    heard: int = 0
    hands: int = 0
    last: float = 0.0
    limit: asyncio.Timeout | None = None

    @property
    def must(self) -> bool:
        """Whether the next run is not given up."""
        return self.begun >= MOST_CANCELLED or _time() - self.since > LONGEST

    def hear(self, position: int) -> None:
        """A change is stored there: what is under way about earlier ones ends."""
        self.heard, self.last = max(self.heard, position), _time()
        if self.limit is not None:
            limit, self.limit = self.limit, None
            with suppress(RuntimeError):  # it is over already
                limit.reschedule(_time())


@dataclass(slots=True)
class Solver:
    """Gives every project its transitive verdict; ``folder`` is the resolver's own.

    # Invariant: one project is asked about by one delivery at a time, here by its lane and among replicas by its turn,
    # and uv runs for one at a time.
    """

    nats: MendedClient
    log: EventLog
    views: Views[Docket]
    telemetry: Telemetry
    settings: CheckerSettings
    index: str
    folder: Path
    stopping: bool = False
    turns: Turns = field(init=False)
    _idle: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _waiting: dict[ProjectKey, Waiting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.turns = Turns(self.nats, "checker")

    async def listen(self) -> None:
        """Hear of every change when it is stored."""
        for kind in CHANGES:
            await heard(self.nats, kind, self._hear)
        await heard(self.nats, CompatibilityStarted.KIND, self._begun)
        await heard(self.nats, CompatibilityChecked.KIND, self._answered)

    def stop(self) -> None:
        """Give up what is under way: it is delivered again."""
        self.stopping = True
        for waiting in self._waiting.values():
            waiting.hear(0)

    async def handle(self, delivery: Delivery) -> Outcome:
        """One change to the verdict on everything."""
        change = open_event(delivery.body)
        self.views.offer(Record(delivery.position, change.key, change.data.KIND, delivery.body, change))
        waiting = self._taken_up(change.key)
        try:
            with self.telemetry.span("process solve", change.traceparent) as traceparent:
                provenance = whence(change.id, change.correlationid, traceparent)
                outcome = await self._handle(delivery, change, waiting, provenance)
        finally:
            waiting.hands, waiting.last = waiting.hands - 1, _time()
        if self.stopping:
            return Later(0.1)
        if outcome is None:
            return Done()
        self._waiting.pop(change.key, None)
        return outcome

    def _taken_up(self, key: ProjectKey) -> Waiting:
        """What is known of a project that waits. What another replica has answered for is forgotten in the end."""
        present = _time()
        for other, waiting in tuple(self._waiting.items()):
            if not waiting.hands and present - waiting.last > LONGEST:
                del self._waiting[other]
        waiting = self._waiting.setdefault(key, Waiting(present))
        waiting.hands += 1
        return waiting

    async def _handle(
        self, delivery: Delivery, change: EventEnvelope, waiting: Waiting, provenance: Provenance
    ) -> Outcome | None:
        """None when a later change has come, and answers for this one."""
        key = change.key
        if _time() - waiting.since < MOST_PATIENT and not await self._unless_later(waiting, delivery, _silence()):
            return None
        must = waiting.must
        while not self.stopping:
            # Waits for the direct verdict, while others have their turn.
            asked = await self._question(key, change.sequence, must=must)
            if not isinstance(asked, Asked):
                return asked
            async with self._idle:
                turn = await self.turns.take(key)
                if turn is not None:
                    async with turn.held():
                        return await self._run(delivery, change, waiting, provenance, must=must)
            await asyncio.sleep(TURN_AGAIN)  # noqa: TID251 - another replica has it, and tells nobody when it ends
        return None

    async def _run(
        self, delivery: Delivery, change: EventEnvelope, waiting: Waiting, provenance: Provenance, *, must: bool
    ) -> Outcome | None:
        """Ask about what stands now, and write down what is found. None as for ``_handle``."""
        key = change.key
        asked = await self._question(key, change.sequence, must=must)
        if not isinstance(asked, Asked):
            return asked
        moment = now() if self.settings.index_dated else None
        said = written(moment) if moment else None
        await self._write(
            key, provenance, partial(transitive.started, asked=asked, index=public(self.index), exclude_newer=said)
        )
        began, work = perf_counter(), self._ask(key, asked, moment)
        answer = await (work if must else self._unless_later(waiting, delivery, work))
        self._told(key, asked, answer, perf_counter() - began)
        if answer is None:
            return None
        answered = Answered(asked, answer, public(self.index))
        for _ in range(MOST_WORDS):
            told = await self._write(key, provenance, partial(transitive.next_word, answered=answered))
            if told is None or told.kind == CompatibilityChecked.KIND:
                break
        if answered.verdict == "unknown":
            return Later(self.settings.solver_retry_seconds * STEPS[min(delivery.tries, len(STEPS)) - 1])
        return Done()

    async def _question(self, key: ProjectKey, sequence: int, *, must: bool) -> Asked | Outcome | None:
        """What stands declared, when the direct check has judged all of it; an outcome where nothing need be asked.

        None when a later change has come; but then what stands now is asked about, if that ``must`` be.
        """
        until = _time() + MOST_PATIENT
        while _time() < until:
            async with self.views.hold(key) as view:
                await self.views.catch_up(view)
                docket = view.state
                if docket.changed > sequence and not must:
                    return None
                if not docket.pending:
                    settled = transitive.is_settled(docket, docket.changed)
                    return Done() if settled else transitive.question(docket)
            await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - another replica may judge it, and tells nobody
        LOG.warning("not_judged_yet", project=str(key), sequence=sequence)
        return Later(PATIENT)

    async def _ask(self, key: ProjectKey, asked: Asked, moment: datetime | None) -> Resolution:
        settings = self.settings
        limits = Limits(seconds=settings.solver_seconds, memory_mib=settings.solver_memory_mib)
        declarations = await asyncio.to_thread(asked.declarations)
        with telling(self.nats, key, asked.sequence) as progress:
            return await resolve(
                declarations,
                asked.targets,
                index=self.index,
                exclude_newer=moment,
                limits=limits,
                cache=self.folder,
                progress=progress,
            )

    def _told(self, key: ProjectKey, asked: Asked, answer: Resolution | None, seconds: float) -> None:
        verdict = answer.verdict if answer else "stale"
        SOLVING.labels(verdict).observe(seconds)
        LOG.info("solved", project=str(key), sequence=asked.sequence, verdict=verdict, seconds=round(seconds, 3))

    async def _unless_later(self, waiting: Waiting, delivery: Delivery, work: Awaitable[T]) -> T | None:
        """What the work gives; None when a later change of the project, or the end, comes before it."""
        limit = asyncio.timeout(0 if waiting.heard > delivery.position or self.stopping else None)
        try:
            async with limit:
                waiting.limit = limit
                return await work
        except TimeoutError:
            if not limit.expired():
                raise
            return None
        finally:
            waiting.limit = None

    async def _write(
        self, key: ProjectKey, provenance: Provenance, word: Callable[[Docket], Event | None]
    ) -> Record | None:
        def rule(view: View[Docket]) -> tuple[Event, Provenance] | None:
            event = word(view.state)
            return (event, provenance) if event else None

        record = await Decider(self.log, self.views, stamp).decide(key, rule)
        if record is not None:
            LOG.info(record.kind, correlation=provenance.correlation, project=str(key), position=record.position)
        return record

    def _hear(self, key: ProjectKey, position: int) -> None:
        if waiting := self._waiting.get(key):
            waiting.hear(position)

    def _begun(self, key: ProjectKey, _: int) -> None:
        """A run has begun, whoever does it."""
        waiting = self._waiting.setdefault(key, Waiting(_time()))
        waiting.begun, waiting.last = waiting.begun + 1, _time()

    def _answered(self, key: ProjectKey, _: int) -> None:
        """The project has a verdict, by whomever: what comes now is not part of what never ceased."""
        if waiting := self._waiting.get(key):
            waiting.since, waiting.begun = _time(), 0


class Solving(Worker):
    """The loop of a solver."""

    def __init__(self, nats: MendedClient, solver: Solver) -> None:
        super().__init__(nats, "checker", "PSMP_LOG", "solver", solver.handle, lane, limit=MOST_OPEN)
        self._solver = solver

    async def run(self) -> None:
        """See ``Loop``."""
        await self._solver.listen()
        await super().run()

    def stop(self) -> None:
        """See ``Loop``."""
        super().stop()
        self._solver.stop()


async def _silence() -> bool:
    await asyncio.sleep(QUIET)  # noqa: TID251 - a burst is asked about once
    return True


def _time() -> float:
    return asyncio.get_running_loop().time()
