"""Reads what the standing check holds against each other: log, ledger and newest checkpoints, by their heads.

Of checkpoints only those are believed that a known key of the log has signed; the others are named as forged.

Order matters, for all three move on while they are read. Each says only what the next one must have: checkpoints and
what the broker was told first, then the ledger, then the log.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import asyncpg
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier
from psmp.ledger.witnessing import keys_for
from psmp.log.jetstream import STREAM, direct_get, get
from psmp.log.view import Head
from psmp.store.chain import Claim
from psmp.store.pool import Connection
from psmp.store.restore.standing import Facts, Pair, Promise, Span, Standing, compare, merged, short
from psmp.store.statements import load
from psmp.store.tree import frontiers
from psmp.wire.administration import ask
from psmp.words import subjects
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp.words.subjects import is_id

SQL: Final = load(__file__)
CHECKPOINTS: Final = "PSMP_CHECKPOINTS"
_PAGE: Final = 512
_AT_ONCE: Final = 64
_MOST_TAIL: Final = 20_000
"""So many records are looked at to say whose they are that the ledger has lost."""
_ANSWER_WITHIN: Final = 5.0
_AGAIN: Final = 0.5
_TIMES: Final = 3
_TAIL_OF_FILE: Final = 8 * 1024 * 1024


Keys = Sequence[Verifier]
"""The public keys of logs that are known; without any, every checkpoint is believed."""


@dataclass(slots=True)
class Believed:
    """Checkpoints as they are read: ``found`` are those that are believed, ``forged`` says which are not, and why."""

    keys: Keys
    found: list[tuple[ProjectKey, Promise]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)

    def take(self, note: bytes, where: str, position: int = 0, leaf: str = "") -> None:
        """The checkpoint of a project in ``note``, which lies ``where``; one of the anchor log, or none, is nothing."""
        try:
            read = Note.read(note)
            checkpoint = Checkpoint.read(read.text)
        except Malformed:
            return
        match checkpoint.origin.split("/"):
            case [_, tenant, project] if is_id(tenant) and is_id(project):
                key = ProjectKey(tenant, project)
            case _:
                return
        if self.keys and (why := _unsigned(read, checkpoint.origin, self.keys)):
            self.forged.append(f"the checkpoint of {checkpoint.size} records of {key} in {where} is forged: {why}")
            return
        self.found.append((key, Promise(checkpoint.size, position, leaf, checkpoint.root.hex())))


def _unsigned(note: Note, origin: str, keys: Keys) -> str:
    """Why a note is not believed; "" when it is."""
    try:
        return "" if note.signed_by(keys_for(origin, keys)) else "no key of this log that is known has signed it"
    except Untrusted as error:
        return str(error)


async def standing(nats: Client, connection: Connection, file: Path | None = None, keys: Keys = ()) -> Standing:
    """What is amiss, looked at again before anything is said: a replica may answer that lags behind the others.

    ``file`` is that of the checkpoints. Raises nats errors, ``TimeoutError`` and asyncpg's errors.
    """
    found = compare(await look(nats, connection, file, keys))
    for _ in range(_TIMES - 1):
        if found.holds:
            break
        await asyncio.sleep(_AGAIN)  # noqa: TID251 - what a replica lacks comes with time alone
        found = compare(await look(nats, connection, file, keys))
    return found


async def look(nats: Client, connection: Connection, file: Path | None = None, keys: Keys = ()) -> Facts:
    """What there is to know."""
    believed = await _believed(nats, connection, file, keys)
    promises = newest(*believed.found)
    acknowledged = await _acknowledged(nats)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        facts = await _ledger(connection, promises)
        facts = await _signed_roots(connection, replace(facts, promises=promises, forged=tuple(believed.forged)))
        return await _log(nats, connection, replace(facts, acknowledged=acknowledged))


async def promised(
    nats: Client, connection: Connection, file: Path | None = None, keys: Keys = ()
) -> dict[ProjectKey, Promise]:
    """The newest checkpoint of each project, wherever it is kept, of those that are believed."""
    return newest(*(await _believed(nats, connection, file, keys)).found)


async def _believed(nats: Client, connection: Connection, file: Path | None, keys: Keys) -> Believed:
    believed = Believed(keys)
    await _published(nats, believed)
    _kept(file, believed)
    await _recorded(connection, believed)
    return believed


async def _signed_roots(connection: Connection, facts: Facts) -> Facts:
    """What a checkpoint came with is not signed: where the ledger differs from that, its signed root decides."""
    doubted = {
        key: promise
        for key, promise in facts.promises.items()
        if promise.leaf and promise.size <= facts.heads.get(key, Head()).sequence
        if facts.leaves.get(key) != promise.leaf
    }
    if not doubted:
        return facts
    trees = await frontiers(connection, {key: promise.size for key, promise in doubted.items()})
    false = {key: each for key, each in doubted.items() if trees[key].root.hex() == each.root}
    told = [f"where record {each.size} of {key} stands, by its checkpoint, is forged" for key, each in false.items()]
    promises = {**facts.promises, **{key: replace(each, position=0, leaf="") for key, each in false.items()}}
    return replace(facts, promises=promises, forged=(*facts.forged, *told))


async def _ledger(connection: Connection, promises: Mapping[ProjectKey, Promise]) -> Facts:
    taken = await connection.fetchrow(SQL["taken"])
    heads = {
        ProjectKey(tenant, project): Head(position, sequence, leaf)
        for tenant, project, position, sequence, leaf in await connection.fetch(SQL["heads"])
    }
    asked = [(*key, promise.size) for key, promise in promises.items() if promise.leaf]
    columns = [list(column) for column in zip(*asked, strict=True)] or [[], [], []]
    leaves = {ProjectKey(row[0], row[1]): row[2] for row in await connection.fetch(SQL["leaves"], *columns)}
    position, leaf = (taken["position"], taken["leaf"]) if taken else (0, "")
    mark = [Pair(Span(None, begin=position, end=position), leaf, "")] if leaf else []
    return Facts(taken=position, heads=heads, leaves=leaves, pairs=mark)


async def _log(nats: Client, connection: Connection, facts: Facts) -> Facts:
    last, holes = await _extent(nats)
    behind = [(last + 1, 2**62)] if _end(facts) > last else []
    held = [span for gap in (*holes, *behind) for span in await _held(connection, *gap)]
    pairs = [pair for pair in facts.pairs if pair.span.end <= last]
    pairs += [
        Pair(Span(key, head.sequence, head.sequence, head.position, head.position), head.leaf, "")
        for key, head in facts.heads.items()
        if head.position <= last
    ]
    pairs += await _at(connection, last)
    pairs = [pair for pair in pairs if not any(begin <= pair.span.end <= end for begin, end in holes)]
    found = await _leaves(nats, {pair.span.end for pair in pairs})
    pairs = [replace(pair, log=found.get(pair.span.end, "")) for pair in pairs]
    lacking = short(facts.heads, facts.promises)
    ends = dict(zip(lacking, await _ends(nats, lacking), strict=True))
    tail = await _tail(nats, facts.taken, min(facts.acknowledged, last))
    return replace(facts, log=last, held=merged(held), pairs=pairs, ends=ends, tail=tail)


def _end(facts: Facts) -> int:
    """The last position that the ledger knows of."""
    return max((facts.taken, *(head.position for head in facts.heads.values())))


async def _held(connection: Connection, begin: int, end: int) -> list[Span]:
    rows = await connection.fetch(SQL["held"], begin, end)
    return [Span(ProjectKey(row[0], row[1]), *row[2:]) for row in rows]


async def _at(connection: Connection, position: int) -> list[Pair]:
    """What the ledger has where the log ends: a log that was cut and went on has something else there."""
    rows = await connection.fetch(SQL["at_position"], position)
    return [Pair(Span(ProjectKey(t, p), number, number, position, position), leaf, "") for t, p, number, leaf in rows]


async def _extent(nats: Client) -> tuple[int, list[tuple[int, int]]]:
    """Where the log ends, and the positions before that at which it has nothing."""
    said = await ask(nats, f"STREAM.INFO.{STREAM}", {"deleted_details": True})
    if "error" in said:
        return 0, []
    state = said["state"]
    first, last = state["first_seq"], state["last_seq"]
    holes = [(1, first - 1)] if first > 1 else []
    for gone in state.get("deleted") or ():
        if holes and holes[-1][1] == gone - 1:
            holes[-1] = holes[-1][0], gone
        else:
            holes.append((gone, gone))
    return last, holes


async def _leaves(nats: Client, positions: Iterable[int]) -> dict[int, str]:
    asked = sorted(positions)
    found = await many(nats, STREAM, [{"seq": position} for position in asked])
    return {place: leaf_hash(each.data) for place, each in zip(asked, found, strict=True) if each is not None}


async def _ends(nats: Client, keys: Sequence[ProjectKey]) -> list[int]:
    found = await many(nats, STREAM, [{"last_by_subj": subjects.log_of(key)} for key in keys])
    claims = [None if each is None else Claim.read(each.data) for each in found]
    return [claim.sequence if claim else 0 for claim in claims]


async def _tail(nats: Client, after: int, until: int) -> list[Span]:
    """Whose records stand there in the log."""
    spans: dict[ProjectKey, Span] = {}
    until = min(until, after + _MOST_TAIL)
    while after < until:
        request = {"seq": after + 1, "batch": _PAGE, "next_by_subj": f"{subjects.LOG}.>"}
        page = await direct_get(nats, STREAM, request, timeout=_ANSWER_WITHIN)
        for message in page:
            after = int((message.headers or {})["Nats-Sequence"])
            claim = Claim.read(message.data)
            if after > until or claim is None:
                break
            key, _ = subjects.read_log((message.headers or {})["Nats-Subject"])
            known = spans.get(key, Span(key, claim.sequence, claim.sequence, after, after))
            spans[key] = replace(known, last=claim.sequence, end=after)
        if len(page) < _PAGE:
            break
    return [spans[key] for key in sorted(spans)]


async def _acknowledged(nats: Client) -> int:
    said = await ask(nats, f"CONSUMER.INFO.{STREAM}.audit", {})
    floor: int = said.get("ack_floor", {}).get("stream_seq", 0)
    return floor


async def _published(nats: Client, believed: Believed) -> None:
    """The newest checkpoint of each project in the stream."""
    after = 0
    with suppress(NatsError):  # no such stream: nobody signs here
        while True:
            # Of each subject the last one; pages go by where that stands.
            request = {"multi_last": [f"{subjects.CHECKPOINTS}.>"], "batch": _PAGE, "seq": after + 1}
            page = await direct_get(nats, CHECKPOINTS, request, timeout=_ANSWER_WITHIN)
            for message in page:
                published(message, believed)
            if len(page) < _PAGE:
                break
            after = max(int((message.headers or {})["Nats-Sequence"]) for message in page)


def published(message: Msg, believed: Believed) -> None:
    """The promise in a message of the stream of checkpoints; none in those of the anchor log."""
    headers = message.headers or {}
    position = headers.get(subjects.POSITION, "")
    if subjects.LEAF in headers and position.isdecimal():
        believed.take(message.data, f"the stream {CHECKPOINTS}", int(position), headers[subjects.LEAF])


def _kept(file: Path | None, believed: Believed) -> None:
    """The checkpoints at the end of a file of them, one JSON string a line."""
    if file is None or not file.is_file():
        return
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _TAIL_OF_FILE))
        lines = stream.read().split(b"\n")
    for line in lines:
        with suppress(ValueError):
            note = json.loads(line)
            if isinstance(note, str):
                believed.take(note.encode(), str(file))


async def _recorded(connection: Connection, believed: Believed) -> None:
    try:
        rows = await connection.fetch(SQL["promises"])
    except asyncpg.UndefinedTableError:  # it was made before there were checkpoints
        return
    for row in rows:
        believed.take(row["note"].encode(), "Postgres", row["position"])


def newest(*found: tuple[ProjectKey, Promise]) -> dict[ProjectKey, Promise]:
    """The largest of each project; of two that are as large the one that says where its last record stands."""
    promises: dict[ProjectKey, Promise] = {}
    for key, promise in found:
        known = promises.get(key, Promise(0))
        if (promise.size, bool(promise.leaf)) > (known.size, bool(known.leaf)):
            promises[key] = promise
    return promises


async def many(nats: Client, stream: str, requests: Sequence[Mapping[str, Any]]) -> list[Msg | None]:
    """What the stream has for each request; None for nothing."""
    found: list[Msg | None] = []
    for begin in range(0, len(requests), _AT_ONCE):
        part = requests[begin : begin + _AT_ONCE]
        found += await asyncio.gather(*(get(nats, stream, request, timeout=_ANSWER_WITHIN) for request in part))
    return found
