"""The audit writer's answering half: a checkpoint that covers what is named, made at once where there is none.

Every replica hears a question. The one that makes checkpoints answers it; the others do where it is in Postgres, and
else say, later than that one would, that nobody has made one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.log.jetstream import STREAM, get
from psmp.service.statistics import Statistics
from psmp.store.chain import Claim
from psmp.store.pool import AWAY, Pool, told
from psmp.store.statements import load
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import CheckpointQuestion, Problem, SignedCheckpoint
from psmp.words.ids import ProjectKey
from psmp.words.values import Word
from psmp_audit.checkpoints import Checkpoints
from psmp_audit.growth import Growth
from psmp_audit.orders import Orders, Refused, told_of

LOG: Final = structlog.get_logger()
SQL: Final = load(__file__)
MOST_WAITING: Final = 4096
"""So many questions are heard at once; who is not heard asks again."""

_AT_ONCE: Final = 32
_WITHIN: Final = 2.0
_ELSEWHERE: Final = 4.0
_UNRECORDED: Final = 0.5
_UNAVAILABLE: Final = "UNAVAILABLE"


class Questions:
    """Answers ``psmp.qry.<tenant>.<agent>.checkpoint``; ``trouble`` says why no checkpoints are made now, if so."""

    def __init__(
        self,
        nats: MendedClient,
        pool: Pool,
        growth: Growth,
        orders: Orders,
        checkpoints: Checkpoints,
        trouble: Callable[[], str],
    ) -> None:
        self._nats, self._pool, self._growth, self._orders = nats, pool, growth, orders
        self._checkpoints, self._trouble = checkpoints, trouble
        self._stopping = asyncio.Event()
        self._looking = asyncio.Semaphore(_AT_ONCE)
        self._group: asyncio.TaskGroup | None = None
        self._ending: asyncio.Task[None] | None = None
        self._waiting = self._answered = 0

    async def run(self) -> None:
        """See ``Loop``."""
        subject = subjects.question("*", "*", "checkpoint")
        subscription = await self._nats.subscribe(subject, cb=self._arrive)
        async with asyncio.TaskGroup() as self._group:
            self._ending = self._group.create_task(self._end())
            await self._ending
            if self._nats.is_connected:
                await subscription.unsubscribe()

    async def _end(self) -> None:
        await self._stopping.wait()

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("questions", self._answered)

    async def _arrive(self, message: Msg) -> None:
        if self._group is not None and message.reply and self._waiting < MOST_WAITING:
            self._waiting += 1
            self._group.create_task(self._answer(message))

    async def _answer(self, message: Msg) -> None:
        try:
            answer = await self._find(message.subject.split(".")[2], message.data)
            await self._nats.publish(message.reply, answer.model_dump_json().encode())
            self._answered += 1
        except NatsError as error:
            LOG.warning("not_answered", subject=message.subject, error=str(error) or type(error).__name__)
        finally:
            self._waiting -= 1

    async def _find(self, tenant: str, body: bytes) -> Word:
        try:
            question = CheckpointQuestion.model_validate_json(body)
        except ValidationError as error:
            return Problem(code="MALFORMED", reason=str(error), hint="see the question's schema")
        try:
            return await self._checkpoint(ProjectKey(tenant, question.project), question.at_least)
        except Refused as error:
            return _stopped(str(error))
        except (NatsError, *AWAY) as error:
            return _unavailable(f"the audit writer cannot look: {told(error)}")

    async def _checkpoint(self, key: ProjectKey, at_least: int | None) -> SignedCheckpoint | Problem:
        """The newest that covers so much, as soon as there is one."""
        has = await self._recorded(key) if at_least is None else 0
        wanted = at_least or has
        if not wanted:
            return _unknown(key)
        with self._orders.placing(key, wanted) as made:
            async with self._looking:
                row = await self._pool.fetchrow(SQL["covering"], *key, wanted)
            if row is not None:
                return told_of(key.project, tuple(row))
            if refusal := self._checkpoints.refusal(key):
                return _stopped(refusal)
            has = has or await self._recorded(key)
            either: set[asyncio.Future[Any]] = {made, self._ending} if self._ending else {made}
            await asyncio.wait(either, timeout=self._patience(has, wanted), return_when=asyncio.FIRST_COMPLETED)
            if made.done():
                return made.result()
        return self._in_vain(key, wanted, await self._recorded(key))

    def _patience(self, has: int, wanted: int) -> float:
        """For how long to wait: less for what the log does not have, which a replica of it may just not have yet."""
        if has < wanted:
            return _UNRECORDED
        return _WITHIN if self._growth.followed else _ELSEWHERE

    def _in_vain(self, key: ProjectKey, wanted: int, has: int) -> Problem:
        if not has:
            return _unknown(key)
        if has < wanted:
            reason = f"the log of {key} has {has} record{'s' * (has > 1)}, none of number {wanted}"
            hint = f"ask for a checkpoint that covers at most record {has}"
            return Problem(code="NOT_RECORDED", reason=reason, hint=hint)
        return _unavailable(self._trouble() or f"no checkpoint covers record {wanted} of {key} yet")

    async def _recorded(self, key: ProjectKey) -> int:
        """How many records the project's log has."""
        last = await get(self._nats, STREAM, {"last_by_subj": subjects.log_of(key)})
        claim = Claim.read(last.data) if last else None
        return claim.sequence if claim else 0


def _unknown(key: ProjectKey) -> Problem:
    return Problem(
        code="UNKNOWN_PROJECT", reason=f"there is no project {key.project}", hint="`psmp projects` lists yours"
    )


def _stopped(text: str) -> Problem:
    reason = f"no checkpoint of it is made any more: {text}"
    return Problem(
        code="CHECKPOINTS_STOPPED", reason=reason, hint="psmp verify says what was changed: docs/recovery.md"
    )


def _unavailable(reason: str) -> Problem:
    return Problem(code=_UNAVAILABLE, reason=reason, hint="psmp doctor shows what is away; then ask again")
