"""The audit writer's answering half: a checkpoint that covers what is named, made at once where there is none.

Every replica hears a question. The one that makes checkpoints answers it; the others do where it is in Postgres, and
else say, later than that one would, that nobody has made one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from nats.errors import Error as NatsError

from psmp.log.jetstream import STREAM, get
from psmp.service.answering import Answering, Asked, no_project, unavailable
from psmp.store.chain import Claim
from psmp.store.pool import AWAY, Pool
from psmp.store.statements import load
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import CheckpointQuestion, Problem, SignedCheckpoint
from psmp.words.faults import told
from psmp.words.ids import ProjectKey
from psmp.words.values import Word
from psmp_audit.checkpoints import Checkpoints
from psmp_audit.growth import Growth
from psmp_audit.orders import Orders, Refused, told_of

SQL: Final = load(__file__)
_AT_ONCE: Final = 32
_WITHIN: Final = 2.0
_ELSEWHERE: Final = 4.0
_UNRECORDED: Final = 0.5


class Questions:
    """Finds what is asked on ``psmp.qry.<tenant>.<agent>.checkpoint``.

    ``trouble`` says why no checkpoints are made now, if so.
    """

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
        self._looking = asyncio.Semaphore(_AT_ONCE)

    def answering(self) -> Answering:
        """The loop that answers them. Who waits for a checkpoint takes no place from those who look for one."""
        return Answering(self._nats, subjects.AUDITS, self._find)

    async def _find(self, asked: Asked) -> Word:
        question = asked.read(CheckpointQuestion)
        try:
            return await self._checkpoint(ProjectKey(asked.tenant, question.project), question.at_least, asked.ending)
        except Refused as error:
            return _stopped(str(error))
        except (NatsError, *AWAY) as error:
            return unavailable(f"the audit writer cannot look: {told(error)}")

    async def _checkpoint(
        self, key: ProjectKey, at_least: int | None, ending: asyncio.Future[Any]
    ) -> SignedCheckpoint | Problem:
        """The newest that covers so much, as soon as there is one."""
        has = await self._recorded(key) if at_least is None else 0
        wanted = at_least or has
        if not wanted:
            return no_project(key.project)
        with self._orders.placing(key, wanted) as made:
            async with self._looking:
                row = await self._pool.fetchrow(SQL["covering"], *key, wanted)
            if row is not None:
                return told_of(key.project, tuple(row))
            if refusal := self._checkpoints.refusal(key):
                return _stopped(refusal)
            has = has or await self._recorded(key)
            either: set[asyncio.Future[Any]] = {made, ending}
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
            return no_project(key.project)
        if has < wanted:
            reason = f"the log of {key} has {has} record{'s' * (has > 1)}, none of number {wanted}"
            hint = f"ask for a checkpoint that covers at most record {has}"
            return Problem(code="NOT_RECORDED", reason=reason, hint=hint)
        return unavailable(self._trouble() or f"no checkpoint covers record {wanted} of {key} yet")

    async def _recorded(self, key: ProjectKey) -> int:
        """How many records the project's log has."""
        last = await get(self._nats, STREAM, {"last_by_subj": subjects.log_of(key)})
        claim = Claim.read(last.data) if last else None
        return claim.sequence if claim else 0


def _stopped(text: str) -> Problem:
    reason = f"no checkpoint of it is made any more: {text}"
    return Problem(
        code="CHECKPOINTS_STOPPED", reason=reason, hint="psmp verify says what was changed: docs/recovery.md"
    )
