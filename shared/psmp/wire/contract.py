"""``python -m psmp.wire.contract FOLDER`` writes the contract for machines, so that the folder has that alone."""

import sys
from pathlib import Path

from psmp.wire.assets import STREAMS
from psmp.words.schema import documents


def write(folder: Path) -> None:
    """Make ``folder`` have every document of the contract, as it is now, and no other JSON file."""
    files = documents(STREAMS)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/contract"))
