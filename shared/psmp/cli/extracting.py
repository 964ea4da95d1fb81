"""Extracts of the ledger as files: JSON with its manifest in it, CSV with its manifest beside it."""

import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from psmp.cli import clock
from psmp.cli.database import database
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import deliver
from psmp.cli.flags import Servers
from psmp.cli.logbook import opened
from psmp.cli.output import Output, writing
from psmp.cli.sealing import Sealing, by_signer
from psmp.ledger.dsse import EXTRACT, Envelope
from psmp.ledger.extracts import Wanted
from psmp.store.export.extract import Extract, Form, Nothing, Sink
from psmp.store.pool import Pool
from psmp.store.pool import answering as asked
from psmp.words.envelope import written


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is to be written where; without a ``file`` to standard output."""

    file: Path | None
    form: Form
    tenant: str | None
    project: str | None
    wanted: Wanted
    deployment: str
    unsigned: bool


async def write_extract(asking: Asking, servers: Servers, out: Output) -> Exit:
    """Write it. Of a file there is nothing at all where something goes wrong. Raises ``Complaint``."""
    async with AsyncExitStack() as exits:
        if asking.unsigned:
            pool, sealing = await exits.enter_async_context(database(servers, "export")), None
        else:
            logbook = await exits.enter_async_context(opened(servers, "export"))
            pool, sealing = logbook.pool, by_signer(logbook.nats)
        with asked():
            beside = await _extracted(pool, asking, sealing)
    for file in beside:
        out.say(f"{file} written", "dim")
    if asking.form == "csv" and asking.file is None:
        out.say("standard output has no manifest; with a file it stands beside the file", "dim")
    return Exit.DONE


async def _extracted(pool: Pool, asking: Asking, sealing: Sealing | None) -> list[Path]:
    """The files that were written."""
    made_at, file = written(clock.now()), asking.file
    extract = Extract(pool, asking.tenant, asking.project, asking.wanted, deployment=asking.deployment, made_at=made_at)

    async def seal(kind: str, manifest: bytes) -> Envelope | None:
        return await sealing(kind, manifest) if sealing else None

    try:
        with _sink(file) as sink:
            if asking.form == "json":
                await extract.json(sink, seal)
                return [file] if file else []
            manifest = await extract.csv(sink)
            envelope = await seal(EXTRACT, manifest)
    except Nothing as nothing:
        raise Complaint(Exit.NOT_FOUND, str(nothing), "psmp projects lists those that there are") from None
    return [file, *_beside(file, manifest, envelope)] if file else []


def _beside(file: Path, manifest: bytes, envelope: Envelope | None) -> Iterator[Path]:
    said = file.with_name(file.name + ".manifest.json")
    deliver(manifest.decode(), said)
    yield said
    if envelope is not None:
        signed = file.with_name(file.name + ".manifest.dsse.json")
        deliver(envelope.written() + "\n", signed)
        yield signed


class _File:
    """A file that tells its own faults; what goes wrong elsewhere meanwhile is not one of them."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path, self._stream = path, stream

    def write(self, data: bytes, /) -> None:
        """See ``Sink``; raises ``Complaint``."""
        with _of(self._path):
            self._stream.write(data)


@contextmanager
def _sink(file: Path | None) -> Iterator[Sink]:
    if file is None:
        with writing():
            yield sys.stdout.buffer
        return
    if file.exists():
        raise Complaint(Exit.USAGE, f"{file} is there already", "name another place; nothing is ever overwritten")
    part = file.with_name(file.name + ".part")
    with _of(file):
        stream = part.open("wb")
    try:
        yield _File(file, stream)
        with _of(file):
            stream.close()
            part.replace(file)
    finally:
        stream.close()
        part.unlink(missing_ok=True)


@contextmanager
def _of(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror or error}", "name a file that can be written") from None
