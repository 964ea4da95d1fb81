"""Writes a bundle (``psmp-bundle-1``): the ledger's exact bytes and what was signed of them, for ``psmp.auditor``.

``manifest.json`` names every file and its SHA-256. ``logs/<tenant>/<project>.jsonl`` has one record a line, byte for
byte; of one whose body was pruned, ``{"pruned":"<leaf hash>"}``. ``checkpoints/<tenant>/<project>.jsonl`` and the files
of ``anchor/`` have one JSON string a line: signed notes, and the texts of all checkpoints in the order of signing.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, Protocol

import asyncpg

from psmp.ledger.notes import Malformed, Note
from psmp.ledger.origins import anchor, origin
from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.statements import load
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
FORMAT: Final = "psmp-bundle-1"
PAGE: Final = 1000

Sign = Callable[[str], Awaitable[str]]
"""Has a manifest's SHA-256 (hex) signed; the note."""


class Pages(Protocol):
    """Where the files of a bundle go. Each is added to while it is the last; a new name begins a new file."""

    def write(self, name: str, data: bytes) -> None:
        """More of the file ``name``."""


class Elsewhere(Exception):
    """The ledger's checkpoints are those of another deployment than was named."""

    def __init__(self, deployment: str, found: str) -> None:
        super().__init__(f"the ledger has a checkpoint of {found!r}, which is no log of {deployment!r}")
        self.hint = "set PSMP_DEPLOYMENT to what the services have"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which logs: those of a tenant, or of one project; otherwise all, and the anchor log with them.

    The anchor log names every tenant's projects, so that no part of the logs comes with it.
    """

    tenant: str | None = None
    project: str | None = None

    @property
    def partial(self) -> bool:
        """Whether logs are left out."""
        return self.tenant is not None


@dataclass
class _File:
    """What is known of a file that was written: its lines and its hash."""

    lines: int = 0
    digest: Any = field(default_factory=sha256)


class Binder:
    """A bundle in the making: keeps the hashes of what it writes."""

    def __init__(self, pages: Pages, tell: Callable[[int], object]) -> None:
        self._pages, self._tell = pages, tell
        self._files: dict[str, _File] = {}
        self._records = 0

    def add(self, name: str, lines: Iterable[bytes]) -> None:
        """More lines of the file ``name``."""
        found = list(lines)
        data = b"".join(found)
        file = self._files.setdefault(name, _File())
        file.lines += len(found)
        file.digest.update(data)
        self._pages.write(name, data)

    def count(self, name: str) -> int:
        """How many lines the file ``name`` has; it is there from now on."""
        if name not in self._files:
            self.add(name, ())
        return self._files[name].lines

    def digests(self, *names: str) -> dict[str, str]:
        """The SHA-256 of these files, in hex."""
        return {name: self._files[name].digest.hexdigest() for name in names}

    def told(self, records: int) -> None:
        """So many more records are written."""
        self._records += records
        self._tell(self._records)


async def bind(
    pool: Pool,
    pages: Pages,
    deployment: str,
    made_at: str,
    *,
    scope: Scope = Scope(),
    files: Mapping[str, bytes] | None = None,
    sign: Sign | None = None,
    tell: Callable[[int], object] = lambda _: None,
) -> dict[str, Any]:
    """Write a bundle as of one moment; the manifest. Memory does not grow with the records.

    ``files`` go in as they are. ``sign`` has the manifest signed; without it nobody says who made the bundle. Raises
    asyncpg's errors, ``Elsewhere``, and what ``pages`` and ``sign`` raise.
    """
    binder = Binder(pages, tell)
    async with checking(pool) as connection:
        keys = await _logs(connection, binder, scope)
        await _checkpoints(connection, binder, scope, deployment)
        anchored = None if scope.partial else await _anchor(connection, binder, deployment)
    for name, raw in (files or {}).items():
        binder.add(name, (raw,))
    manifest = {
        "format": FORMAT,
        "deployment": deployment,
        "made_at": made_at,
        "partial": scope.partial,
        "logs": [_told(binder, deployment, key) for key in keys],
        **({"anchor": anchored} if anchored else {}),
        "files": binder.digests(*(files or {})),
    }
    raw = json.dumps(manifest, indent=1).encode() + b"\n"
    pages.write("manifest.json", raw)
    if sign is not None:
        pages.write("manifest.note", (await sign(sha256(raw).hexdigest())).encode())
    return manifest


async def _logs(connection: Connection, binder: Binder, scope: Scope) -> list[ProjectKey]:
    """Every record; the projects in the order of their names."""
    keys: dict[ProjectKey, None] = {}
    async for page in _pages(connection, "records", scope.tenant, scope.project):
        for (tenant, project), rows in groupby(page, lambda row: (row[0], row[1])):
            key = ProjectKey(tenant, project)
            keys[key] = None
            binder.add(_records(key), (_line(row[2], row[3]) for row in rows))
        binder.told(len(page))
    return list(keys)


def _line(leaf: bytes, body: bytes | None) -> bytes:
    return body + b"\n" if body is not None else b'{"pruned":"%s"}\n' % leaf.hex().encode()


async def _checkpoints(connection: Connection, binder: Binder, scope: Scope, deployment: str) -> None:
    async for page in _pages(connection, "checkpoints", scope.tenant, scope.project):
        for (tenant, project), rows in groupby(page, lambda row: (row[0], row[1])):
            key = ProjectKey(tenant, project)
            notes = [row[2] for row in rows]
            named = notes[0].partition("\n")[0]
            if named != origin(deployment, key) and named.endswith(f"/{key}"):
                raise Elsewhere(deployment, named)  # any other name is for the auditor to find
            binder.add(_notes(key), map(_string, notes))


async def _anchor(connection: Connection, binder: Binder, deployment: str) -> dict[str, Any]:
    records, checkpoints = names = "anchor/records.jsonl", "anchor/checkpoints.jsonl"
    async for page in _pages(connection, "anchored"):
        binder.add(records, (_string(_text(row[0])) for row in page))
    async for page in _pages(connection, "anchors"):
        binder.add(checkpoints, (_string(row[0]) for row in page))
    for name in names:
        binder.count(name)
    return {
        "origin": anchor(deployment),
        "records": records,
        "checkpoints": checkpoints,
        "files": binder.digests(*names),
    }


def _told(binder: Binder, deployment: str, key: ProjectKey) -> dict[str, Any]:
    records, checkpoints = _records(key), _notes(key)
    binder.count(checkpoints)
    return {
        "origin": origin(deployment, key),
        "project": str(key),
        "records": records,
        "checkpoints": checkpoints,
        "count": binder.count(records),
        "files": binder.digests(records, checkpoints),
    }


async def _pages(connection: Connection, query: str, *arguments: str | None) -> AsyncIterator[list[asyncpg.Record]]:
    cursor = await connection.cursor(SQL[query], *arguments)
    while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
        yield page


def _text(note: str) -> str:
    """What is signed in a note that somebody may have tampered with: the auditor is to see it as it is."""
    try:
        return Note.read(note.encode()).text
    except Malformed:
        return note


def _string(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode() + b"\n"


def _records(key: ProjectKey) -> str:
    return f"logs/{key}.jsonl"


def _notes(key: ProjectKey) -> str:
    return f"checkpoints/{key}.jsonl"
