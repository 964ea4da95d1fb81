"""Takes checkpoints in again that were published and that the database has lost, word for word as they were signed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Note
from psmp.log.jetstream import direct_get
from psmp.store.pool import Connection
from psmp.store.restore.heads import CHECKPOINTS
from psmp.store.statements import load
from psmp.store.tree import ANCHOR
from psmp.words import subjects

SQL: Final = load(__file__)
_PAGE: Final = 256
_ANSWER_WITHIN: Final = 10.0


async def reissue(connection: Connection, nats: Client) -> int:
    """Add to the database what the stream of checkpoints has and it lacks; how many there were.

    Raises ``Malformed`` for what is no checkpoint, and asyncpg's errors; needs the rights of the tables' owner.
    """
    numbers: int = await connection.fetchval(SQL["numbers"])
    anchored: int = await connection.fetchval(SQL["anchored"])
    added = 0
    async with connection.transaction():
        async for message in _published(nats):
            number, is_anchor = _place(message)
            if number > (anchored if is_anchor else numbers):
                name = "add_anchor" if is_anchor else "add_checkpoint"
                await connection.execute(SQL[name], *(_anchor if is_anchor else _checkpoint)(message, number))
                added += 1
    return added


def _place(message: Msg) -> tuple[int, bool]:
    """A checkpoint's number, of the anchor log's own the size; and whether it is one of those."""
    headers = message.headers or {}
    return int(headers[subjects.NUMBER]), headers["Nats-Subject"] == subjects.checkpoint(ANCHOR)


def _checkpoint(message: Msg, number: int) -> tuple[Any, ...]:
    checkpoint, note, at = _read(message)
    _, tenant, project = checkpoint.origin.split("/")
    position = int((message.headers or {})[subjects.POSITION])
    leaf = sha256(b"\x00" + checkpoint.text.encode()).digest()
    return number, tenant, project, checkpoint.size, checkpoint.root, position, leaf, note, at


def _anchor(message: Msg, number: int) -> tuple[Any, ...]:
    checkpoint, note, at = _read(message)
    return number, checkpoint.root, note, at


def _read(message: Msg) -> tuple[Checkpoint, str, datetime]:
    note = message.data.decode()
    stamp = (message.headers or {})["Nats-Time-Stamp"][:19]
    return Checkpoint.read(Note.read(message.data).text), note, datetime.fromisoformat(stamp).replace(tzinfo=UTC)


async def _published(nats: Client) -> AsyncIterator[Msg]:
    """Every message of the stream, in the order of signing; none where nobody signs."""
    after = 0
    while True:
        request = {"seq": after + 1, "batch": _PAGE, "next_by_subj": f"{subjects.CHECKPOINTS}.>"}
        try:
            page = await direct_get(nats, CHECKPOINTS, request, timeout=_ANSWER_WITHIN)
        except NatsError:
            return
        for message in page:
            yield message
        if len(page) < _PAGE:
            return
        after = int((page[-1].headers or {})["Nats-Sequence"])
