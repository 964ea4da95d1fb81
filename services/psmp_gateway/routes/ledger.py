"""The ledger: what is signed of it, proofs to hand on, and whether the record holds, looked at now."""

import time
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

from fastapi.responses import Response

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Malformed, Note
from psmp.store import checkpoints as stored
from psmp.store.chain import Fault, Flaw
from psmp.store.pool import CHECK_WITHIN, Connection
from psmp.store.statements import load
from psmp.store.verify import Verified
from psmp.store.verify import verify as walk
from psmp.words.envelope import written
from psmp.words.ids import ProjectKey
from psmp_gateway import record
from psmp_gateway.calls import Call, Called, answer
from psmp_gateway.offering import chosen
from psmp_gateway.routes.asked import Sequence as Number
from psmp_gateway.routes.asked import Since, seen_of
from psmp_gateway.routes.parameters import Nothing, Paged, Project
from psmp_gateway.rules import cursors, problems, records
from psmp_gateway.trouble import Trouble, trouble

SQL: Final = load(record.__file__)
TEXT: Final = "text/plain; charset=utf-8"


async def covered(call: Called, page: Paged) -> Response:
    """List how far checkpoints cover the log of every project that the key sees, with the newest one, by project."""
    place = page.place(cursors.NAME)
    about = call.caller.tenant, seen_of(call, None), place[0] if place else "", page.limit + 1
    async with call.ports.record.reading() as connection:
        rows = await connection.fetch(SQL["covered"], *about)
    items = tuple(_coverage(row) for row in rows[: page.limit])
    following = cursors.write(items[-1].project) if len(rows) > page.limit else None
    return answer(records.CoveragePage(items=items, next_cursor=following))


def _coverage(row: Any) -> records.Coverage:  # noqa: ANN401 - a row
    newest = None if row["size"] is None else _state(row)
    behind = row["records"] - (newest.size if newest else 0)
    return records.Coverage(project=row["project"], records=row["records"], behind=max(0, behind), newest=newest)


def _state(row: Any) -> records.CheckpointState:  # noqa: ANN401 - a row
    return records.CheckpointState(
        number=row["number"],
        size=row["size"],
        root=b64encode(row["root"]).decode(),
        signed_at=written(row["signed_at"]),
        note=row["note"],
    )


async def checkpoints(call: Called, project: Project, page: Paged) -> Response:
    """List the checkpoints of a project's log, newest first."""
    place = page.place(cursors.NUMBER)
    found = await _checkpoints(call, project, place[0] if place else None, page.limit + 1)
    items = tuple(found[: page.limit])
    following = cursors.write(items[-1].size) if len(found) > page.limit else None
    return answer(records.CheckpointPage(items=items, next_cursor=following))


async def newest(call: Called, project: Project, _: Nothing) -> Response:
    """Give the newest checkpoint of a project's log as the signed note that it is (C2SP tlog-checkpoint)."""
    found = await _checkpoints(call, project, None, 1)
    if not found:
        raise _uncovered(f"no checkpoint covers {project} yet")
    return Response(found[0].note, media_type=TEXT)


async def _checkpoints(call: Call, project: str, below: int | None, limit: int) -> Sequence[records.CheckpointState]:
    await call.status(project)  # says it where there is no such project
    async with call.ports.record.reading() as connection:
        rows = await connection.fetch(SQL["checkpoints"], call.caller.tenant, project, below, limit)
    return [_state(row) for row in rows]


def _uncovered(detail: str) -> Trouble:
    hint = "GET /api/v1/checkpoints tells how far they cover; a new record is covered within about a second"
    return trouble(problems.NOT_COVERED, detail, hint)


async def inclusion(call: Called, project: Project, sequence: Number, _: Nothing) -> Response:
    """Prove that an event is in the ledger; as `text/plain` the C2SP tlog-proof, to be kept and checked offline."""
    call.see(project)
    key = ProjectKey(call.caller.tenant, project)
    async with call.ports.record.reading() as connection:
        leaf = await connection.fetchval(SQL["leaf"], *key, sequence)
        proof = None if leaf is None else await stored.included(connection, key, sequence)
    if proof is None:
        await call.status(project)
        raise _uncovered(f"no checkpoint covers event {sequence} of {project}")
    if _wants_text(call):
        return Response(str(proof), media_type=TEXT)
    signed = _read(proof.note)
    told = records.InclusionProof(
        project=project,
        sequence=sequence,
        index=proof.index,
        size=signed.size,
        leaf=leaf.hex(),
        root=b64encode(signed.root).decode(),
        hashes=tuple(b64encode(each).decode() for each in proof.proof),
        note=proof.note,
        text=str(proof),
    )
    return answer(told)


async def consistency(call: Called, project: Project, wanted: Since) -> Response:
    """Prove that the log extends what it was at an earlier size; as `text/plain` in the form of tlog-witness."""
    call.see(project)
    key = ProjectKey(call.caller.tenant, project)
    async with call.ports.record.reading() as connection:
        text = await stored.extended(connection, key, wanted.since, wanted.to)
    if text is None:
        await call.status(project)
        if wanted.to is not None:
            raise _uncovered(f"no checkpoint of {project} has {wanted.to} events, {wanted.since} of them before")
        raise _uncovered(f"no checkpoint covers the first {wanted.since} events of {project}")
    if _wants_text(call):
        return Response(text, media_type=TEXT)
    head, _, note = text.partition("\n\n")
    signed = _read(note)
    told = records.ConsistencyProof(
        project=project,
        since=wanted.since,
        size=signed.size,
        root=b64encode(signed.root).decode(),
        hashes=tuple(head.split("\n")[1:]),
        note=note,
        text=text,
    )
    return answer(told)


def _wants_text(call: Call) -> bool:
    return chosen(call.request) == "text/plain"


def _read(note: str) -> Checkpoint:
    return Checkpoint.read(Note.read(note.encode()).text)


async def verify(call: Called, project: Project, _: Nothing) -> Response:
    """Verify a project's record now: every event in the ledger, against the log, and against the newest checkpoint.

    Nothing is decided by it, and nothing written: `holds` says what was found, and `compared` what was held against
    what. What it says rests on this deployment; `psmp verify` of a bundle trusts nothing but public keys.
    """
    began = time.perf_counter()
    await call.status(project)
    key = ProjectKey(call.caller.tenant, project)
    ports = call.ports.record
    async with ports.taking_long():
        [found] = [each async for each in walk(ports.pool, key=key, log=ports.log, known=[key])]
        async with ports.reading() as connection:
            row = await connection.fetchrow(SQL["checkpoints"], *key, None, 1)
            signed = None if row is None else _state(row)
            root = None if signed is None else await _root(connection, key, signed.size)
    return answer(_told(found, signed, root, time.perf_counter() - began))


async def _root(connection: Connection, key: ProjectKey, size: int) -> bytes | None:
    """The root over the leaves themselves, not over what is kept of the tree; None where there are too few."""
    frontier = Frontier()
    cursor = await connection.cursor(SQL["leaves"], *key, size)
    while page := await cursor.fetch(1000, timeout=CHECK_WITHIN):
        for (leaf,) in page:
            frontier = frontier.append(leaf)
    return frontier.root if frontier.size == size else None


def _told(
    found: Verified, signed: records.CheckpointState | None, root: bytes | None, seconds: float
) -> records.Verification:
    fault = found.fault
    log = fault is not None and fault.flaw in (Flaw.LOG, Flaw.UNRECORDED)
    compared = [
        records.Compared(
            what="chain",
            records=found.events,
            holds=fault is None or log,
            text="each event has the next number, the hash of its bytes, and names the hash of the one before it",
        ),
        records.Compared(
            what="log",
            records=found.events,
            holds=not log,
            text="the same bytes stand in the log in its place, and the log has nothing that the ledger lacks",
        ),
    ]
    if signed is not None:
        compared.append(_signed(signed, root))
    return records.Verification(
        project=found.key.project,
        holds=all(each.holds for each in compared),
        records=found.events,
        head=found.head.leaf,
        position=found.head.position,
        ahead=found.ahead,
        pruned=found.pruned,
        compared=tuple(compared),
        fault=None if fault is None else _flawed(fault),
        checkpoint=signed,
        seconds=round(seconds, 4),
    )


def _flawed(fault: Fault) -> records.Flawed:
    return records.Flawed(
        sequence=fault.sequence,
        position=fault.position,
        kind=fault.flaw,
        expected=fault.expected,
        found=fault.found,
    )


def _signed(signed: records.CheckpointState, root: bytes | None) -> records.Compared:
    """Whether the note says what the leaves give."""
    try:
        said: Checkpoint | None = _read(signed.note)
    except Malformed:
        said = None
    return records.Compared(
        what="checkpoint",
        records=signed.size,
        holds=said is not None and root is not None and (said.size, said.root) == (signed.size, root),
        text="the tree over the hashes of the first events has the root that the newest checkpoint says",
    )
