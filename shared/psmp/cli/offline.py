"""``psmp verify`` on a bundle: the stand-alone auditor with the command line's own pages and exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from psmp.auditor.__main__ import UNREADABLE, audit, known
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.output import Output
from psmp.cli.pages import audit as pages


@dataclass(frozen=True, slots=True)
class Asked:
    """What the auditor goes by besides the keys."""

    since: tuple[Path, ...] = ()
    receipts: tuple[Path, ...] = ()
    witnesses: int = 0
    signed: bool = False


def offline(path: Path, keys: Path | None, asked: Asked, out: Output) -> Exit:
    """Verify and tell; how the command ends. Raises ``Complaint``."""
    if not path.exists():
        raise Complaint(Exit.NOT_FOUND, f"there is no {path}", "psmp export writes a bundle")
    if keys is None:
        hint = "--keys FILE, the public keys as the operator published them; psmp dev prints where its own are"
        raise Complaint(Exit.USAGE, "nothing says which keys are trusted", hint)
    try:
        having = known(keys, asked.since, asked.receipts, asked.witnesses)
        with progress(out) as tell:
            found = audit(path, having, signed=asked.signed, tell=tell)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise Complaint(Exit.USAGE, why, "psmp verify --help") from None
    except UNREADABLE as error:
        raise Complaint(Exit.USAGE, str(error) or type(error).__name__, "psmp verify --help") from None
    out.one(asdict(found) | {"holds": found.holds}, lambda: pages.audited(found))
    return Exit.DONE if found.holds else Exit.INTEGRITY


@contextmanager
def progress(out: Output) -> Iterator[Callable[[str, int], object]]:
    """How far it is, in a line of a terminal that comes and goes."""
    if not out.margin.is_terminal:
        yield lambda *_: None
        return
    with out.margin.status("") as status:
        yield lambda what, count: status.update(f"{what}: {count:,} records")
