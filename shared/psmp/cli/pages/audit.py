"""What came of the audit of a bundle."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.auditor.audit import Audit
from psmp.auditor.records import Report, span
from psmp.auditor.signed import Finding
from psmp.cli.pages.layout import facts, indented
from psmp.cli.pages.wording import counted, shown


def audited(found: Audit) -> Group:
    """One line for each log; each finding with its place, its kind and both values; what else is worth knowing."""
    return Group(*_parts(found))


def _parts(found: Audit) -> Iterator[RenderableType]:
    if found.whole.findings:
        yield Text.assemble(("✗ ", "bold red"), (shown(found.whole.origin) or "the bundle", "bold"))
        yield from map(_finding, found.whole.findings)
    for report in found.logs:
        sign = ("✗ ", "bold red") if report.findings else ("✓ ", "green")
        yield Text.assemble(sign, (shown(report.origin), "bold"), f"  {_counts(report)}")
        yield from map(_finding, report.findings)
    for each in found.said:
        yield Text.assemble(("· ", "dim"), shown(each))
    made = f"of {shown(found.made_at)} " if found.made_at else ""
    if found.holds:
        yield Text(f"the record {made}holds", "bold green")
    else:
        yield Text(f"the record {made}does not hold", "bold red")


def _counts(report: Report) -> str:
    parts = [counted(report.records, "record"), f"{report.proved} under a signed root"]
    parts += [f"{report.pruned} pruned"] if report.pruned else []
    parts.append(counted(report.checkpoints, "checkpoint"))
    return ", ".join(parts + ([counted(report.receipts, "receipt")] if report.receipts else []))


def _finding(each: Finding) -> RenderableType:
    where = span(each.first, each.last) if each.first else "a file"
    rows = [(f"step {each.step}", Text(f"{each.kind}, in {where}", "red"))]
    rows += [("expected", Text(shown(each.expected))), ("found", Text(shown(each.found)))]
    return indented(facts(rows))
