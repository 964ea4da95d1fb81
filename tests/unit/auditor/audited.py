"""Bundles that are audited, and what was found."""

from pathlib import Path

from psmp.auditor.audit import Audit, Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.signed import read_keys
from psmp.words.ids import ProjectKey
from tests.bundles import Maker, key_file

OTHER = ProjectKey("acme", "other")


def known(witnesses: int = 0) -> Known:
    return Known(read_keys(key_file().splitlines()), witnesses=witnesses)


def audit(folder: Path, maker: Maker, having: Known | None = None, *, signed: bool = False) -> Audit:
    return Auditor(Bundle(maker.write(folder)), having or known()).run(signed=signed)


def found(audit: Audit) -> list[tuple[int, str, int, int]]:
    reports = (audit.whole, *audit.logs)
    return [(each.step, each.kind, each.first, each.last) for report in reports for each in report.findings]
