"""Where checkpoints go that are stored: to their stream and to a file, each exactly once and in the order of signing.

Both are followed from what they have, so that whatever a crash has left out is found in Postgres and made up for.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Note
from psmp.ledger.origins import anchor, project_of
from psmp.store.pool import Connection
from psmp.store.statements import load
from psmp.store.tree import ANCHOR
from psmp.wire.asking import Answer, Asking
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.faults import told
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
STREAM: Final = "PSMP_CHECKPOINTS"
SMALLEST_BATCH: Final = 4
"""From so many on they go to the stream as one atomic batch (NATS ADR-50): it costs a few flushes, not one for each."""

_PAGE: Final = 1000
"""So many at once; a batch has no more."""
_ANSWER_WITHIN: Final = 5.0
_TAIL: Final = 1 << 20
_NOT_FOUND: Final = "404"


class Place(NamedTuple):
    """How far something has come: to checkpoint ``number``, and whether the anchor log's of that size is there too."""

    number: int = 0
    anchored: int = 0


class Backward(RuntimeError):
    """What was published is not in Postgres: that has gone back in time."""


class Elsewhere(ConnectionError):
    """Somebody else has published, or nobody answers: see again what is there."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A stored checkpoint on its way out."""

    place: Place
    key: ProjectKey
    position: int
    leaf: bytes
    note: str


class Outlet(Protocol):
    """Something that checkpoints are published to."""

    async def begin(self, connection: Connection) -> Place:
        """What it has; raises ``Backward`` where Postgres does not know it."""
        ...

    async def put(self, notices: list[Notice]) -> None:
        """Publish, in order; raises ``Elsewhere`` or ``OSError``, and then begins anew."""
        ...


class Outlets:
    """Everything that checkpoints are published to."""

    def __init__(self, *outlets: Outlet) -> None:
        self._places: dict[Outlet, Place | None] = dict.fromkeys(outlets)

    def forget(self) -> None:
        """Begin anew with each."""
        self._places = dict.fromkeys(self._places)

    async def push(self, connection: Connection) -> None:
        """Publish what is stored and not published yet."""
        pages: dict[Place, list[Notice]] = {}  # most outlets have come equally far
        for outlet, known in self._places.items():
            place = known
            self._places[outlet] = None
            if place is None:
                place = await outlet.begin(connection)
            more = True
            while more:
                if place not in pages:
                    pages[place] = [_notice(row) for row in await connection.fetch(SQL["stored"], *place, _PAGE)]
                notices = pages[place]
                more = len(notices) == _PAGE
                if notices:
                    await outlet.put(notices)
                    place = notices[-1].place
            self._places[outlet] = place


class Stream:
    """The stream ``PSMP_CHECKPOINTS``: a publish names the one before it, so one of two writers comes through.

    Many go as one batch, all or none of which is stored; one after the other where the stream takes no batches.
    """

    def __init__(self, nats: MendedClient) -> None:
        self._nats = nats
        self._asking = Asking(nats, _ANSWER_WITHIN)
        self._last = 0
        self._batches = True

    async def begin(self, connection: Connection) -> Place:
        """See ``Outlet``."""
        self._batches = True
        last = await self._get(f"{subjects.CHECKPOINTS}.>")
        if last is None:
            self._last = 0
            return Place()
        headers = last.headers or {}
        self._last = int(headers["Nats-Sequence"])
        number = headers.get(subjects.NUMBER, "")
        if not number.isdecimal():
            raise Backward(f"message {self._last} of {STREAM} is no checkpoint of ours: psmp doctor says more")
        place = Place(int(number), int(headers["Nats-Subject"] == subjects.checkpoint(ANCHOR)))
        await _require(connection, place, last.data.decode())
        return place

    async def put(self, notices: list[Notice]) -> None:
        """See ``Outlet``."""
        await self._asking.ready()
        if self._batches and len(notices) >= SMALLEST_BATCH and await self._put_together(notices):
            return
        # One after the other: where another writer comes in between, what follows must not be taken behind it.
        for notice in notices:
            said = _said(await self._publish(notice, _behind(self._last)))
            if "error" in said:
                raise Elsewhere(f"{STREAM} does not take a checkpoint: {said['error'].get('description')}")
            self._last = said["seq"]

    async def _put_together(self, notices: list[Notice]) -> bool:
        """Publish as one batch; False where that is refused, and then no other is tried before it begins anew."""
        batch = f"Nats-Batch-Id: {self._nats.new_inbox().rpartition('.')[2]}\r\nNats-Batch-Sequence: "
        *others, last = notices
        try:
            for number, notice in enumerate(others, 1):
                more = f"{batch}{number}\r\n{_behind(self._last) if number == 1 else ''}"
                self._nats.send(subjects.checkpoint(notice.key), notice.note.encode(), headers=_headers(notice, more))
        except NatsError as error:
            raise Elsewhere(f"{STREAM} cannot be reached: {told(error)}") from error
        said = _said(await self._publish(last, f"{batch}{len(notices)}\r\nNats-Batch-Commit: 1\r\n"))
        if "error" in said:
            self._batches = False
            return False
        if said["seq"] != self._last + len(notices):
            raise Elsewhere(f"{STREAM} has other checkpoints than it was given")
        self._last = said["seq"]
        return True

    def _publish(self, notice: Notice, more: str) -> asyncio.Future[Answer]:
        """Publish with ``more`` headers."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def hear(said: Answer) -> None:
            if not answer.done():
                answer.set_result(said)

        self._asking.ask(subjects.checkpoint(notice.key), notice.note.encode(), _headers(notice, more), hear)
        return answer

    async def _get(self, subject: str) -> Msg | None:
        body = json.dumps({"last_by_subj": subject}).encode()
        try:
            answer = await self._nats.request(f"$JS.API.DIRECT.GET.{STREAM}", body, timeout=_ANSWER_WITHIN)
        except (NatsError, TimeoutError) as error:
            raise Elsewhere(f"{STREAM} does not answer: {told(error)}") from error
        return None if (answer.headers or {}).get("Status") == _NOT_FOUND else answer


class File:
    """A file to which one JSON string a line is appended; on disk when ``put`` returns."""

    def __init__(self, path: Path, deployment: str) -> None:
        self._path, self._deployment = path, deployment

    async def begin(self, connection: Connection) -> Place:
        """See ``Outlet``. A last line that was not written to its end is taken away."""
        note = await asyncio.to_thread(self._last)
        if note is None:
            return Place()
        checkpoint = Checkpoint.read(Note.read(note.encode()).text)
        if checkpoint.origin == anchor(self._deployment):
            place = Place(checkpoint.size, 1)
        else:
            key = project_of(checkpoint.origin, self._deployment)
            place = Place(await connection.fetchval(SQL["number"], *(key or ANCHOR), checkpoint.size) or 0, 0)
        await _require(connection, place, note)
        return place

    async def put(self, notices: list[Notice]) -> None:
        """See ``Outlet``."""
        lines = "".join(json.dumps(each.note, ensure_ascii=False) + "\n" for each in notices)
        await asyncio.to_thread(self._append, lines.encode())

    def _append(self, raw: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())

    def _last(self) -> str | None:
        """The note in the last whole line."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as file:
            end = file.tell()
            file.seek(max(end - _TAIL, 0))
            whole, newline, rest = file.read().rpartition(b"\n")
            if rest:
                file.truncate(end - len(rest))
            note: str | None = json.loads(whole.rpartition(b"\n")[2]) if newline else None
            return note


def _headers(notice: Notice, more: str) -> bytes:
    """As they are sent; nothing in them is anybody's text."""
    return (
        f"NATS/1.0\r\n{subjects.POSITION}: {notice.position}\r\n{subjects.LEAF}: {notice.leaf.hex()}\r\n"
        f"{subjects.NUMBER}: {notice.place.number}\r\n{more}\r\n"
    ).encode()


def _behind(last: int) -> str:
    """On condition that this is the stream's last message."""
    return f"Nats-Expected-Last-Sequence: {last}\r\n"


def _said(answer: Answer) -> dict[str, Any]:
    """What the stream answers; raises ``Elsewhere`` where it does not."""
    if not isinstance(answer, Message):
        raise Elsewhere(f"{STREAM} does not answer: {str(answer) or type(answer).__name__}")
    said: dict[str, Any] = json.loads(answer.data)
    return said


def _notice(row: Any) -> Notice:  # noqa: ANN401 - a row of Postgres
    number, anchored, tenant, project, position, leaf, note = row
    return Notice(Place(number, anchored), ProjectKey(tenant, project), position, leaf, note)


async def _require(connection: Connection, place: Place, note: str) -> None:
    """Raise ``Backward`` unless Postgres has what was published last, word for word."""
    stored = await connection.fetchval(SQL["note"], *place)
    if stored != note:
        what = f"checkpoint {place.number}" if not place.anchored else f"the anchor log's checkpoint {place.number}"
        has = "none" if stored is None else "another one"
        raise Backward(f"{what} was published and Postgres has {has}: it has gone back in time")
