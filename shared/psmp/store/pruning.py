"""Prunes what retention is due for: in the log, which says so itself, in the ledger, and wherever else bodies lie."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.decider import Decider
from psmp.log.jetstream import STREAM
from psmp.log.pruned import Pruning, last_pruning
from psmp.log.snapshots import EVERY
from psmp.log.snapshots import STREAM as SNAPSHOTS
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.retention import Glance, Run, is_held, prune
from psmp.store import retention
from psmp.store.pool import Pool
from psmp.store.retention import Archived, Bodies
from psmp.wire.administration import ask
from psmp.wire.keyring import Undeletable, delete, every
from psmp.words import subjects
from psmp.words.envelope import Provenance, open_event
from psmp.words.events import Event
from psmp.words.ids import ProjectKey

COMMANDS: Final = "PSMP_COMMANDS"
LETTERS: Final = "PSMP_DLQ"
PAGE: Final = 256
"""So many messages are erased before it is looked again whether a hold was placed."""
_LOOK: Final = 0.05
_PURGED_WITHIN: Final = 30.0


class Behind(RuntimeError):
    """What is to be pruned is not recorded or not signed yet; nothing is taken away before."""

    def __init__(self, key: ProjectKey, what: str) -> None:
        super().__init__(f"{key}: it is recorded that it is pruned, but {what}")
        self.hint = "see psmp doctor; the same command goes on with it"


class Left(NamedTuple):
    """How many bodies there are of what was or is to be pruned, place by place."""

    log: int = 0
    ledger: int = 0
    events: int = 0
    messages: int = 0
    """Commands and dead letters."""

    def __sub__(self, other: "Left") -> "Left":
        return Left(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Seen(NamedTuple):
    """An archived project as it was found."""

    glance: Glance
    left: Left


@dataclass(frozen=True, slots=True)
class Pruner:
    """Prunes as the NATS user ``retention`` and the owner of the tables; ``look`` needs no more than to read.

    ``patience`` is for how many seconds it waits until what is to be pruned is recorded and signed.
    """

    nats: Client
    pool: Pool
    decider: Decider[Project | None]
    patience: float = 60.0

    async def prune(self, found: Archived, days: int | None, run: Run) -> bool:
        """Prune one project, or go on where another run was cut off; whether all that was due is gone.

        1. what is pruned, by whose word and why is recorded in the project's log, on condition that it is as it was
           read: a hold that was placed before is honoured, whoever was first;
        2. ledger and projection have taken that in, and a checkpoint covers it;
        3. bodies go from ledger and projection, in one transaction that records it;
        4. snapshots are purged, for any may hold what was folded;
        5. the log's messages are overwritten and deleted, the last one first: what a reader finds is a beginning, and
           then the event that says what is gone;
        6. so are commands that were sent before, and dead letters about them.

        Before each step, and now and then within one, it is seen whether a hold was placed since; then what is left
        stays. Raises ``Behind``, ``Undeletable``, nats errors, the log's and asyncpg's.
        """
        key = found.key
        await require_erasable(self.nats)

        def rule(view: View[Project | None]) -> tuple[Event, Provenance] | None:
            event = prune(view.state, days, run)
            return (event, run.provenance) if event else None

        await self.decider.decide(key, rule)  # 1
        pruning = await last_pruning(self.nats, key)
        if pruning is None:
            return False
        await self._recorded(key, pruning)  # 2
        event = pruning.event
        if await self._held(key, pruning):
            return False
        await retention.prune(self.pool, key, event.upto, event.approver, event.reason)  # 3
        await self._purge_snapshots(key, event.upto)  # 4
        return await self._erase(key, pruning)  # 5, 6

    async def look(self, found: Archived) -> Seen:
        """How an archived project stands."""
        key = found.key
        known = await retention.recorded(self.pool, key)
        pruning = await last_pruning(self.nats, key)
        upto = pruning.event.upto if pruning else 0
        left = await self._left(key, pruning, upto) if pruning else Left()
        is_left = any(left)
        glance = Glance(
            found.since,
            known.sequence,
            pruned=upto,
            held=await self._held(key, pruning),
            left=is_left,
            signed=known.signed > 0,
        )
        if not is_left:
            left = await self._left(key, pruning, glance.upto) if glance.upto > upto else Left()
        return Seen(glance, left)

    async def _left(self, key: ProjectKey, pruning: Pruning | None, upto: int) -> Left:
        """What there is of the events up to a number, and of commands that were sent before."""
        stored: Bodies = await retention.bodies(self.pool, key, upto)
        is_done = pruning is not None and pruning.event.upto == upto
        before = pruning.position if pruning and is_done else 0
        until = pruning if is_done else None
        messages = len(await self._commands(key, until)) + len(await self._letters(key, until))
        return Left(len(await self._logged(key, before)), stored.ledger, stored.events, messages)

    async def _logged(self, key: ProjectKey, before: int) -> Sequence[int]:
        """The positions of a project's messages before a position; 0 for all."""
        found = await every(self.nats, STREAM, subjects.log_of(key))
        return [place for message in found if (place := _position(message)) < before or not before]

    async def _held(self, key: ProjectKey, pruning: Pruning | None) -> bool:
        """Whether a hold lies on it. What was said before it was pruned was heeded then, and may be half gone."""
        after = pruning.position if pruning else 0
        said = await every(self.nats, STREAM, subjects.log(key, "hold.*"))
        return is_held(open_event(message.data).data for message in said if _position(message) > after)

    async def _recorded(self, key: ProjectKey, pruning: Pruning) -> None:
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.patience
        while True:
            is_taken = await retention.is_taken_in(self.pool, pruning.position)
            if is_taken and (await retention.recorded(self.pool, key)).signed >= pruning.envelope.sequence:
                return
            if clock() > deadline:
                what = "no checkpoint covers that" if is_taken else "ledger or projection has not taken that in"
                raise Behind(key, f"{what} after {self.patience:g} s")
            await asyncio.sleep(_LOOK)  # noqa: TID251 - services do it, and tell nobody

    async def _purge_snapshots(self, key: ProjectKey, upto: int) -> None:
        """Their files keep what was replaced, too. A snapshot is a short cut: the log is read instead."""
        body = {"subjects_filter": f"psmp.snap.*.{key.tenant}.{key.project}"}
        said = await ask(self.nats, f"STREAM.INFO.{SNAPSHOTS}", body)
        if upto >= EVERY or said.get("state", {}).get("subjects"):
            await ask(self.nats, f"STREAM.PURGE.{SNAPSHOTS}", within=_PURGED_WITHIN)

    async def _erase(self, key: ProjectKey, pruning: Pruning) -> bool:
        work = [(STREAM, position) for position in reversed(await self._logged(key, pruning.position))]
        work += [(COMMANDS, position) for position in await self._commands(key, pruning)]
        work += [(LETTERS, position) for position in await self._letters(key, pruning)]
        for number, (stream, position) in enumerate(work):
            if number % PAGE == 0 and await self._held(key, pruning):
                return False
            await delete(self.nats, stream, position)
        return True

    async def _commands(self, key: ProjectKey, pruning: Pruning | None) -> Sequence[int]:
        """Commands for the project that have their outcome, and were sent before it was pruned."""
        sent = await every(self.nats, COMMANDS, f"psmp.cmd.{key.tenant}.{key.project}.>")
        if not sent:
            return []
        said = await ask(self.nats, f"CONSUMER.INFO.{COMMANDS}.intake", {})
        decided = int(said.get("ack_floor", {}).get("stream_seq", 0))
        return [place for each in sent if _is_before(each, pruning) and (place := _position(each)) <= decided]

    async def _letters(self, key: ProjectKey, pruning: Pruning | None) -> Sequence[int]:
        found = await every(self.nats, LETTERS, f"{subjects.DEAD}.*.{key.tenant}.{key.project}.>")
        return [_position(each) for each in found if _is_before(each, pruning)]


async def require_erasable(nats: Client) -> None:
    """Raises ``Undeletable`` where the log was made by an older version, and lets nobody delete anything."""
    said = await ask(nats, f"STREAM.INFO.{STREAM}", {})
    if said.get("config", {}).get("deny_delete"):
        raise Undeletable(STREAM, "it was made so, and NATS does not take that back")


def _position(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _is_before(message: Msg, pruning: Pruning | None) -> bool:
    if pruning is None:
        return True
    stamp = (message.headers or {})["Nats-Time-Stamp"]
    sent = datetime.fromisoformat(stamp.rstrip("Z")[:26]).replace(tzinfo=UTC)
    return sent <= datetime.fromisoformat(pruning.envelope.time)
