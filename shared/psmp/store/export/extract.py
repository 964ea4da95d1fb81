"""Extracts from the ledger, written as they are read: memory stays flat, and all is as of one moment."""

from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Final, Literal, Protocol

from psmp.ledger import extracts
from psmp.ledger.dsse import EXTRACT, Envelope
from psmp.ledger.extracts import Counted, Entry, Opened, Source, Wanted
from psmp.ledger.origins import origin
from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
PAGE: Final = 1000

Form = Literal["json", "csv"]

Seal = Callable[[str, bytes], Awaitable[Envelope | None]]
"""Has bytes of a type signed; None where there is nobody to sign them."""


class Sink(Protocol):
    """Where an extract goes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class Nothing(LookupError):
    """The ledger has no such project, or none of the tenant at all."""


class Extract:
    """An extract of all projects, or of those of a ``tenant``, or of one ``project`` of it, in the making."""

    def __init__(
        self, pool: Pool, tenant: str | None, project: str | None, wanted: Wanted, *, deployment: str, made_at: str
    ) -> None:
        self._pool, self._tenant, self._project = pool, tenant, project
        self._wanted, self._deployment, self._made_at = wanted, deployment, made_at
        self._records = self._pruned = self._unreadable = 0
        self._hash = sha256()

    async def csv(self, out: Sink) -> bytes:
        """Write the CSV to ``out``; its manifest. Raises ``Nothing`` before anything is written."""
        async with checking(self._pool) as connection:
            sources = await self._sources(connection)
            self._write(out, extracts.line(extracts.COLUMNS))
            async for entry, event in self._entries(connection):
                self._write(out, extracts.line(extracts.as_cells(entry, event)))
        return self._manifest("csv", sources)

    async def json(self, out: Sink, seal: Seal) -> bytes:
        """Write one JSON document, ``records`` and ``manifest`` and its ``envelope``, to ``out``; the manifest."""
        async with checking(self._pool) as connection:
            sources = await self._sources(connection)
            out.write(b'{"records":[')
            between = b"\n"
            async for entry, event in self._entries(connection):
                line = extracts.as_json(entry, event)
                self._hash.update(line + b"\n")
                out.write(between + line)
                between = b",\n"
        manifest = self._manifest("json", sources)
        envelope = await seal(EXTRACT, manifest)
        signed = envelope.written().encode() if envelope else b"null"
        out.write(b'\n],"manifest":' + manifest + b',"envelope":' + signed + b"}\n")
        return manifest

    def _write(self, out: Sink, data: bytes) -> None:
        self._hash.update(data)
        out.write(data)

    async def _sources(self, connection: Connection) -> list[Source]:
        rows = await connection.fetch(SQL["sources"], self._tenant, self._project, timeout=CHECK_WITHIN)
        if not rows:
            raise Nothing(f"the ledger has nothing of {self._tenant or '*'}/{self._project or '*'}")
        return [
            Source(origin(self._deployment, ProjectKey(row[0], row[1])), row[2], row[3], row[4].hex(), row[5])
            for row in rows
        ]

    async def _entries(self, connection: Connection) -> AsyncIterator[tuple[Entry, Opened]]:
        cursor = await connection.cursor(SQL["entries"], self._tenant, self._project)
        while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
            for entry in (Entry(*row) for row in page):
                event = extracts.opened(entry)
                if extracts.chosen(event, self._wanted):
                    self._records += 1
                    self._pruned += entry.body is None
                    self._unreadable += entry.body is not None and event is None
                    yield entry, event

    def _manifest(self, form: Form, sources: list[Source]) -> bytes:
        whose = {"tenant": self._tenant, "project": self._project}
        asked = {name: value for name, value in whose.items() if value} | self._wanted.plain()
        counted = Counted(self._records, self._pruned, self._unreadable, self._hash.hexdigest())
        return extracts.manifest(form, self._deployment, asked, sources, counted, self._made_at)
