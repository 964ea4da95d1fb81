"""Reads checkpoints from Postgres, and the proofs that what they cover is as they say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psmp.ledger.merkle import Nodes, prove_consistency, prove_inclusion
from psmp.ledger.proofs import Inclusion, consistency
from psmp.store.pool import Connection
from psmp.store.statements import load
from psmp.store.tree import ANCHOR, answer
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A checkpoint that is stored, as a signed note; of a project, or of the anchor log under ``ANCHOR``."""

    key: ProjectKey
    size: int
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Covered:
    """How far checkpoints cover a log of ``records``; ``newest`` is None where there is none yet."""

    key: ProjectKey
    records: int
    newest: Stored | None

    @property
    def behind(self) -> int:
        """Records that no checkpoint covers."""
        return self.records - (self.newest.size if self.newest else 0)


async def covered(connection: Connection, key: ProjectKey | None = None) -> list[Covered]:
    """Every project's log, or one, by name; the anchor log comes last and is there when there are checkpoints."""
    tenant, project = key or (None, None)
    rows = await connection.fetch(SQL["covered"], tenant, project)
    found = [Covered(ProjectKey(*row[:2]), row[2], _stored(row[0], row[1], row[3:])) for row in rows]
    if key is None and (anchored := await connection.fetchrow(SQL["anchored"])):
        found.append(Covered(ANCHOR, anchored[0], _stored(*ANCHOR, anchored[1:])))
    return found


async def newest(connection: Connection, key: ProjectKey, at_least: int = 1) -> Stored | None:
    """The newest checkpoint of a log that covers so many records."""
    name = "newest_anchored" if key == ANCHOR else "newest"
    row = await connection.fetchrow(SQL[name], *(() if key == ANCHOR else key), at_least)
    return _stored(*key, tuple(row)) if row else None


async def included(connection: Connection, key: ProjectKey, sequence: int) -> Inclusion | None:
    """The proof that a record is in the tree of the newest checkpoint; None where none covers it."""
    stored = await newest(connection, key, sequence)
    if stored is None or sequence < 1:
        return None

    def ask(nodes: Nodes) -> list[bytes]:
        return prove_inclusion(nodes, sequence - 1, stored.size)

    return Inclusion(sequence - 1, tuple(await answer(connection, key, ask)), stored.note)


async def extended(connection: Connection, key: ProjectKey, since: int, to: int | None = None) -> str | None:
    """The proof that a checkpoint extends the first ``since`` records; None where there is none that does.

    It is the newest one, or that of ``to`` records of a project.
    """
    stored = await newest(connection, key, max(since, 1)) if to is None else await _of_size(connection, key, to)
    if stored is None or stored.size < since:
        return None

    def ask(nodes: Nodes) -> list[bytes]:
        return prove_consistency(nodes, since, stored.size)

    return consistency(since, await answer(connection, key, ask), stored.note)


async def _of_size(connection: Connection, key: ProjectKey, size: int) -> Stored | None:
    row = await connection.fetchrow(SQL["of_size"], *key, size)
    return _stored(*key, tuple(row)) if row else None


def _stored(tenant: str, project: str, rest: Any) -> Stored | None:  # noqa: ANN401 - the end of a row
    size, note, signed_at = rest
    return None if size is None else Stored(ProjectKey(tenant, project), size, note, signed_at)
