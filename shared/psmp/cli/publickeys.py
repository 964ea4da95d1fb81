"""A file of public keys, as an option: whose signatures are believed."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.ledger.keys import Keys, Use, read_public
from psmp.ledger.notes import Malformed, Verifier
from psmp.stack.keyfiles import PUBLIC

KeyFile = Annotated[
    Path | None, Parameter(name="--keys", help="The file of public keys to believe, obtained from whoever runs PSMP.")
]


def log_keys(data: Path | None = None) -> tuple[Verifier, ...]:
    """The keys of logs that are known: those in the file ``PSMP_LOG_KEYS``, else of the ``psmp dev`` in ``data``."""
    file = os.environ.get("PSMP_LOG_KEYS")
    if file:
        return public_keys(Path(file))[Use.LOG]
    known = data / PUBLIC if data else None
    return public_keys(known)[Use.LOG] if known and known.exists() else ()


def public_keys(file: Path) -> Keys[Verifier]:
    """The keys in it; raises ``Complaint`` where it cannot be read."""
    try:
        return read_public(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError, Malformed) as error:
        why = f"{file}: {getattr(error, 'strerror', None) or error}"
        raise Complaint(Exit.USAGE, why, "one key a line: log NAME+ID+KEY") from None
