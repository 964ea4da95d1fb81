"""Writes the log again from the ledger: the same bytes at the same positions, under the same subjects.

Each message goes on condition that the stream ends right before its position, and its project where the ledger says;
so it can be cut off at any moment and begun anew, and nothing can land where it does not belong.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nats.errors import Error as NatsError
from pydantic_core import from_json

from psmp.log.jetstream import STREAM, JetStreamEventLog, get
from psmp.store.pool import Connection
from psmp.store.restore.walk import Logged, Progress, Stored, end_of, pages
from psmp.store.statements import load
from psmp.wire.administration import ask
from psmp.wire.assets import STREAMS, prepare
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.envelope import GENESIS, leaf_hash
from psmp.words.faults import told
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
FILLER: Final = "psmp.restore.filler"
"""What stands, until it is deleted, where the log had something that the ledger never took in."""
AT_ONCE: Final = 128
_ANSWER_WITHIN: Final = 10.0
_STANDSTILLS: Final = 5


class NotRestored(RuntimeError):
    """The log cannot be written on as the ledger has it."""

    def __init__(self, why: str, hint: str = "psmp restore log shows how it stands; it can be begun anew") -> None:
        super().__init__(why)
        self.hint = hint


@dataclass(slots=True)
class Refilled:
    """How many records were written, and which left-over ones were put behind them, or could not be."""

    written: int = 0
    put_back: int = 0
    left_out: list[Logged] = field(default_factory=list)


async def refill(
    nats: MendedClient,
    connection: Connection,
    left_over: Iterable[Logged] = (),
    progress: Progress = lambda _, __: None,
) -> Refilled:
    """Write on from where the log ends what the ledger has, then those left-over records that follow on that.

    The log must have everything before its end that the ledger has. Raises ``NotRestored``, nats errors and asyncpg's.
    """
    await _begin(nats)
    done = Refilled()
    end = await end_of(nats)
    until = await connection.fetchval(SQL["end"]) or 0
    expected = _Expected(nats, connection)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for page in pages(connection, end):
            rows = [row for row in page if row.body is not None]
            if rows:
                await _write(nats, end + 1, rows, await expected.of(rows))
                end = rows[-1].position
                done.written += len(rows)
                progress(end, until)
    await _put_back(nats, connection, left_over, done)
    return done


async def finish(nats: MendedClient, replicas: int = 1) -> None:
    """Make the stream and its consumers what they are to be; from now on no place in it can be left empty."""
    await prepare(nats, replicas=replicas, only=STREAM)


async def is_unfinished(nats: MendedClient) -> bool:
    """Whether the log is one that was begun here and not finished: places can be left empty in it."""
    said = await ask(nats, f"STREAM.INFO.{STREAM}", {})
    return FILLER in said.get("config", {}).get("subjects", ())


async def require_finished(nats: MendedClient) -> None:
    """Raise ``NotRestored`` while the log is half written: who went on with it would lose what is to be put back."""
    if await is_unfinished(nats):
        hint = "psmp restore log --yes goes on with it, with --data where psmp dev keeps its data"
        raise NotRestored("the log was begun to be written again, and is not finished", hint)


async def _begin(nats: MendedClient) -> None:
    """A stream to write to: where there is none, one from which fillers can be deleted."""
    said = await ask(nats, f"STREAM.INFO.{STREAM}", {})
    if "error" in said:
        config: dict[str, Any] = next(each for each in STREAMS if each["name"] == STREAM)
        without = {name: value for name, value in config.items() if name != "republish"}
        made = without | {"deny_delete": False, "subjects": [*config["subjects"], FILLER]}
        said = await ask(nats, f"STREAM.CREATE.{STREAM}", made)
        if "error" in said:
            raise NotRestored(f"NATS makes no stream {STREAM}: {said['error']['description']}")
        return
    last = await get(nats, STREAM, {"seq": said["state"]["last_seq"]}, timeout=_ANSWER_WITHIN)
    if last is not None and (last.headers or {}).get("Nats-Subject") == FILLER:
        await _delete(nats, said["state"]["last_seq"])


class _Expected:
    """Where each project ended before a record of it: the condition under which it was written at first."""

    def __init__(self, nats: MendedClient, connection: Connection) -> None:
        self._nats, self._connection = nats, connection
        self._ends: dict[ProjectKey, int] = {}

    async def of(self, rows: Sequence[Stored]) -> list[int]:
        found = []
        for row in rows:
            if row.key not in self._ends and row.sequence > 1:
                self._ends[row.key] = await self._before(row)
            found.append(self._ends.get(row.key, 0))
            self._ends[row.key] = row.position
        return found

    async def _before(self, row: Stored) -> int:
        """Where the record before it stands; of one that is pruned the log itself says how much of it is left."""
        found: int | None = await self._connection.fetchval(SQL["position"], *row.key, row.sequence - 1)
        return (await _end(self._nats, row.key))[0] if found is None else found


async def _write(nats: MendedClient, begin: int, rows: Sequence[Stored], expected: Sequence[int]) -> None:
    """Write these rows, which stand from ``begin`` on, each at its position."""
    next_to = begin
    run: list[tuple[Stored, int]] = []
    for row, behind in zip(rows, expected, strict=True):
        if row.position != next_to:
            await _publish(nats, run)
            run = []
            await _skip(nats, next_to, row.position)
        run.append((row, behind))
        next_to = row.position + 1
    await _publish(nats, run)


async def _publish(nats: MendedClient, run: Sequence[tuple[Stored, int]]) -> None:
    """Write rows that follow each other; what is refused because others were under way is written again."""
    place, standstills = 0, 0
    while place < len(run):
        part = run[place : place + AT_ONCE]
        answers = await asyncio.gather(*(_send(nats, row, behind) for row, behind in part))
        taken = 0
        for (row, _), answer in zip(part, answers, strict=True):
            if answer.get("seq") != row.position:
                break
            taken += 1
        place += taken
        standstills = 0 if taken else standstills + 1
        if standstills > _STANDSTILLS:
            row, said = part[0][0], answers[0]
            place = await end_of(nats) - run[0][0].position + 1  # an answer may have been lost
            if not 0 < place <= len(run) or run[place - 1][0].position < row.position:
                why = said.get("error", {}).get("description") or f"it was stored at {said.get('seq')}"
                raise NotRestored(f"record {row.sequence} of {row.key} cannot stand at position {row.position}: {why}")


async def _send(nats: MendedClient, row: Stored, behind: int) -> dict[str, Any]:
    body = row.body or b""
    kind = from_json(body)["type"].removeprefix("psmp.").rpartition(".")[0]
    headers = {
        "Nats-Expected-Last-Sequence": str(row.position - 1),
        "Nats-Expected-Last-Subject-Sequence": str(behind),
        "Nats-Expected-Last-Subject-Sequence-Subject": subjects.log_of(row.key),
    }
    subject = subjects.log(row.key, kind)
    try:
        answer = await nats.request(subject, body, timeout=_ANSWER_WITHIN, headers=headers)
    except (NatsError, TimeoutError) as error:
        return {"error": {"description": told(error)}}
    said: dict[str, Any] = json.loads(answer.data)
    return said


async def _skip(nats: MendedClient, begin: int, until: int) -> None:
    """Leave positions empty, from ``begin`` on, before ``until``."""
    for position in range(begin, until):
        headers = {"Nats-Expected-Last-Sequence": str(position - 1)}
        try:
            message = await nats.request(FILLER, b"", timeout=_ANSWER_WITHIN, headers=headers)
        except NatsError:
            why = f"position {position} was never in the ledger, and this {STREAM} is not one that leaves a place empty"
            raise NotRestored(why, "docs/recovery.md: set the stream aside, and restore before psmp setup") from None
        if json.loads(message.data).get("seq") != position:
            raise NotRestored(f"position {position} cannot be left empty: {message.data.decode()}")
        await _delete(nats, position)


async def _delete(nats: MendedClient, position: int) -> None:
    said = await ask(nats, f"STREAM.MSG.DELETE.{STREAM}", {"seq": position, "no_erase": True})
    if "error" in said:
        raise NotRestored(f"position {position} cannot be left empty: {said['error']['description']}")


async def _put_back(nats: MendedClient, connection: Connection, left_over: Iterable[Logged], done: Refilled) -> None:
    """Write at the end what stood in the log and never came into the ledger, where it still follows on its project."""
    ends: dict[ProjectKey, tuple[int, int, str]] = {}
    for record in left_over:
        key = record.key
        if key not in ends:
            ends[key] = await _end(nats, key)
        position, sequence, leaf = ends[key]
        claim, own = from_json(record.body) if record.sequence else {}, leaf_hash(record.body)
        if record.sequence and record.sequence <= sequence and await _has(connection, nats, record, own):
            continue
        if record.sequence != sequence + 1 or claim.get("prev") != leaf:
            done.left_out.append(record)
            continue
        at = await end_of(nats) + 1
        row = Stored(key, record.sequence, at, record.body, own)
        await _publish(nats, [(row, position)])
        ends[key] = at, record.sequence, own
        done.put_back += 1


async def _has(connection: Connection, nats: MendedClient, record: Logged, leaf: str) -> bool:
    """Whether these very bytes are there already."""
    found = await connection.fetchval(SQL["leaf"], *record.key, record.sequence)
    if found is not None:
        return bool(found.hex() == leaf)
    stored = [each.body async for each in JetStreamEventLog(nats).read(record.key)]
    return record.body in stored


async def _end(nats: MendedClient, key: ProjectKey) -> tuple[int, int, str]:
    """Where the log of a project ends: position, sequence, and the hash that the next record must name."""
    message = await get(nats, STREAM, {"last_by_subj": subjects.log_of(key)}, timeout=_ANSWER_WITHIN)
    if message is None:
        return 0, 0, GENESIS
    headers = message.headers or {}
    last = Logged(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data)
    return last.position, last.sequence, leaf_hash(last.body)
