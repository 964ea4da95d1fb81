"""Looks at a completed project as a verifier does: its ledger walked and folded, and held against its checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier
from psmp.ledger.origins import origin
from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules import attested
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.statements import load
from psmp.words.answers import Status
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """What holds of a completed project, as of its newest checkpoint, and how the project stood then."""

    checkpoint: Checkpoint
    note: str
    position: int
    status: Status
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unproved:
    """Nothing is attested.

    The record is ``absent``, does not hold (``broken``) or is not covered yet (``waits``), or the project is
    not so far. ``status`` is how the project stands at its last record, where every record holds.
    """

    reason: str
    broken: bool = False
    waits: bool = False
    absent: bool = False
    status: Status | None = None


async def look(pool: Pool, key: ProjectKey, deployment: str, keys: Sequence[Verifier] = ()) -> Verified | Unproved:
    """Walk and fold the project's ledger.

    1. each record has the next number, the leaf hash of its bytes, and names the leaf before it;
    2. the root over the records that the newest checkpoint covers is the one in it, and its note says the same of this
       project's log; with ``keys``, one of them has signed it;
    3. as of that checkpoint the project is COMPLETED, and it still is at the last record.

    Raises asyncpg's errors.
    """
    async with checking(pool) as connection:
        row = await connection.fetchrow(SQL["checkpoint"], *key)
        walk = _Walk(key, row["size"] if row else 0)
        try:
            await walk.all(connection)
        except _Pruned as pruned:
            return Unproved(str(pruned))
        except Damaged as damage:  # 1
            return Unproved(str(damage), broken=True)
    last = describe(key, walk.view.state) if walk.view.state else None
    if reason := attested.unfinished(walk.view.state):
        return Unproved(reason, absent=last is None, status=last)
    if row is None:
        return Unproved("no checkpoint covers it yet", waits=True, status=last)
    checkpoint = Checkpoint(origin(deployment, key), row["size"], row["root"])
    if walk.root != checkpoint.root:  # 2
        found = walk.root.hex() if walk.root else "too few records"
        return Unproved(
            f"its checkpoint over {row['size']} records says {row['root'].hex()}, found {found}", broken=True
        )
    signed = _signed(row["note"], checkpoint, keys)
    if isinstance(signed, Unproved):
        return signed
    covered = walk.covered
    if covered is None or attested.unfinished(covered):  # 3
        return Unproved(
            f"its newest checkpoint, over {row['size']} records, is older than its end", waits=True, status=last
        )
    proved = (*attested.properties(covered, waived=walk.waived), attested.LOG_VERIFIED, *signed)
    return Verified(checkpoint, row["note"], row["position"], describe(key, covered), proved)


class _Pruned(LookupError):
    """A record has no bytes any more."""


class _Walk:
    """The project's records folded one by one; the root and the state at ``size``."""

    def __init__(self, key: ProjectKey, size: int) -> None:
        self.view = View(key, PROJECT_FOLD)
        self.root = b""
        self.covered: Project | None = None
        self.waived = False
        self._size, self._tree = size, Frontier()

    async def all(self, connection: Connection) -> None:
        """Walk to the end; raises ``Damaged``."""
        cursor = await connection.cursor(SQL["entries"], *self.view.key)
        while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
            for sequence, position, leaf, body in page:
                self._step(sequence, position, leaf, body)

    def _step(self, sequence: int, position: int, leaf: bytes, body: bytes | None) -> None:
        key = self.view.key
        if body is None:
            raise _Pruned(f"the bytes of event {sequence} were pruned: it cannot be folded any more")
        if leaf_hash(body) != leaf.hex():
            raise Damaged(key, position, f"the leaf of event {sequence} is not that of its bytes")
        envelope = self.view.advance(Record(position, key, "", body))
        self._tree = self._tree.append(leaf)
        if envelope.sequence <= self._size and attested.waives(envelope.data):
            self.waived = True
        if envelope.sequence == self._size:
            self.root, self.covered = self._tree.root, self.view.state


def _signed(note: str, checkpoint: Checkpoint, keys: Sequence[Verifier]) -> tuple[str, ...] | Unproved:
    """What the note is good for, or that it is not about this checkpoint, or that nobody trusted has signed it."""
    try:
        read = Note.read(note.encode())
        if read.text != checkpoint.text:
            return Unproved(f"the note of its checkpoint is not about {checkpoint.origin} at this size", broken=True)
        if keys and not read.signed_by(keys):
            return Unproved("none of the given keys has signed its checkpoint", broken=True)
    except (Malformed, Untrusted) as error:
        return Unproved(f"the note of its checkpoint: {error}", broken=True)
    return (attested.SIGNED,) if keys else ()


async def projects(pool: Pool, tenant: str | None, project: str | None) -> list[ProjectKey]:
    """The projects that have a ledger: all, those of a tenant, or one of them."""
    return [ProjectKey(*row) for row in await pool.fetch(SQL["keys"], tenant, project, timeout=CHECK_WITHIN)]
