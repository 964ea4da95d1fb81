"""What stood in a log that is replaced and is not in the ledger, in a file: one record a line, with its exact bytes."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from psmp.store.restore.walk import Logged

FILE: Final = "log.jsonl"


def keep(folder: Path, records: Iterable[Logged]) -> int:
    """Add records to the file in ``folder`` that it lacks; how many. They are on disk when this returns."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {(each.position, each.body) for each in kept(folder)}
    fresh = [each for each in records if (each.position, each.body) not in known]
    with (folder / FILE).open("a", encoding="utf-8") as file:
        for each in fresh:
            line = {"position": each.position, "subject": each.subject, "body": b64encode(each.body).decode()}
            file.write(json.dumps(line) + "\n")
    return len(fresh)


def kept(folder: Path) -> list[Logged]:
    """The records in the file in ``folder``, in their order; none where there is no file."""
    path = folder / FILE
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Logged(line["position"], line["subject"], b64decode(line["body"])) for line in lines]
