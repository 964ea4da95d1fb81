"""The command."""

import argparse
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from . import __doc__ as about
from .audit import Audit, Auditor, Known, single
from .bundle import Bundle, notes
from .records import Report, Tell, span
from .signed import Flawed, Wrong, read_keys

INTACT, WRONG_USE, NOTHING_THERE, TAMPERED = 0, 2, 4, 7
UNREADABLE: Final = (Wrong, OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What is raised where the tool was asked wrongly, or cannot read what it was given."""


def known(keys: Path, since: Sequence[Path] = (), receipts: Sequence[Path] = (), witnesses: int = 0) -> Known:
    """What the auditor has, from files; raises ``Wrong`` where one does not hold by itself."""
    if witnesses < 0:
        raise Wrong("--witnesses is less than none")
    with keys.open(encoding="utf-8") as file:
        found = Known(read_keys(file), witnesses=witnesses)
    for paths, take in ((since, found.keep), (receipts, found.promise)):
        for path in paths:
            _take(path, take)
    return found


def _take(path: Path, take: Callable[[str], None]) -> None:
    try:
        for note in notes(path):
            take(note)
    except Flawed as flaw:
        raise Wrong(f"{path} does not hold by itself, {flaw}") from None


def audit(path: Path, known: Known, *, signed: bool = False, tell: Tell = lambda *_: None) -> Audit:
    """The audit of a bundle or of a single log; raises what is in ``UNREADABLE``."""
    if path.suffix == ".jsonl":
        return single(path, known, tell)
    return Auditor(Bundle(path), known, tell).run(signed=signed)


def told(found: Audit) -> Iterator[str]:
    """The audit for a person, line by line; what others wrote cannot steer a terminal."""
    for report in (found.whole, *found.logs):
        if report is not found.whole:
            yield f"{'TAMPERED' if report.findings else 'holds':8}  {plain(report.origin)}  {counts(report)}"
        for each in report.findings:
            where = span(each.first, each.last) if each.first else "a file"
            yield f"          step {each.step}, {each.kind}, in {where}"
            yield f"            expected {plain(each.expected)}"
            yield f"            found    {plain(each.found)}"
    yield from (f"note: {plain(each)}" for each in found.said)
    yield "the record holds" if found.holds else "THE RECORD DOES NOT HOLD"


def counts(report: Report) -> str:
    """The figures of one log."""
    parts = [f"{report.records} records", f"{report.proved} of them under a signed root"]
    parts += [f"{report.pruned} pruned"] * bool(report.pruned) + [f"{report.checkpoints} checkpoints"]
    return ", ".join(parts + [f"{report.receipts} receipts"] * bool(report.receipts))


def plain(text: str) -> str:
    """``text`` on one line, in printable ASCII."""
    return text.encode("unicode_escape").decode()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns how it ends."""
    parser = argparse.ArgumentParser(
        prog="auditor", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path, help="a folder, a .zip of one, or a single log as .jsonl")
    parser.add_argument("--keys", type=Path, required=True, help="the keys that are trusted, one a line")
    parser.add_argument("--since", type=Path, action="append", default=[], help="checkpoints that were kept")
    parser.add_argument("--receipts", type=Path, action="append", default=[], help="receipts that agents kept")
    parser.add_argument("--witnesses", type=int, default=0, help="how many must have cosigned a log's last checkpoint")
    parser.add_argument("--signed", action="store_true", help="a manifest that nobody signed is a flaw")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    if not asked.bundle.exists():
        print(f"there is no {asked.bundle}", file=sys.stderr)
        return NOTHING_THERE
    try:
        found = audit(
            asked.bundle, known(asked.keys, asked.since, asked.receipts, asked.witnesses), signed=asked.signed
        )
    except UNREADABLE as error:
        print(plain(str(error) or type(error).__name__), file=sys.stderr)
        return WRONG_USE
    print(json.dumps(asdict(found) | {"holds": found.holds}, indent=2) if asked.json else "\n".join(told(found)))
    return INTACT if found.holds else TAMPERED


if __name__ == "__main__":
    raise SystemExit(main())
