"""Extracts of the ledger as files: JSON with its manifest in it, CSV with its manifest beside it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import deliver
from psmp.cli.output import writing
from psmp.cli.sealing import Sealing
from psmp.ledger.dsse import EXTRACT, Envelope
from psmp.store.extract import Extract, Form, Nothing, Sink


async def extracted(extract: Extract, form: Form, sealing: Sealing | None, file: Path | None) -> list[Path]:
    """Write the extract to ``file`` or standard output; the files that were written besides.

    Of a file there is nothing at all where something goes wrong. Raises ``Complaint``.
    """

    async def seal(kind: str, manifest: bytes) -> Envelope | None:
        return await sealing(kind, manifest) if sealing else None

    try:
        with _sink(file) as sink:
            if form == "json":
                await extract.json(sink, seal)
                return []
            manifest = await extract.csv(sink)
            envelope = await seal(EXTRACT, manifest)
    except Nothing as nothing:
        raise Complaint(Exit.NOT_FOUND, str(nothing), "psmp projects lists those that there are") from None
    return list(_beside(file, manifest, envelope)) if file else []


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
