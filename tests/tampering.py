"""``make tamper-matrix``: makes every tampering that we know of, and prints what each kind of proof notices of it.

The log has 20 records; its last checkpoint, cosigned by a witness, covers 16 of them. An agent has kept a receipt for
every record, and the auditor the checkpoint of 16. The attacker can write to the database, so the bundle is his from
the first byte to the last, with a manifest that was signed for him; with the log key he also signs checkpoints.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from psmp.auditor.audit import Audit, Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.signed import Finding, read_keys
from tests.bundles import LOG, Log, Maker, honest, key_file, receipt, rechained
from tests.histories import KEY, History, declared

Records = list[bytes]
HONEST: Final = honest()
KEPT: Final = HONEST.notes[-1]
RECEIPTS: Final = tuple(receipt(HONEST.origin, number, body) for number, body in enumerate(HONEST.records, 1))


def edited(records: Records, place: int = 5) -> Records:
    """One word in one record is another."""
    made = list(records)
    made[place - 1] = made[place - 1].replace(b"what part-", b"not  part-")
    return made


def deleted(records: Records) -> Records:
    """Record 5 is gone."""
    return records[:4] + records[5:]


def inserted(records: Records) -> Records:
    """A record that never was stands in place 5, linked to the one before."""
    history = History()
    for number in range(1, 5):
        history.add(declared(f"part-{number}"))
    return [*records[:4], history.add(declared("forged")).body, *records[4:]]


def reordered(records: Records) -> Records:
    """Records 5 and 6 have changed places."""
    return [*records[:4], records[5], records[4], *records[6:]]


def replaced(_: Records) -> Records:
    """Another history from the beginning."""
    history = History()
    return [history.add(declared(f"other-{number}")).body for number in range(1, 21)]


def relinked(change: Callable[[Records], Records], first: int = 5) -> Callable[[Records], Records]:
    """The change, and every record from ``first`` on numbered and linked anew."""
    return lambda records: rechained(change(records), first)


@dataclass(frozen=True)
class Tampering:
    """What is done to the records.

    A thief of the log key signs the outcome at the sizes ``signs``; where there are none he leaves the honest
    checkpoints, of which those of more than ``keeps`` records are cut off in any case.
    """

    name: str
    records: Callable[[Records], Records]
    signs: tuple[int, ...] = (10, 19)
    keeps: int = 20

    def log(self, *, checkpoints: bool, stolen: bool) -> Log:
        """The log as the attacker hands it out."""
        made = Log(KEY, self.records(HONEST.records))
        if checkpoints and stolen and self.signs:
            made.sign(LOG, sizes=self.signs)
        elif checkpoints:
            made.notes = [note for note in HONEST.notes if int(note.split("\n")[1]) <= self.keeps]
        return made


@dataclass(frozen=True)
class Defence:
    """What the auditor goes by, and whether the attacker has the log key."""

    name: str
    checkpoints: bool = True
    stolen: bool = False
    kept: bool = False
    receipts: bool = False
    witnesses: int = 0

    def known(self) -> Known:
        """What the auditor has besides the bundle."""
        known = Known(read_keys(key_file().splitlines()), witnesses=self.witnesses)
        if self.kept:
            known.keep(KEPT)
        for note in RECEIPTS if self.receipts else ():
            known.promise(note)
        return known


TAMPERINGS: Final = (
    Tampering("edit", edited),
    Tampering("edit, re-chained", relinked(edited)),
    Tampering("delete", deleted),
    Tampering("delete, re-chained", relinked(deleted)),
    Tampering("insert", inserted),
    Tampering("insert, re-chained", relinked(inserted)),
    Tampering("reorder", reordered),
    Tampering("reorder, re-chained", relinked(reordered)),
    Tampering("tail cut, covered by a checkpoint", lambda records: records[:13], signs=(10, 13)),
    Tampering("tail cut with its checkpoints", lambda records: records[:13], signs=(), keeps=8),
    Tampering("tail cut, newer than any checkpoint", lambda records: records[:18], signs=()),
    Tampering("tail rewritten, covered by a checkpoint", relinked(lambda records: edited(records, 12), 12)),
    Tampering("tail rewritten, its checkpoints cut", relinked(lambda records: edited(records, 12), 12), (), keeps=8),
    Tampering("tail rewritten, newer than any checkpoint", relinked(lambda records: edited(records, 18), 18), signs=()),
    Tampering("whole log replaced", replaced),
    Tampering("split view: two roots for one size", relinked(lambda records: edited(records, 12), 12), signs=(8, 16)),
)

DEFENCES: Final = (
    Defence("chain alone", checkpoints=False),
    Defence("signed checkpoints"),
    Defence("log key stolen", stolen=True),
    Defence("+ witness", stolen=True, witnesses=1),
    Defence("+ kept checkpoint", stolen=True, kept=True),
    Defence("+ receipts", stolen=True, receipts=True),
)
"""What each column goes by. In those after the third the key is stolen too, so that each defence is seen alone."""


def audited(tampering: Tampering, defence: Defence, folder: Path) -> Audit:
    """What the auditor says of the bundle that the attacker hands out."""
    log = tampering.log(checkpoints=defence.checkpoints, stolen=defence.stolen)
    Maker([log], anchored=defence.checkpoints).write(folder)
    return Auditor(Bundle(folder), defence.known()).run(signed=True)


def first(audit: Audit) -> Finding | None:
    """The finding that a person reads first; None when the tampering was missed."""
    return next((each for report in (audit.whole, *audit.logs) for each in report.findings), None)


def main() -> int:
    """Print the table."""
    table = Table(box=None, pad_edge=False)
    for column in ("tampering", *(each.name for each in DEFENCES)):
        table.add_column(column, no_wrap=True)
    for tampering in TAMPERINGS:
        cells = []
        for defence in DEFENCES:
            with tempfile.TemporaryDirectory() as folder:
                found = first(audited(tampering, defence, Path(folder)))
            place = found and (f"{found.first}" if found.last in (0, found.first) else f"{found.first}-{found.last}")
            cells.append(f"[green]{found.kind} {place}[/]" if found else "[bold red]missed[/]")
        table.add_row(tampering.name, *cells)
    console = Console(width=None if sys.stdout.isatty() else 180, highlight=False)
    console.print(__doc__, markup=False)
    console.print("Each cell: what is found, and in which records.\n")
    console.print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
