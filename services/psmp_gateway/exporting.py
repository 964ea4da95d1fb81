"""Exports: written to a file of their own first, so that nobody gets half of one, then sent piece by piece."""

import asyncio
import shutil
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from psmp import __version__
from psmp.deep.declared import declared_bill
from psmp.ledger import dsse, signing
from psmp.ledger.dsse import EXTRACT
from psmp.ledger.extracts import Wanted
from psmp.ledger.signing import Stated, Statement
from psmp.service.clock import now
from psmp.store.export import bundle
from psmp.store.export.attest import look, projects
from psmp.store.export.bundle import bind
from psmp.store.export.extract import Extract, Nothing
from psmp.store.export.sheets import fresh
from psmp.store.pool import Pool, answering
from psmp.words.envelope import written
from psmp_gateway.record import Record
from psmp_gateway.trouble import trouble, unknown_project

PIECE: Final = 65_536
TYPES: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8", "zip": "application/zip"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, of a tenant or of one ``project``; a CSV that is ``signed`` comes with its manifest, in a zip."""

    format: Literal["json", "csv", "jsonl"]
    tenant: str
    project: str | None
    since: datetime | None
    until: datetime | None
    agent: str | None
    kind: str | None
    signed: bool

    @property
    def ends(self) -> str:
        """What its file is."""
        return "zip" if self.format == "jsonl" or (self.format == "csv" and self.signed) else self.format


@dataclass(frozen=True, slots=True)
class File:
    """An export that is whole, in a folder that goes with it."""

    folder: Path
    path: Path
    media_type: str
    name: str


class Exported(StreamingResponse):
    """Sends an export, and takes its file away."""

    def __init__(self, file: File) -> None:
        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Content-Length": str(file.path.stat().st_size),
        }
        super().__init__(_pieces(file.path), headers=headers, media_type=file.media_type)
        self._folder = file.folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


async def exported(record: Record, wish: Wish) -> File:
    """The export; raises ``Trouble``."""
    loop = asyncio.get_running_loop()

    async def signed(statement: Statement) -> Stated:
        asked = asyncio.run_coroutine_threadsafe(record.signed(statement), loop)
        return await asyncio.wrap_future(asked)

    maker = _Maker(wish, record.deployment, signed)
    return await record.apart(maker.make)


class _Maker:
    """Makes one export."""

    def __init__(self, wish: Wish, deployment: str, sign: Callable[[Statement], Awaitable[Stated]]) -> None:
        self._wish, self._deployment, self._sign = wish, deployment, sign

    async def make(self, pool: Pool) -> File:
        """Write it to a file."""
        wish = self._wish
        folder = Path(tempfile.mkdtemp(prefix="psmp-export-"))
        name = f"{wish.project or wish.tenant}.{wish.ends}"
        path = folder / name
        write = {"json": self._json, "csv": self._csv, "jsonl": self._bundle}[wish.format]
        try:
            with answering():
                await write(pool, path)
        except Nothing:
            shutil.rmtree(folder, ignore_errors=True)
            raise _nothing(wish) from None
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return File(folder, path, TYPES[wish.ends], name)

    def _extract(self, pool: Pool) -> Extract:
        wish = self._wish
        wanted = Wanted(wish.since, wish.until, wish.agent, wish.kind)
        return Extract(*(pool, wish.tenant, wish.project, wanted), deployment=self._deployment, made_at=written(now()))

    async def _json(self, pool: Pool, path: Path) -> None:
        with path.open("wb") as out:
            await self._extract(pool).json(out, self._sealed)

    async def _csv(self, pool: Pool, path: Path) -> None:
        """The table; of one that is signed, with its manifest and the envelope of that beside it."""
        table = path.with_suffix(".csv")
        with table.open("wb") as out:
            manifest = await self._extract(pool).csv(out)
        if not self._wish.signed:
            return
        envelope = await self._sealed(EXTRACT, manifest)
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as pages:
            pages.write(table, table.name)
            pages.writestr(f"{table.name}.manifest.json", manifest)
            if envelope is not None:
                pages.writestr(f"{table.name}.manifest.dsse.json", envelope.written())

    async def _sealed(self, kind: str, payload: bytes) -> dsse.Envelope | None:
        if not self._wish.signed:
            return None
        wanted = Statement(statement=signing.Envelope(payload_type=kind, payload=payload.decode()))
        stated = await self._sign(wanted)
        found = [dsse.Signature(each.keyid, b64decode(each.sig)) for each in stated.signatures]
        return dsse.seal(kind, payload, found) if found else None

    async def _bundle(self, pool: Pool, path: Path) -> None:
        wish, scope = self._wish, bundle.Scope(self._wish.tenant, self._wish.project)
        with fresh(path) as pages:
            made = await bind(
                *(pool, pages, self._deployment, written(now())),
                scope=scope,
                files=await self._bills(pool),
                sign=self._note if wish.signed else None,
            )
            if not made["logs"]:
                raise Nothing(scope)

    async def _note(self, digest: str) -> str:
        stated = await self._sign(Statement(statement=signing.Bundle(sha256=digest)))
        return stated.note

    async def _bills(self, pool: Pool) -> dict[str, bytes]:
        """The bills of materials of the projects that declare something and whose record holds."""
        found = {}
        for key in await projects(pool, self._wish.tenant, self._wish.project):
            seen = await look(pool, key, self._deployment)
            if seen.status is not None and seen.status.artifacts:
                found[f"sbom/{key}.cdx.json"] = declared_bill(seen.status, tool=__version__).encode()
        return found


def _nothing(wish: Wish) -> Exception:
    if wish.project is not None:
        return unknown_project(wish.project)
    return trouble("NOT_FOUND", "the ledger has nothing yet", "create a project, and come back a moment later")
