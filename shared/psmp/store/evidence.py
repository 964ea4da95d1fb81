"""Gathers the evidence of a report: walks one tenant's ledger, holds it against its checkpoints, and counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
from pydantic_core import from_json

from psmp.compliance.evidence import Decision, Evidence, Guards, Kind, Retention, Standing
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier
from psmp.log.view import Head
from psmp.store.analytics import Asked, parts_of
from psmp.store.chain import Fault, Flaw, extend
from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.statements import load
from psmp.words.envelope import leaf_hash, written
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
PAGE: Final = 1000
TABLES: Final = ("ledger", "tile", "checkpoint", "anchor", "pruned")
"""Those of the ledger, which nobody may change."""

MOST_TOLD: Final = 50
"""So many decisions of one kind are told, the newest ones."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: a tenant, events of ``since`` <= time < ``until``, as of a position and a checkpoint.

    ``keys`` are those of the log that are trusted; without any, signatures are not looked at.
    """

    tenant: str
    since: datetime | None = None
    until: datetime | None = None
    position: int | None = None
    checkpoint: int | None = None
    keys: tuple[Verifier, ...] = ()


async def gather(pool: Pool, scope: Scope) -> Evidence:
    """Everything that a report is made of, as of one moment; memory stays flat. Raises asyncpg's errors."""
    async with checking(pool) as connection:
        position: int = scope.position or await connection.fetchval(SQL["position"], scope.tenant, timeout=CHECK_WITHIN)
        newest = scope.checkpoint
        checkpoint: int = await connection.fetchval(SQL["checkpoint"]) if newest is None else newest
        pruned = await _pruned(connection, scope.tenant, position)
        standings = await _standings(
            connection, scope, position, checkpoint, {each.project: each.upto for each in pruned}
        )
        span = scope.tenant, position, scope.since, scope.until
        kinds = await connection.fetch(SQL["kinds"], *span, timeout=CHECK_WITHIN)
        asked = Asked(scope.tenant, None, scope.since, scope.until, position)
        guards = await connection.fetchrow(SQL["guards"], TABLES)
        days: int | None = await connection.fetchval(SQL["retention"], *span[:2], timeout=CHECK_WITHIN)
        holds = await connection.fetch(SQL["holds"], *span[:2], timeout=CHECK_WITHIN)
        decisions = await connection.fetch(SQL["decisions"], *span, timeout=CHECK_WITHIN)
        return Evidence(
            tenant=scope.tenant,
            position=position,
            checkpoint=checkpoint,
            since=written(scope.since) if scope.since else "",
            until=written(scope.until) if scope.until else "",
            keys=bool(scope.keys),
            standings=tuple(standings),
            kinds={row["kind"]: Kind(row["count"], row["first"], row["last"]) for row in kinds},
            parts=(await parts_of(connection, asked)).parts,
            decisions=(*_told(decisions), *(each.decision for each in pruned)),
            retention=Retention(days, tuple(row["project"] for row in holds)),
            guards=Guards(guards["tables"], guards["guarded"], tuple(guards["writers"] or ()), guards["checksums"])
            if guards
            else Guards(),
            strays=await connection.fetchval(SQL["strays"], *span[:2], timeout=CHECK_WITHIN),
            people=await connection.fetchval(SQL["people"], *span, timeout=CHECK_WITHIN),
            sealed=await connection.fetchval(SQL["sealed"], *span[:2], timeout=CHECK_WITHIN),
        )


def _told(rows: Iterable[asyncpg.Record]) -> Iterator[Decision]:
    """The newest of each kind, the older first; how many more there are stands behind them."""
    kept: dict[str, list[Decision]] = {}
    of: dict[str, int] = {}
    for project, position, kind, actor, what, reason, count in rows:
        of[kind] = int(count)
        if len(kept.setdefault(kind, [])) < MOST_TOLD:
            kept[kind].append(Decision(project, position, kind, actor, what, reason or ""))
    for kind, decisions in kept.items():
        yield from reversed(decisions)
        if of[kind] > MOST_TOLD:
            last = decisions[-1]
            more = f"{of[kind] - MOST_TOLD} older ones are not told here"
            yield Decision(last.project, last.position, kind, "several", more, "psmp export has them all")


class _Pruned(NamedTuple):
    """That the bodies of a project's records were pruned up to one of them, and who answers for that."""

    project: str
    upto: int
    decision: Decision


async def _pruned(connection: Connection, tenant: str, position: int) -> list[_Pruned]:
    """What was pruned."""
    rows = await connection.fetch(SQL["pruned"], tenant, position, timeout=CHECK_WITHIN)
    return [
        _Pruned(project, upto, Decision(project, at, "pruned", approver, f"bodies pruned up to event {upto}", reason))
        for project, upto, approver, reason, at in rows
    ]


async def _standings(
    connection: Connection, scope: Scope, position: int, checkpoint: int, pruned: Mapping[str, int]
) -> list[Standing]:
    """Walk all projects of the tenant."""
    signed: dict[str, list[_Signed]] = {}
    found = await connection.fetch(SQL["checkpoints"], scope.tenant, position, checkpoint, timeout=CHECK_WITHIN)
    for project, size, root, number, note in found:
        signed.setdefault(project, []).append(_Signed(size, root, number, note))
    standings: list[Standing] = []
    walk: _Walk | None = None
    cursor = await connection.cursor(SQL["walk"], scope.tenant, position)
    while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
        for row in page:
            if walk is None or row[1] != walk.key.project:
                standings += [walk.end()] if walk else []
                key = ProjectKey(row[0], row[1])
                walk = _Walk(key, signed.pop(row[1], []), scope.keys, pruned.get(row[1], 0))
            walk.step(row)
    standings += [walk.end()] if walk else []
    lost = [_Walk(ProjectKey(scope.tenant, project), each, scope.keys).end() for project, each in signed.items()]
    return sorted((*standings, *lost), key=lambda each: each.project)


@dataclass(frozen=True, slots=True)
class _Signed:
    size: int
    root: bytes
    number: int
    note: str


@dataclass(slots=True)
class _Walk:
    """One project's ledger, record by record, and the checkpoints of it that were not come to yet.

    For each record: its number is the next one, its leaf is that of its bytes, they name the leaf before, and are an
    event of this project and number. Bytes may be missing ``upto`` a number, as far as it is recorded that they were
    pruned. For each checkpoint: the root over the records up to its size is what it says, its
    note says the same, and there are as many records. With keys: one of them has signed it.
    """

    key: ProjectKey
    ahead: list[_Signed]
    keys: Sequence[Verifier]
    upto: int = 0
    head: Head = field(default_factory=Head)
    tree: Frontier = field(default_factory=Frontier)
    passed: list[_Signed] = field(default_factory=list)
    pruned: int = 0
    first: str = ""
    last: str = ""
    fault: str = ""
    trusted: bool = True

    def step(self, row: asyncpg.Record) -> None:
        """One more record; nothing holds behind a fault."""
        if self.fault:
            return
        after = self._after(row)
        if isinstance(after, Fault):
            self.fault = str(after)
            return
        self.head, self.tree = after, self.tree.append(bytes.fromhex(after.leaf))
        if row[5] is not None:
            self.last = str(from_json(row[5]).get("time", ""))
            self.first = self.first or self.last
        while self.ahead and self.ahead[0].size == self.tree.size and not self.fault:
            self._hold(self.ahead.pop(0))

    def _after(self, row: asyncpg.Record) -> Head | Fault:
        _, _, sequence, position, leaf, body = row
        if sequence != self.head.sequence + 1:
            return Fault(self.key, sequence, position, Flaw.GAP, str(self.head.sequence + 1), str(sequence))
        if body is None and sequence <= self.upto:
            self.pruned += 1
            return Head(position, sequence, leaf.hex())
        found = "nothing" if body is None else leaf_hash(body)
        if found != leaf.hex():
            return Fault(self.key, sequence, position, Flaw.LEAF, leaf.hex(), found)
        return extend(self.key, self.head, position, body, found)

    def _hold(self, signed: _Signed) -> None:
        root = self.tree.root
        if signed.root != root:
            self.fault = (
                f"checkpoint {signed.number} over {signed.size} records has the root {signed.root.hex()}, "
                f"they have {root.hex()}"
            )
            return
        self.passed.append(signed)
        if self.keys and not _by(signed, self.keys):
            self.trusted = False

    def end(self) -> Standing:
        """What came of it."""
        if not self.fault and self.ahead:
            lost = self.ahead[0]
            self.fault = f"checkpoint {lost.number} is over {lost.size} records; there are {self.head.sequence}"
        newest = self.passed[-1] if self.passed else None
        return Standing(
            project=self.key.project,
            records=self.head.sequence,
            head=self.head.leaf if self.head.sequence else "",
            pruned=self.pruned,
            first=self.first,
            last=self.last,
            checkpoints=len(self.passed),
            number=newest.number if newest else 0,
            size=newest.size if newest else 0,
            root=newest.root.hex() if newest else "",
            signed=self.trusted if self.keys and newest else None,
            fault=self.fault,
        )


def _by(signed: _Signed, keys: Sequence[Verifier]) -> bool:
    """Whether one of the keys has signed the note, and it says this size and root."""
    try:
        note = Note.read(signed.note.encode())
        said = Checkpoint.read(note.text)
        return (said.size, said.root) == (signed.size, signed.root) and bool(note.signed_by(keys))
    except (Malformed, Untrusted):
        return False
