"""``psmp receipts``: what was promised, as far as it was kept, and whether it was us who promised it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.pages import receipts as pages
from psmp.ledger.keys import Use, read_public
from psmp.ledger.notes import Malformed, Untrusted, Verifier
from psmp.ledger.receipts import verified
from psmp.words.receipt import NoReceipt, Receipt, unpacked


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the file: its receipt, None where it has none, and why it does not hold. ``asked``: with keys."""

    line: int
    receipt: Receipt | None
    fault: str | None
    asked: bool


def receipts(
    file: Annotated[
        Path | None,
        Parameter(help="The file that receipts are kept in; left out, PSMP_RECEIPTS or what psmp.toml says."),
    ] = None,
    *,
    keys: Annotated[
        Path | None, Parameter(help="The public keys to hold them against; psmp dev says where its own are.")
    ] = None,
    answering: Answering = ANSWERING,
) -> Exit:
    """Show the receipts in a file, and whether their signatures hold.

    Whether the log has what they promise is for psmp verify BUNDLE --receipts FILE to say.
    """
    out = answering.out
    trusted = _trusted(keys) if keys else None
    found = [_kept(number, line, trusted) for number, line in _lines(_named(file)) if line]
    out.many(map(_plain, found), lambda: pages.kept(found))
    if not found:
        out.say("there is no receipt in it", "dim")
    if trusted is None:
        out.say("their signatures were not looked at: name the keys with --keys FILE", "dim")
    return Exit.INTEGRITY if any(each.fault for each in found) else Exit.DONE


def _named(file: Path | None) -> Path:
    said = os.environ.get("PSMP_RECEIPTS")
    path = file or (Path(said) if said else settings.defaults().receipts)
    if path is None:
        hint = "psmp receipts FILE; psmp declare --receipts FILE, PSMP_RECEIPTS or psmp.toml have them kept"
        raise Complaint(Exit.USAGE, "which file?", hint)
    return path


def _lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(map(str.strip, _text(path, "receipts", Exit.NOT_FOUND).split("\n")), 1))


def _trusted(path: Path) -> Sequence[Verifier]:
    try:
        found = read_public(_text(path, "keys", Exit.USAGE).splitlines())[Use.RECEIPT]
    except Malformed as error:
        raise Complaint(Exit.USAGE, f"{path}: {error}", "name a file of public keys") from None
    if not found:
        raise Complaint(Exit.USAGE, f"{path} has no receipt key", "its line is: receipt NAME+ID+KEY")
    return found


def _text(path: Path, what: str, missing: Exit) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Complaint(missing, f"no {what} in {path}: {error.strerror}", "name another file") from None


def _kept(number: int, line: str, trusted: Sequence[Verifier] | None) -> Kept:
    try:
        receipt = unpacked(line)
    except NoReceipt as error:
        return Kept(number, None, str(error), trusted is not None)
    fault = None
    if trusted is not None:
        try:
            verified(receipt.note, trusted)
        except (Malformed, Untrusted) as error:
            fault = str(error)
    return Kept(number, receipt, fault, trusted is not None)


def _plain(each: Kept) -> dict[str, Any]:
    receipt = each.receipt
    return {
        "line": each.line,
        "origin": receipt and receipt.origin,
        "sequence": receipt and receipt.sequence,
        "leaf": receipt and receipt.leaf,
        "holds": False if each.fault else (True if each.asked else None),
        "fault": each.fault,
    }
