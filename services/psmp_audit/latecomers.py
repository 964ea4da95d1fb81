"""The newest checkpoint of every project, cosigned also where a witness was away then, or came only later.

What is signed while logs change is cosigned at once, or not (``psmp_audit.witnesses``). A log that rests gets no other
checkpoint; so the newest ones are gone through, a few a second, and those that lack a witness are shown to it again.
Which they are stands in Postgres: nothing is to be remembered.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import structlog

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Note, Verifier
from psmp.service.clock import now
from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.store.pool import AWAY, Pool
from psmp.store.statements import load
from psmp.words.faults import told
from psmp.words.ids import ProjectKey
from psmp_audit.desk import Signed
from psmp_audit.growth import Growth
from psmp_audit.witnesses import Witnesses

LOG: Final = structlog.get_logger()
SQL: Final = load(__file__)
PAGE: Final = 256
MOST: Final = 32
"""So many are shown at a time."""
PAUSE: Final = 1.0
"""Seconds between two such times."""
AGAIN: Final = 30.0
"""Seconds until all are gone through once more."""

_BEGIN: Final = ProjectKey("", "")


class Lacking(NamedTuple):
    """A stored checkpoint that ``witnesses`` have cosigned, fewer than there are; ``signed`` is without theirs."""

    signed: Signed
    witnesses: int


class Latecomers:
    """A ``Loop`` that works where checkpoints are made, with ``count`` witnesses whose keys are ``keys``."""

    def __init__(
        self,
        pool: Pool,
        growth: Growth,
        witnesses: Witnesses,
        keys: Collection[Verifier],
        count: int,
        *,
        pause: float = PAUSE,
        again: float = AGAIN,
    ) -> None:
        self._pool, self._growth, self._witnesses = pool, growth, witnesses
        self._keys, self._count = frozenset((key.name, key.id) for key in keys), count
        self._pause, self._again = pause, again
        self._stopping = asyncio.Event()
        self._after = _BEGIN
        self._cosigned = 0
        self._trouble = ""

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            seconds = self._again
            try:
                if self._count and self._growth.followed and not await self._page():
                    seconds = self._pause
                self._trouble = ""
            except AWAY as error:
                self._trouble = told(error)
            await pause(self._stopping, seconds)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("latecomers", self._cosigned, trouble=self._trouble)

    async def _page(self) -> bool:
        """Have those that lack a witness among the next projects cosigned; True when it was the last of them."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(SQL["newest"], *self._after, PAGE)
        lacking: dict[ProjectKey, Lacking] = {}
        for row in rows:
            key = ProjectKey(*row[:2])
            if (found := lacks(row[2], self._keys, self._count)) is not None:
                lacking[key] = found
            self._after = key
            if len(lacking) == MOST:
                break
        if lacking:
            await self._cosign(lacking)
        if len(lacking) == MOST or len(rows) == PAGE:
            return False
        self._after = _BEGIN
        return True

    async def _cosign(self, lacking: Mapping[ProjectKey, Lacking]) -> None:
        notes = await self._witnesses.cosign({key: each.signed for key, each in lacking.items()})
        for key, note in notes.items():
            have = len(cosigners(Note.read(note.encode()), self._keys))
            if have > lacking[key].witnesses:
                size = lacking[key].signed.checkpoint.size
                async with self._pool.acquire() as connection:
                    await connection.execute(SQL["keep"], *key, size, have, note, now())
                self._cosigned += 1
                LOG.info("cosigned_later", project=str(key), size=size, witnesses=have)


def cosigners(note: Note, keys: Collection[tuple[str, bytes]]) -> set[str]:
    """Which witnesses have cosigned it, by the names and ids of their keys: what they said was verified then."""
    return {name for name, raw in note.signatures if (name, raw[:4]) in keys}


def lacks(raw: str, keys: Collection[tuple[str, bytes]], count: int) -> Lacking | None:
    """What a stored note lacks of ``count`` witnesses; None where it has all."""
    note = Note.read(raw.encode())
    have = len(cosigners(note, keys))
    if have >= count:
        return None
    text, _, lines = raw.rpartition("\n\n")
    pairs = zip(lines.splitlines(), note.signatures, strict=True)
    own = "".join(f"{line}\n" for line, (name, signature) in pairs if (name, signature[:4]) not in keys)
    return Lacking(Signed(Checkpoint.read(note.text), f"{text}\n\n{own}", Frontier(), 0, ()), have)
