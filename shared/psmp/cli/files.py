"""Text that goes to a file or to standard output, and files that are read whole."""

from pathlib import Path

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.output import writing


def deliver(text: str, file: Path | None) -> None:
    """Write it; to standard output where no file is named, or ``-``. Raises ``Complaint``."""
    if file is None or str(file) == "-":
        with writing() as stdout:
            stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror or error}", "name a file that can be written") from None


def content(file: Path) -> bytes:
    """All that is in it; raises ``Complaint``."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{file}: {error.strerror or error}", "name a file that can be read") from None
