"""When a person is called: for a result that waits for one, a node that has failed too often, a whole to agree to."""

import re
from collections.abc import Iterator
from typing import Final

from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.waiting import waited_for
from psmp.rules.project import Project
from psmp.words.events import AlertCleared, AlertRaised
from psmp.words.orchestration.checks import HumanCheck
from psmp.words.orchestration.seen import Awaited
from psmp.words.values import Severity

PREFIX: Final = "maeg-"
_DASHES: Final = re.compile(r"-+")


def due(project: Project) -> Iterator[AlertRaised | AlertCleared]:
    """Calls that are to be made, and calls that are over."""
    wanted = {each.alert: each for maeg, run in project.runs.items() if run.is_open for each in _calls(maeg, run)}
    for name, alert in wanted.items():
        if name not in project.alerts:
            yield alert
    for name in project.alerts:
        if name.startswith(PREFIX) and name not in wanted:
            yield AlertCleared(alert=name, reason="nobody is waited for any more")


def _calls(maeg: str, run: Run) -> Iterator[AlertRaised]:
    for each in waited_for(run, f" of {maeg}"):
        match each:
            case Awaited(what="failed", node=str(node)):
                work = run.of(node)
                findings = work.ber.findings if work.ber else ()
                why = work.reason or "; ".join(found.text for found in findings if found.text)
                hint = f"psmp maeg correct {maeg} {node}, or psmp maeg abandon {maeg}"
                yield _alert(maeg, f"{node}-failed", f"{each.text}, last: {why}", hint)
            case Awaited(what="review", node=str(node), role=role):
                number = _asked(run, node).index(role) + 1
                about = f"{node}-review" if number == 1 else f"{node}-review-{number}"
                yield _alert(maeg, about, each.text, f"psmp maeg review {maeg} {node} --role {role!r}")
            case _:
                yield _alert(maeg, "approval", each.text, f"psmp maeg approve {maeg}")


def _asked(run: Run, node: str) -> list[str | None]:
    """The roles of the persons whom the review of a node asks, whether they have spoken or not."""
    checks = run.shape.agents[node].checks
    return list(dict.fromkeys(each.role for each in checks if isinstance(each, HumanCheck)))


def _alert(maeg: str, about: str, text: str, hint: str) -> AlertRaised:
    return AlertRaised(
        alert=_DASHES.sub("-", f"{PREFIX}{maeg.removeprefix('MAEG-')}-{about}"),
        severity=Severity.HIGH,
        text=text[:2000],
        hint=hint,
        person=True,
    )
