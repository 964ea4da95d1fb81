"""Follows the log into Postgres: every record once, in order, its effect and its position in one transaction.

The position in Postgres is the truth; the broker's idea of what was acknowledged is only a hint. So whenever following
begins, and after any trouble, the consumer is set back to what Postgres says.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Generic

import asyncpg
import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.log.jetstream import STREAM, direct_get
from psmp.log.port import Damaged, Record, Unreachable
from psmp.service.statistics import Statistics
from psmp.service.telemetry import Telemetry
from psmp.store.arrivals import Arrivals
from psmp.store.pool import AWAY, Connection, Pool
from psmp.store.restore.standing import Regressed
from psmp.store.sink import P, Sink
from psmp.store.statements import load
from psmp.wire.mended import MendedClient
from psmp.wire.pull import ConsumerLost, Puller
from psmp.wire.settle import Delivery
from psmp.words import subjects
from psmp.words.envelope import leaf_hash
from psmp.words.faults import told
from psmp.words.ids import ProjectKey

LOG: Final = structlog.get_logger()
SQL: Final = load(__file__)
LARGEST_BATCH: Final = 1000
LINGER: Final = 0.05
_SHORTEST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_STANDBY: Final = 1.0
_IDLE: Final = 1.0
_INDIGESTIBLE: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class LogWentBack(Exception):
    """The log no longer holds what was taken in from it: nothing more is taken in until it does again."""

    def __init__(self, position: int, found: str) -> None:
        super().__init__(f"the log has gone back in time: at position {position}, which was taken in, it has {found}")
        self.position = position
        self.hint = "psmp doctor says what is missing; docs/recovery.md"


class Superseded(Exception):
    """Somebody else has changed what is ours to keep in Postgres; start over from there."""


_EXPECTED: Final = (*AWAY, NatsError, Unreachable, ConsumerLost, LogWentBack, Regressed, Superseded)
"""What is in the way for a while, and is nobody's fault here."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log was taken in, and the leaf hash (hex) of the record there."""

    position: int = 0
    leaf: str = ""


@dataclass(frozen=True, slots=True)
class _Batch(Generic[P]):
    """Deliveries that follow each other, and what is to be written for them."""

    deliveries: Sequence[Delivery]
    records: Sequence[Record]
    plan: P
    damages: Sequence[Damaged]

    @property
    def after(self) -> Mark:
        return _mark(self.deliveries[-1])


class Follower(Generic[P]):
    """A ``Loop`` that takes the log in, through the durable consumer that is named as its sink.

    Of several processes with the same sink one follows and the others stand by. A project whose log is damaged, or
    whose records Postgres will not take or nobody here can handle, is stopped and recorded in ``psmp.damage``; the
    others go on. Postgres or NATS away: it tries again for ever, says so in its statistics, and nothing is lost.
    ``before`` is asked each time before it begins to follow, also after each new connection to NATS; it may raise
    ``Regressed``.
    """

    def __init__(
        self,
        nats: MendedClient,
        pool: Pool,
        sink: Sink[P],
        telemetry: Telemetry,
        *,
        batch: int = LARGEST_BATCH,
        linger: float = LINGER,
        before: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> None:
        self._nats, self._pool, self._sink, self._telemetry = nats, pool, sink, telemetry
        self._before = before
        self._arrivals = Arrivals(batch, linger)
        self._open_at_most = 4 * batch
        self._stopping = asyncio.Event()
        self._damaged: set[ProjectKey] = set()
        self._mark = Mark()
        self._apart = False
        self._pause = _SHORTEST_PAUSE
        self._trouble = "has not begun to follow"
        self._taken = 0
        self._behind = 0

    @property
    def position(self) -> int:
        """The position up to which the log was taken in, by this process or before it."""
        return self._mark.position

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            try:
                async with self._pool.acquire() as connection, _given_up(connection):
                    await self._follow(connection)
            except* _EXPECTED as group:
                self._sink.rest()
                self._complain(group)
            except* Exception as group:  # a fault of ours: found out about by itself, it stops its own project alone
                self._sink.rest()
                LOG.exception("follower_failed", follower=self._sink.name)
                self._complain(group)
                self._apart = True
            await self._wait(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()
        self._arrivals.close()

    def describe(self) -> Statistics:
        """See ``Loop``; ``waiting`` is how many records were not taken in yet."""
        waiting = self._behind + len(self._arrivals)
        trouble = self._trouble if self._nats.is_connected else "not connected to NATS"
        stopped = frozenset(self._damaged)
        return Statistics(self._sink.name, self._taken, waiting=waiting, trouble=trouble, stopped=stopped)

    async def _follow(self, connection: Connection) -> None:
        """Follow until told to stop, or until something is in the way."""
        if not await self._is_first(connection):
            return
        reconnects = self._nats.stats["reconnects"]
        if self._before is not None:
            await self._before(connection)
        await connection.execute(f"SET synchronous_commit = {'on' if self._sink.durable else 'off'}")
        await self._open(connection)
        await self._stand_firm()
        await self._set_back()
        self._trouble = ""
        puller = Puller(self._nats, STREAM, self._sink.name, self._arrivals.put, limit=self._open_at_most)
        async with asyncio.TaskGroup() as group:
            group.create_task(puller.run())
            try:
                await self._work(connection, puller, group, reconnects)
            finally:
                puller.stop()

    async def _is_first(self, connection: Connection) -> bool:
        """Wait until no other process follows with the same sink; False when told to stop before."""
        while not self._stopping.is_set():
            if await connection.fetchval(SQL["lock"], self._sink.name):
                return True
            self._trouble = ""
            await self._wait(_STANDBY)
        return False

    async def _open(self, connection: Connection) -> None:
        row = await connection.fetchrow(SQL["mark"], self._sink.name)
        self._mark = Mark(row["position"], (row["leaf"] or b"").hex()) if row else Mark()
        self._damaged = {ProjectKey(*each) for each in await connection.fetch(SQL["damaged"], self._sink.name)}
        await self._sink.open()

    async def _stand_firm(self) -> None:
        """Raise ``LogWentBack`` unless the log still has, where we left off, the bytes that were there then."""
        if self._mark.position == 0:
            return
        message = await self._first_from(self._mark.position)
        if message is None or _position(message) != self._mark.position:
            raise LogWentBack(self._mark.position, "nothing")
        if leaf_hash(message.data) != self._mark.leaf:
            raise LogWentBack(self._mark.position, "other bytes")

    async def _set_back(self) -> None:
        """Have the consumer begin right behind our position. What was sent to us before goes to nobody any more."""
        reset = await self._nats.jetstream().reset_consumer(STREAM, self._sink.name, seq=self._mark.position + 1)
        self._arrivals.clear()
        self._behind = reset.info.num_pending or 0

    async def _work(self, connection: Connection, puller: Puller, group: asyncio.TaskGroup, reconnects: int) -> None:
        """Take in what arrives, until told to stop or until records are missing between what arrived.

        A new connection may be one to a server that has lost something: it is looked at before anything is taken in.

        While one batch is being written the next is planned.
        """
        last = self._mark.position
        writing: asyncio.Task[None] | None = None
        whole = True
        while whole and not self._stopping.is_set():
            arrived = await self._arrivals.take(within=_IDLE)
            if self._nats.stats["reconnects"] != reconnects:
                return
            if not arrived and (writing is None or writing.done()):
                await self._look(connection)
            ordered, whole = await self._in_order(arrived, last)
            puller.release(len(arrived) - len(ordered))
            if not ordered:
                continue
            last = ordered[-1].position
            if self._apart:
                await self._take_in_apart(connection, ordered)
                puller.release(len(ordered))
                continue
            batch = await self._plan(ordered)
            if writing is not None:
                await writing
            writing = group.create_task(self._write(connection, puller, batch))

    async def _look(self, connection: Connection) -> None:
        """While nothing comes: see whether Postgres is there, and whether all is still as we left it."""
        row = await connection.fetchrow(SQL["mark"], self._sink.name)
        if row is None or (row["position"], row["stopped"]) != (self._mark.position, len(self._damaged)):
            raise Superseded(f"the position of {self._sink.name}, or what it has stopped, was changed in Postgres")

    async def _in_order(self, arrived: Iterable[Delivery], last: int) -> tuple[list[Delivery], bool]:
        """The deliveries behind ``last`` that follow each other without a gap; False when something is missing then.

        What the stream itself lacks is not missing here: each project's own chain tells whether that did damage.
        """
        ordered: list[Delivery] = []
        for delivery in arrived:
            if delivery.position <= last:
                continue
            if delivery.position > last + 1:
                stored = await self._first_from(last + 1)
                if stored is None or _position(stored) != delivery.position:
                    return ordered, False
                await self._tell_of_gap(last, delivery.position)
            ordered.append(delivery)
            last = delivery.position
        return ordered, True

    async def _tell_of_gap(self, after: int, before: int) -> None:
        is_pruned = await self._pool.fetchval(SQL["pruned_between"], after, before)
        tell = LOG.info if is_pruned else LOG.critical
        tell("log_was_pruned" if is_pruned else "log_lacks_positions", after=after, before=before)

    async def _first_from(self, position: int) -> Msg | None:
        request = {"seq": position, "batch": 1, "next_by_subj": f"{subjects.LOG}.>"}
        return next(iter(await direct_get(self._nats, STREAM, request)), None)

    async def _plan(self, deliveries: Sequence[Delivery]) -> _Batch[P]:
        records = [record for record in map(_record, deliveries) if record.key not in self._damaged]
        with self._telemetry.batch(f"process {self._sink.name}", (record.body for record in records)):
            plan, damages = await self._sink.plan(records)
        self._damaged.update(damage.key for damage in damages)
        return _Batch(deliveries, records, plan, damages)

    async def _write(self, connection: Connection, puller: Puller, batch: _Batch[P]) -> None:
        try:
            async with connection.transaction():
                await self._advance(connection, batch.after)
                await self._sink.write(connection, batch.plan)
                await self._stop_projects(connection, batch.records, batch.damages)
        except _INDIGESTIBLE:
            self._apart = True
            raise
        await self._written(batch.deliveries)
        puller.release(len(batch.deliveries))

    async def _take_in_apart(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        """Take in each project's records by themselves, so that only those are stopped that Postgres will not take."""
        records = [record for record in map(_record, deliveries) if record.key not in self._damaged]
        damages: list[Damaged] = []
        async with connection.transaction():
            await self._advance(connection, _mark(deliveries[-1]))
            for key in dict.fromkeys(record.key for record in records):
                part = [record for record in records if record.key == key]
                try:
                    plan, found = await self._sink.plan(part)
                    damages.extend(found)
                    async with connection.transaction():
                        await self._sink.write(connection, plan)
                except _INDIGESTIBLE as error:
                    damages.append(Damaged(key, part[0].position, f"Postgres does not take it: {told(error)}"))
                except _EXPECTED:
                    raise
                except Exception as error:
                    LOG.exception("handler_failed", follower=self._sink.name, project=str(key))
                    why = f"it cannot be taken in: {type(error).__name__}: {told(error)}"
                    damages.append(Damaged(key, part[0].position, why))
            await self._stop_projects(connection, records, damages)
        self._damaged.update(damage.key for damage in damages)
        self._apart = False
        await self._written(deliveries)

    async def _advance(self, connection: Connection, after: Mark) -> None:
        moved = await connection.fetchval(
            SQL["advance"], self._sink.name, self._mark.position, after.position, bytes.fromhex(after.leaf)
        )
        if not moved:
            raise Superseded(f"the position of {self._sink.name} in Postgres is no longer {self._mark.position}")

    async def _stop_projects(
        self, connection: Connection, records: Iterable[Record], damages: Iterable[Damaged]
    ) -> None:
        bodies = {record.position: record.body for record in records} if damages else {}
        for damage in damages:
            LOG.critical("log_damaged", follower=self._sink.name, error=str(damage), hint=damage.hint)
            body = bodies.get(damage.position, b"")
            await connection.execute(SQL["stop"], self._sink.name, *damage.key, damage.position, str(damage), body)

    async def _written(self, deliveries: Sequence[Delivery]) -> None:
        """It is in Postgres: remember that, and tell the broker."""
        last = deliveries[-1]
        self._mark = _mark(last)
        self._taken += len(deliveries)
        self._behind = last.behind
        self._pause = _SHORTEST_PAUSE
        await self._nats.publish(last.message.reply, b"+ACK")

    def _complain(self, group: BaseExceptionGroup[BaseException]) -> None:
        trouble = "; ".join(dict.fromkeys(told(error) for error in _leaves(group)))
        if trouble != self._trouble:
            LOG.warning("cannot_follow", follower=self._sink.name, error=trouble)
        self._trouble = trouble

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


@asynccontextmanager
async def _given_up(connection: Connection) -> AsyncIterator[None]:
    """After any trouble the connection is dropped: nobody waits for what it was in the middle of."""
    try:
        yield
    except BaseException:
        with suppress(asyncpg.InterfaceError):  # the pool may have taken it back already
            connection.terminate()
        raise


def _record(delivery: Delivery) -> Record:
    key, kind = subjects.read_log(delivery.subject)
    return Record(delivery.position, key, kind, delivery.body)


def _mark(delivery: Delivery) -> Mark:
    return Mark(delivery.position, leaf_hash(delivery.body))


def _position(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
