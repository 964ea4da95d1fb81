"""Writes a log as the files of C2SP tlog-tiles, so that other people's tools can read and check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psmp.ledger.tiles import WIDTH, path, tiles
from psmp.store.checkpoints import newest
from psmp.store.pool import Connection
from psmp.store.statements import load
from psmp.store.tree import ANCHOR, fetch
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
LARGEST: Final = 65_535
"""Bytes of a record for which a bundle has room."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: a tree of ``size`` records in so many files.

    ``left_out`` are bundles (their paths) that cannot be: a record in them is larger than 65,535 bytes, or pruned.
    """

    size: int
    files: int
    left_out: tuple[str, ...]


class NoCheckpoint(LookupError):
    """No checkpoint covers anything of the log."""


class Lacking(LookupError):
    """Postgres does not have a hash that the checkpoint covers."""


async def write_tiles(connection: Connection, key: ProjectKey, folder: Path) -> Written:
    """Write the log of a project, or the anchor log (``ANCHOR``), as its newest checkpoint covers it, into ``folder``.

    What is there already and whole is left as it is: it never changes. The checkpoint is written last, so that who
    follows the folder finds all that it needs. Raises ``NoCheckpoint``, ``Lacking`` and ``OSError``.
    """
    stored = await newest(connection, key)
    if stored is None:
        raise NoCheckpoint(f"no checkpoint covers anything of {key}")
    left_out: list[str] = []
    files = 1
    for level, index, width in tiles(stored.size):
        await _tile(connection, key, folder, (level, index, width))
        files += 1
        if level == 0:
            bundled = await _bundle(connection, key, folder, index, width)
            files += bundled
            left_out += () if bundled else (path("entries", index, width),)
    _write(folder / "checkpoint", stored.note.encode())
    return Written(stored.size, files, tuple(left_out))


async def _tile(connection: Connection, key: ProjectKey, folder: Path, tile: tuple[int, int, int]) -> None:
    level, index, width = tile
    place = folder / path(level, index, width)
    if place.exists():
        return
    wanted = [(level, index * WIDTH + number) for number in range(width)]
    found = (await fetch(connection, {key: set(wanted)})).get(key, {})
    if len(found) < width:
        raise Lacking(f"{key} lacks hashes of its tree from record {(index * WIDTH) << 8 * level} on")
    _write(place, b"".join(found[each] for each in wanted))


async def _bundle(connection: Connection, key: ProjectKey, folder: Path, index: int, width: int) -> bool:
    """Write a bundle of records; False when it cannot be."""
    place = folder / path("entries", index, width)
    if place.exists():
        return True
    first = index * WIDTH
    bodies = await _bodies(connection, key, first, first + width)
    if len(bodies) < width or any(len(each) > LARGEST for each in bodies):
        return False
    _write(place, b"".join(len(each).to_bytes(2, "big") + each for each in bodies))
    return True


async def _bodies(connection: Connection, key: ProjectKey, first: int, past: int) -> Sequence[bytes]:
    """The records themselves, those of them that are there."""
    if key == ANCHOR:
        rows = await connection.fetch(SQL["anchored"], first, past)
        return [row["note"].partition("\n\n")[0].encode() + b"\n" for row in rows]
    rows = await connection.fetch(SQL["bodies"], *key, first, past)
    return [row["body"] for row in rows if row["body"]]


def _write(place: Path, content: bytes) -> None:
    """Whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.new")
    fresh.write_bytes(content)
    fresh.replace(place)
