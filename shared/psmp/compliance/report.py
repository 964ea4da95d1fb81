"""A report: every control of a framework with what was found, as Markdown for people and as JSON for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from psmp.compliance.controls import Control, Finding, Framework, judge
from psmp.compliance.evidence import Evidence, Standing
from psmp.compliance.gdpr import GDPR
from psmp.compliance.hipaa import HIPAA
from psmp.compliance.soc2 import SOC2

FRAMEWORKS: Final[Mapping[str, Framework]] = MappingProxyType({each.name: each for each in (SOC2, GDPR, HIPAA)})

_NOT: Final = (
    "It is no opinion of an auditor and no legal advice. It says what PSMP's record holds of each control, and nothing "
    "about what lies outside that record. No status says that a control is met."
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the record says about every control of a framework."""

    framework: Framework
    evidence: Evidence
    findings: tuple[tuple[Control, Finding], ...]

    @property
    def holds(self) -> bool:
        """Whether nothing in the record is broken."""
        return not self.evidence.faults


def report(framework: Framework, evidence: Evidence) -> Report:
    """The report; the same evidence gives the same one."""
    return Report(framework, evidence, tuple((each, judge(each, evidence)) for each in framework.controls))


def plain(made: Report) -> dict[str, Any]:
    """It as JSON."""
    evidence = made.evidence
    return {
        "framework": made.framework.name,
        "tenant": evidence.tenant,
        "since": evidence.since or None,
        "until": evidence.until or None,
        "position": evidence.position,
        "checkpoint": evidence.checkpoint,
        "again": again(made),
        "holds": made.holds,
        "faults": list(evidence.faults),
        "projects": [asdict(each) for each in evidence.standings],
        "controls": [
            {
                "control": control.name,
                "title": control.title,
                "status": finding.status,
                "about": control.about,
                "evidence": list(finding.evidence),
                "not_proved": control.limits,
            }
            for control, finding in made.findings
        ],
    }


def again(made: Report) -> str:
    """The command that makes the same report again."""
    evidence = made.evidence
    span = "".join(f" --{name} {time}" for name, time in (("since", evidence.since), ("until", evidence.until)) if time)
    where = f" --at {evidence.position} --checkpoint {evidence.checkpoint}"
    keys = " --keys FILE" if evidence.keys else ""
    return f"psmp report {made.framework.name} --tenant {evidence.tenant}{span}{where}{keys}"


def markdown(made: Report) -> str:
    """It as Markdown."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Report) -> Iterator[str]:
    evidence = made.evidence
    yield from (f"# {made.framework.title}: what the record of {_text(evidence.tenant)} says", "")
    span = f"from {evidence.since or 'the beginning'} to {evidence.until or 'the end'}"
    made_at = f"position {evidence.position} of the log and checkpoint {evidence.checkpoint}"
    yield f"Made at {made_at}; events {span} are counted."
    yield from (f"The same report again: `{again(made)}`. {_NOT}", "")
    yield from ("## Does the record hold?", "")
    yield from _verdict(made)
    yield from ("", "## Controls", "", "| control | | status |", "|---|---|---|")
    for control, finding in made.findings:
        yield f"| {control.name} | {control.title} | {finding.status} |"
    for control, finding in made.findings:
        yield from ("", f"### {control.name} {control.title}: {finding.status}", "")
        yield from (f"What the record can show: {control.about}.", "")
        yield from (f"- {_text(line)}" for line in finding.evidence)
        yield from ("", f"Not proved: {control.limits}.")


def _verdict(made: Report) -> Iterator[str]:
    evidence = made.evidence
    if not evidence.standings:
        yield "There is no record of this tenant up to this position."
        return
    if made.holds:
        yield "Yes: every record has its number and its hash and names the one before; every checkpoint has its root."
    else:
        yield "**No.**"
        yield from ("", *(f"- {_text(fault)}" for fault in evidence.faults))
    if not evidence.keys:
        yield "Signatures of checkpoints were not checked: no keys were named (`--keys FILE`)."
    yield from ("", "| project | records | head | newest checkpoint | holds |", "|---|---|---|---|---|")
    yield from map(_row, evidence.standings)


def _row(each: Standing) -> str:
    newest = f"number {each.number}, {each.size} records, root `{each.root}`" if each.checkpoints else "none"
    holds = "no" if each.fault else "yes"
    return f"| {_text(each.project)} | {each.records} | `{each.head}` | {newest} | {holds} |"


def _text(told: str) -> str:
    """What others wrote, in one line, where it can neither end a line nor begin markup."""
    line = " ".join("".join(each if each.isprintable() else " " for each in told).split())
    return "".join(f"\\{each}" if each in _MARKUP else each for each in line)


_MARKUP: Final = frozenset("\\`*_[]<>|#!~&")
