"""What is still to be done when the log is written again, in a file: so that the next one goes on with it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = "restoring.json"


class Journal(NamedTuple):
    """Up to where each consumer had settled everything before, and up to where the log had all that the ledger has."""

    settled: Mapping[str, int]
    intact: int


def begun(folder: Path) -> Journal | None:
    """What was begun in ``folder`` and not finished; None for nothing."""
    path = folder / FILE
    if not path.is_file():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return Journal(said["settled"], said["intact"])


def begin(folder: Path, journal: Journal) -> Journal:
    """Keep it, unless there is one from before, which counts; it is on disk when this returns."""
    before = begun(folder)
    if before is not None:
        return before
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"{FILE}.fresh"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(journal._asdict(), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)
    return journal


def finished(folder: Path) -> None:
    """Nothing is left to do."""
    (folder / FILE).unlink(missing_ok=True)
